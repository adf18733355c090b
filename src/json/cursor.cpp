#include "json/cursor.h"

#include "json/text.h"

namespace sluice::json {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

std::size_t digits(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at;
}

// RFC 8259, 6.
bool is_number(std::string_view text) {
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
  if (ahead() != token || next_ == end_) return false;
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
  if (broken_) return std::nullopt;
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
  std::string_view key = text_.substr(key_begin_ + 1, key_end_ - key_begin_ - 2);
  if (key.find('\\') == std::string_view::npos) return key;
  auto plain = unescape(key);
  if (!plain) {
    broken_ = Broken{key_begin_, "the key has a broken escape"};
    next_ = end_;
    return std::nullopt;
  }
  key_ = *std::move(plain);
  return key_;
}

bool Cursor::take_key() {
  if (ahead() != '"') return fail("a key in quotes is expected");
  key_begin_ = *next_;
  key_end_ = token_end();
  ++next_;
  return take(':') || fail("a colon is expected");
}

bool Cursor::next_element() {
  if (broken_) return false;
  const bool first = fresh_;
  fresh_ = false;
  if (take(']')) return false;
  return first || take(',') || fail("a comma or ']' is expected");
}

// The end of the token ahead: up to the next token there can only be white space behind it.
std::size_t Cursor::token_end() const {
  std::size_t end = next_ + 1 < end_ ? next_[1] : text_.size();
  while (end > *next_ + 1 && is_space(text_[end - 1])) --end;
  return end;
}

bool Cursor::take_scalar() {
  if (next_ == end_) return fail("a value is expected, but the text ends");
  const std::size_t end = token_end();
  const std::string_view token = text_.substr(*next_, end - *next_);
  switch (kind()) {
    case Kind::kString:
      break;
    case Kind::kNumber:
      if (!is_number(token)) return fail("the number is not written as JSON asks");
      break;
    case Kind::kTrue:
    case Kind::kFalse:
    case Kind::kNull:
      if (token != "true" && token != "false" && token != "null")
        return fail("the word is neither true, false nor null");
      break;
    default:
      return fail("a value is expected");
  }
  end_of_last_ = end;
  ++next_;
  return true;
}

std::string_view Cursor::skip() {
  if (broken_) return {};
  fresh_ = false;
  const std::size_t begin = offset();
  const char token = ahead();
  if (!(token == '{' || token == '[' ? skip_container() : take_scalar())) return {};
  return text_.substr(begin, end_of_last_ - begin);
}

std::string_view Cursor::take_text() {
  const bool is_text = kind() == Kind::kString;
  std::string_view text = skip();
  return is_text && text.size() >= 2 ? text.substr(1, text.size() - 2) : std::string_view{};
}

bool Cursor::finish() {
  if (!broken_ && next_ != end_) fail("nothing may follow the value");
  return !broken_;
}

// One bit a level says whether it is an object; depth is the number of open levels.
bool Cursor::skip_container() {
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
