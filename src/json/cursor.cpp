#include "json/cursor.h"

#include "json/text.h"

namespace sluice::json {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

constexpr std::size_t kLook = 16;

// Whether a backslash is among so many bytes.
bool look(const char* bytes) {
  unsigned found = 0;
  for (std::size_t i = 0; i < kLook; ++i) found |= bytes[i] == '\\' ? 1U : 0U;
  return found != 0;
}

// False: no backslash stands in a key. Keys are short and none is near, which a look at either end tells.
bool may_have_backslash(std::string_view text, std::size_t begin, std::size_t end) {
  if (begin + kLook > text.size() || end > begin + 2 * kLook || look(text.data() + begin)) return true;
  return end > begin + kLook && look(text.data() + end - kLook);
}

std::size_t digits(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at;
}

// RFC 8259, 6.
[[gnu::noinline]] bool is_any_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  std::size_t end = digits(text, at);
  if (end == at || (text[at] == '0' && end > at + 1)) return false;
  at = end;
  if (at < text.size() && text[at] == '.') {
    end = digits(text, at + 1);
    if (end == at + 1) return false;
    at = end;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    end = digits(text, at);
    if (end == at) return false;
    at = end;
  }
  return at == text.size();
}

// Most are counts.
bool is_number(std::string_view text) {
  const bool may_be_count = text[0] != '0' || text.size() == 1;
  return (may_be_count && digits(text, 0) == text.size()) || is_any_number(text);
}

}  // namespace

Kind Cursor::kind() const {
  switch (ahead()) {
    case '{':
      return Kind::kObject;
    case '[':
      return Kind::kArray;
    case '"':
      return Kind::kString;
    case 't':
      return Kind::kTrue;
    case 'f':
      return Kind::kFalse;
    case 'n':
      return Kind::kNull;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      return Kind::kNumber;
    default:
      return Kind::kNone;
  }
}

bool Cursor::fail(std::string_view why) {
  if (!broken_) broken_ = Broken{offset(), why};
  next_ = end_;
  return false;
}

bool Cursor::take(char token) {
  if (next_ == end_ || text_[*next_] != token) return false;
  end_of_last_ = *next_ + 1;
  ++next_;
  return true;
}

bool Cursor::enter_object() {
  fresh_ = take('{');
  return fresh_;
}

bool Cursor::enter_array() {
  fresh_ = take('[');
  return fresh_;
}

std::optional<std::string_view> Cursor::next_key() {
  const bool first = fresh_;
  fresh_ = false;
  cut_begin_ = end_of_last_;
  if (take('}')) return std::nullopt;
  first_member_ = first;
  if (!first && !take(',')) {
    fail("a comma or '}' is expected");
    return std::nullopt;
  }
  if (!take_key()) return std::nullopt;
  const std::uint32_t* const token = next_ - 2;
  key_begin_ = *token;
  key_end_ = token_end(token);
  if (may_have_backslash(text_, key_begin_ + 1, key_end_ - 1)) return unescaped_key();
  return std::string_view(text_.data() + key_begin_ + 1, key_end_ - key_begin_ - 2);
}

[[gnu::noinline]] std::optional<std::string_view> Cursor::unescaped_key() {
  const std::string_view key = text_.substr(key_begin_ + 1, key_end_ - key_begin_ - 2);
  if (!key.contains('\\')) return key;
  auto plain = unescape(key);
  if (!plain) {
    broken_ = Broken{key_begin_, "the key has a broken escape"};
    next_ = end_;
    return std::nullopt;
  }
  key_ = *std::move(plain);
  return key_;
}

// With its colon.
bool Cursor::take_key() {
  if (end_ - next_ < 2 || text_[next_[0]] != '"' || text_[next_[1]] != ':') return fail_at_key();
  end_of_last_ = next_[1] + 1;
  next_ += 2;
  return true;
}

[[gnu::noinline]] bool Cursor::fail_at_key() {
  return fail(take('"') ? "a colon is expected" : "a key in quotes is expected");
}

bool Cursor::next_element() {
  if (broken_) return false;
  const bool first = fresh_;
  fresh_ = false;
  if (take(']')) return false;
  return first || take(',') || fail("a comma or ']' is expected");
}

// The end of a token: up to the next one there can only be white space behind it.
std::size_t Cursor::token_end(const std::uint32_t* token) const {
  std::size_t end = token + 1 < end_ ? token[1] : text_.size();
  while (end > *token + 1 && is_space(text_[end - 1])) --end;
  return end;
}

[[gnu::noinline]] bool Cursor::take_scalar() {
  if (next_ == end_) return fail("a value is expected, but the text ends");
  const std::size_t end = token_end(next_);
  const std::string_view token(text_.data() + *next_, end - *next_);
  if (const char first = token[0]; first == '-' || (first >= '0' && first <= '9')) {
    if (!is_number(token)) return fail("the number is not written as JSON asks");
  } else if (first == 't' || first == 'f' || first == 'n') {
    if (token != "true" && token != "false" && token != "null") return fail("the word is neither true, false nor null");
  } else if (first != '"') {
    return fail("a value is expected");
  }
  end_of_last_ = end;
  ++next_;
  return true;
}

std::string_view Cursor::skip() {
  fresh_ = false;
  const std::size_t begin = offset();
  const char token = ahead();
  if (token == '"') {
    end_of_last_ = token_end(next_);
    ++next_;
  } else if (!(token == '{' || token == '[' ? skip_container() : take_scalar())) {
    return {};
  }
  return {text_.data() + begin, end_of_last_ - begin};
}

std::string_view Cursor::take_text() {
  const bool is_text = ahead() == '"';
  const std::string_view text = skip();
  return is_text && text.size() >= 2 ? text.substr(1, text.size() - 2) : std::string_view{};
}

std::optional<std::uint64_t> Cursor::take_count() {
  constexpr std::size_t kMostDigits = 18;
  if (next_ == end_) return std::nullopt;
  const std::string_view token(text_.data() + *next_, token_end(next_) - *next_);
  if (token.size() > kMostDigits || (token[0] == '0' && token.size() > 1)) return std::nullopt;
  std::uint64_t count = 0;
  for (char c : token) {
    if (c < '0' || c > '9') return std::nullopt;
    count = count * 10 + static_cast<std::uint64_t>(c - '0');
  }
  fresh_ = false;
  end_of_last_ = *next_ + token.size();
  ++next_;
  return count;
}

bool Cursor::finish() {
  if (!broken_ && next_ != end_) fail("nothing may follow the value");
  return !broken_;
}

// One bit a level says whether it is an object; depth is the number of open levels.
[[gnu::noinline]] bool Cursor::skip_container() {
  std::uint64_t objects[kMaxDepth / 64] = {};
  std::size_t depth = 0;
  while (true) {
    const char token = ahead();
    if (token == '{' || token == '[') {
      if (depth == kMaxDepth) return fail("the nesting is too deep");
      const std::uint64_t bit = std::uint64_t{1} << (depth % 64);
      std::uint64_t& word = objects[depth / 64];
      word = token == '{' ? word | bit : word & ~bit;
      ++depth;
      take(token);
      if (!take(token == '{' ? '}' : ']')) {
        if (token == '{' && !take_key()) return false;
        continue;
      }
      --depth;
    } else if (token == '"') {
      ++next_;  // the first stage has closed it; its end is of no interest inside of a container
    } else if (!take_scalar()) {
      return false;
    }
    if (!after_value(objects, depth)) return false;
    if (depth == 0) return true;
  }
}

// Takes closing brackets, then a comma (and key) when a level is still open.
bool Cursor::after_value(std::uint64_t* objects, std::size_t& depth) {
  while (depth > 0) {
    const bool in_object = ((objects[(depth - 1) / 64] >> ((depth - 1) % 64)) & 1) != 0;
    if (take(in_object ? '}' : ']')) {
      --depth;
      continue;
    }
    if (!take(',')) return fail(in_object ? "a comma or '}' is expected" : "a comma or ']' is expected");
    return !in_object || take_key();
  }
  return true;
}

}  // namespace sluice::json
