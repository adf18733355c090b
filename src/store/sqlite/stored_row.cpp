#include "store/sqlite/stored_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/ids.h"
#include "base/text.h"
#include "json/text.h"

namespace sluice::store::sqlite {

namespace {

constexpr int kOfUsage = 100;  // numbers of an attempt above it are its usage's

// Whether StoredRow has a column for this field of an exchange.
constexpr bool is_column(int number) {
  return number == 1 || number == 2 || (number >= 9 && number <= 11) || number == 20 || number == 25;
}

// The most that a field can take, its comma included.
struct Size {
  std::size_t bytes = 0;

  void operator()(int, const char*, std::string_view member) { bytes += most(member); }
  void operator()(int, const char*, const BasicTags<std::string_view>& member) {
    bytes += 3;
    for (const auto& [name, value] : member) bytes += most(name) + most(value);
  }
  void operator()(int, const char*, const auto&) { bytes += 1 + 20; }

  static std::size_t most(std::string_view text) { return 1 + 2 + 6 * text.size(); }
};

constexpr std::size_t kTogether = 16;  // bytes of a text that are looked at

std::size_t most_bytes(const ExchangeView& row) {
  constexpr std::size_t kBrackets = 8;
  Size size{kBrackets + kTogether};
  each_field(row, size);
  for (const auto& attempt : row.attempts) {
    size.bytes += kBrackets;
    each_field(attempt, size);
  }
  return size.bytes;
}

// Writes into memory that is large enough: a row is sixty small pieces, most of them a digit or two quotes.
class TextWriter {
 public:
  explicit TextWriter(char* at) : at_(at) {}

  char* at() const { return at_; }

  void write(const ExchangeView& row) {
    plain("[[");
    for (const auto& attempt : row.attempts) {
      if (&attempt != row.attempts.data()) put(',');
      write(attempt);
    }
    put(']');
    each_field(row, [&](int number, const char*, const auto& member) {
      put(',');
      if (is_column(number)) {
        put('0');
      } else {
        put(member);
      }
    });
    put(']');
  }

 private:
  void write(const AttemptView& attempt) {
    plain("[[0");
    each_field(attempt.usage, [&](int, const char*, const auto& member) {
      put(',');
      put(member);
    });
    put(']');
    each_field(attempt, [&](int number, const char*, const auto& member) {
      if (number >= kOfUsage) return;
      put(',');
      put(member);
    });
    put(']');
  }

  void put(char c) { *at_++ = c; }
  void plain(std::string_view text) { at_ += text.copy(at_, text.size()); }
  void put(bool member) { put(member ? '1' : '0'); }
  void put(std::int64_t member) {
    if (member == 0) return put('0');
    at_ = std::to_chars(at_, at_ + 20, member).ptr;
  }
  void put(const std::optional<std::int64_t>& member) {
    if (member) return put(*member);
    plain("null");
  }
  // Copied first, for most texts are plain to the end, and then looked at where what follows is ours.
  void put(std::string_view member) {
    if (member.empty()) return plain(R"("")");
    char* const text = at_ + 1;
    member.copy(text, member.size());
    if (!is_plain(text, member.size())) return put_escaped(member);
    *at_ = text[member.size()] = '"';
    at_ = text + member.size() + 1;
  }
  [[gnu::noinline]] void put_escaped(std::string_view member) {
    std::string quoted;
    append_json_string(quoted, member);
    plain(quoted);
  }
  static bool is_plain(char* text, std::size_t size) {
    using Together = std::array<unsigned char, kTogether>;
    std::memset(text + size, ' ', kTogether);
    Together others{};
    for (const char* at = text; at < text + size; at += kTogether) {
      for (std::size_t i = 0; i < kTogether; ++i) {
        const auto c = static_cast<signed char>(at[i]);
        others[i] |= static_cast<unsigned char>((c < 0x20) | (c == 0x7f) | (c == '"') | (c == '\\'));
      }
    }
    return others == Together();
  }
  void put(const BasicTags<std::string_view>& tags) {
    put('{');
    for (const auto& tag : tags) {
      if (&tag != tags.data()) put(',');
      put(tag.first);
      put(':');
      put(tag.second);
    }
    put('}');
  }

  char* at_;
};

// As a visitor it gives members what stands next in an array; one that has ended leaves them as they are.
class ArrayReader {
 public:
  explicit ArrayReader(json::Cursor& cursor) : cursor_(cursor), open_(cursor.enter_array()) {}

  bool next() {
    open_ = open_ && cursor_.next_element();
    return open_;
  }
  void pass() {
    if (next()) cursor_.skip();
  }
  void end() {
    while (next()) cursor_.skip();
  }

  void operator()(int, const char*, std::int64_t& member) {
    if (next()) read(cursor_.skip(), member);
  }
  void operator()(int, const char*, bool& member) {
    if (next()) member = cursor_.skip() != "0";
  }
  void operator()(int, const char*, std::optional<std::int64_t>& member) {
    if (!next()) return;
    const bool is_told = cursor_.kind() == json::Kind::kNumber;
    const auto text = cursor_.skip();
    if (is_told) read(text, member.emplace());
  }
  void operator()(int, const char*, std::string& member) {
    if (next()) member = json::unescape_leniently(cursor_.take_text());
  }
  void operator()(int, const char*, Tags& member) {
    if (!next()) return;
    if (cursor_.kind() != json::Kind::kObject) {
      cursor_.skip();
      return;
    }
    cursor_.enter_object();
    while (auto name = cursor_.next_key()) {
      auto& [tag, value] = member.emplace_back(*name, "");
      value = json::unescape_leniently(cursor_.take_text());
    }
  }

 private:
  static void read(std::string_view text, std::int64_t& number) {
    std::from_chars(text.data(), text.data() + text.size(), number);
  }

  json::Cursor& cursor_;
  bool open_;
};

void read_attempt(json::Cursor& cursor, AttemptRow& attempt) {
  ArrayReader fields(cursor);
  if (fields.next()) {
    ArrayReader usage(cursor);
    usage.pass();
    each_field(attempt.usage, usage);
    usage.end();
  }
  each_field(attempt, [&](int number, const char* name, auto& member) {
    if (number < kOfUsage) fields(number, name, member);
  });
  fields.end();
}

bool read_valid(json::Reader& reader, std::string_view text, ExchangeRow& row) {
  auto cursor = reader.scan_copy(text);
  if (!cursor) return false;
  ArrayReader fields(*cursor);
  if (fields.next()) {
    ArrayReader attempts(*cursor);
    while (attempts.next()) read_attempt(*cursor, row.attempts.emplace_back());
  }
  each_field(row, [&](int number, const char* name, auto& member) {
    if (is_column(number)) {
      fields.pass();
    } else {
      fields(number, name, member);
    }
  });
  fields.end();
  return cursor->finish();
}

// Rows that were columns once may hold texts that are not UTF-8.
std::string in_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const auto length = utf8_length(text);
    valid += length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return valid;
}

template <class Row>
int number_of(std::string_view name) {
  int found = 0;
  const Row row{};
  each_field(row, [&](int number, const char* its, const auto&) {
    if (name == its) found = number;
  });
  return found;
}

}  // namespace

StoredRow stored_columns(const ExchangeView& row) {
  return {.id = row.id,
          .arrived_us = row.arrived_us,
          .key = row.key,
          .team = row.team,
          .user = row.user,
          .fault = row.fault,
          .kept_id = row.kept_id,
          .stray = time_in_id(row.id) == row.arrived_us ? 0 : 1,
          .fields = {}};
}

void append_text(std::string& out, const ExchangeView& row) {
  const auto before = out.size();
  out.resize_and_overwrite(before + most_bytes(row), [&](char* memory, std::size_t) {
    TextWriter writer(memory + before);
    writer.write(row);
    return static_cast<std::size_t>(writer.at() - memory);
  });
}

bool read_text(json::Reader& reader, std::string_view text, ExchangeRow& row) {
  if (read_valid(reader, text, row)) return true;
  const auto valid = in_utf8(text);
  row.tags.clear();
  row.attempts.clear();
  return valid != text && read_valid(reader, valid, row);
}

std::string path_in_exchange(std::string_view name) {
  return fmt::format("$[{}]", number_of<ExchangeRow>(name));
}

std::string path_in_attempt(std::string_view name) {
  return fmt::format("$[{}]", number_of<AttemptRow>(name));
}

}  // namespace sluice::store::sqlite
