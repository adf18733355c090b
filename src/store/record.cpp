#include "store/record.h"

#include <cstring>
#include <utility>

namespace sluice::store {

namespace {

constexpr char kFormat = 1;
constexpr int kAttempt = 127;
enum Kind : std::uint64_t { kNumber = 0, kBytes = 1 };

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

constexpr std::uint64_t key_of(int number, Kind kind) {
  return static_cast<unsigned>(number) << 1 | kind;
}

constexpr std::size_t kLongestKey = 2;  // all numbers of fields take one byte or two
constexpr std::size_t kLongestVarint = 10;

// The most bytes that fields may take: their writer need not look for room.
struct Measure {
  std::size_t most = 0;

  template <class Number>
  void operator()(int, const char*, const Number&) {
    most += kLongestKey + kLongestVarint;
  }
  void operator()(int, const char*, const std::string& value) { text(value.size()); }
  void operator()(int, const char*, const std::string_view& value) { text(value.size()); }
  void operator()(int, const char*, const Tags& tags) { pairs(tags); }
  void operator()(int, const char*, const TagsView& tags) { pairs(tags); }

 private:
  void text(std::size_t size) { most += kLongestKey + kLongestVarint + size; }
  void pairs(TagsView tags) {
    for (const auto& [name, value] : tags) text(kLongestVarint + name.size() + value.size());
  }
};

std::size_t varint_size(std::uint64_t value) {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

struct Writer {
  char* at;

  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
    *at++ = static_cast<char>(value);
  }
  void key(int number, Kind kind) { varint(key_of(number, kind)); }
  void plain(std::string_view text) { at += text.copy(at, text.size()); }
  void bytes(std::string_view text) {
    varint(text.size());
    plain(text);
  }
  void number(int number, std::int64_t value) {
    key(number, kNumber);
    varint(zigzag(value));
  }

  void operator()(int number, const char*, std::int64_t value) {
    if (value != 0) this->number(number, value);
  }
  void operator()(int number, const char*, bool value) {
    if (value) this->number(number, 1);
  }
  void operator()(int number, const char*, const std::optional<std::int64_t>& value) {
    if (value) this->number(number, *value);
  }
  void operator()(int number, const char*, std::string_view value) {
    if (value.empty()) return;
    key(number, kBytes);
    bytes(value);
  }
  void operator()(int number, const char*, TagsView tags) {
    for (const auto& [name, value] : tags) {
      key(number, kBytes);
      varint(varint_size(name.size()) + name.size() + value.size());
      bytes(name);
      plain(value);
    }
  }
};

// What is left of a record. A mistake empties it, and `ok` says so.
struct Source {
  const char *at, *end;
  bool ok = true;

  explicit Source(std::string_view bytes) : at(bytes.data()), end(at + bytes.size()) {}

  std::string_view rest() const { return {at, static_cast<std::size_t>(end - at)}; }
  // Most take one byte.
  std::uint64_t varint() {
    if (at != end && static_cast<unsigned char>(*at) < 0x80) return static_cast<unsigned char>(*at++);
    return long_varint();
  }
  [[gnu::noinline]] std::uint64_t long_varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && at != end; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at++);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }
  std::string_view bytes() {
    const auto length = varint();
    if (length > static_cast<std::size_t>(end - at)) {
      fail();
      return {};
    }
    const std::string_view text(at, length);
    at += length;
    return text;
  }
  void fail() {
    ok = false;
    at = end;
  }
};

// The fields of a record, one after the other. As a visitor it gives members those of their numbers, of which the next
// is usually the next member's: they were written in the same order. Texts are views of the record.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : source_{bytes} { next(); }

  bool ok() const { return source_.ok; }
  bool ended() const { return key_ == kEnd; }
  std::size_t left() const { return source_.rest().size(); }
  bool is(int number, Kind kind) const { return key_ == key_of(number, kind); }
  std::string_view bytes() const { return bytes_; }

  [[gnu::noinline]] void next() {
    key_ = kEnd;
    if (source_.at == source_.end) return;
    const auto key = source_.varint();
    if (key >= kEnd) source_.fail();
    if ((key & 1) == kNumber) value_ = source_.varint();
    if ((key & 1) == kBytes) bytes_ = source_.bytes();
    if (source_.ok) key_ = key;
  }

  void operator()(int number, const char*, std::int64_t& value) {
    for (; is(number, kNumber); next()) value = unzigzag(value_);
  }
  void operator()(int number, const char*, bool& value) {
    for (; is(number, kNumber); next()) value = value_ != 0;
  }
  void operator()(int number, const char*, std::optional<std::int64_t>& value) {
    for (; is(number, kNumber); next()) value = unzigzag(value_);
  }
  void operator()(int number, const char*, std::string_view& value) {
    for (; is(number, kBytes); next()) value = bytes_;
  }
  void operator()(int number, const char*, BasicTags<std::string_view>& tags) {
    for (; is(number, kBytes); next()) {
      Source pair{bytes_};
      auto name = pair.bytes();
      if (pair.ok) tags.emplace_back(name, pair.rest());
    }
  }

 private:
  static constexpr std::uint64_t kEnd = 1 << 17;  // no key of a field is as large

  Source source_;
  std::uint64_t key_ = kEnd;
  std::uint64_t value_ = 0;
  std::string_view bytes_;
};

// Gives the row its fields, in whatever order they are. `take` says which it takes itself; others that are none of the
// row's are passed over.
template <class Row, class Take>
bool read_fields(std::string_view bytes, Row& row, Take&& take) {
  Fields fields(bytes);
  while (!fields.ended()) {
    const auto before = fields.left();
    if (!take(fields)) each_field(row, fields);
    if (fields.left() == before) fields.next();
  }
  return fields.ok();
}

}  // namespace

namespace {

// But for the attempts.
template <class Row>
void append_exchange(std::string& out, const Row& row) {
  Measure measure;
  each_field(row, measure);
  const auto before = out.size();
  out.resize_and_overwrite(before + 1 + measure.most, [&](char* to, std::size_t) {
    to[before] = kFormat;
    Writer writer{to + before + 1};
    each_field(row, writer);
    return static_cast<std::size_t>(writer.at - to);
  });
}

// Its length is written before it and known behind it: it is moved where that takes fewer bytes than it might have.
template <class Row>
void append_fields(std::string& out, const Row& attempt) {
  Measure measure;
  each_field(attempt, measure);
  const auto before = out.size();
  const auto room = kLongestKey + varint_size(measure.most);
  out.resize_and_overwrite(before + room + measure.most, [&](char* to, std::size_t) {
    Writer head{to + before};
    Writer fields{to + before + room};
    each_field(attempt, fields);
    const std::string_view written(to + before + room, fields.at);
    head.key(kAttempt, kBytes);
    head.varint(written.size());
    std::memmove(head.at, written.data(), written.size());
    return static_cast<std::size_t>(head.at - to) + written.size();
  });
}

}  // namespace

std::string to_record(const ExchangeRow& row) {
  std::string out;
  append_exchange(out, row);
  for (const auto& attempt : row.attempts) append_fields(out, attempt);
  return out;
}

void append_record(std::string& out, const NewExchangeView& row) {
  append_exchange(out, row);
}
void append_attempt(std::string& out, const AttemptView& attempt) {
  append_fields(out, attempt);
}

bool read_record(std::string_view record, ExchangeView& row) {
  row.tags.clear();
  row.attempts.clear();
  row = {.tags = std::move(row.tags), .attempts = std::move(row.attempts)};
  if (record.empty() || record[0] != kFormat) return false;
  bool whole = true;
  auto take_attempt = [&](const Fields& fields) {
    if (!fields.is(kAttempt, kBytes)) return false;
    auto none = [](const Fields&) { return false; };
    whole = whole && read_fields(fields.bytes(), row.attempts.emplace_back(), none);
    return true;
  };
  return read_fields(record.substr(1), row, take_attempt) && whole && !row.id.empty();
}

std::optional<ExchangeRow> from_record(std::string_view record) {
  ExchangeView row;
  if (!read_record(record, row)) return std::nullopt;
  return row_as<ExchangeRow>(row);
}

}  // namespace sluice::store
