#include "http/message.h"

#include <algorithm>

#include "base/text.h"

namespace sluice::http {

namespace {

// Copies a text; returns its end. Names and values are short: words, of which the last overlaps the one before, take
// less than a call.
char* copy(char* to, std::string_view text) {
  struct Words {
    std::uint64_t first, second;
  };
  const char* const from = text.data();
  const std::size_t size = text.size();
  const auto word = [&]<class Word>(Word copied, std::size_t at) {
    std::memcpy(&copied, from + at, sizeof copied);
    std::memcpy(to + at, &copied, sizeof copied);
  };
  if (size >= sizeof(Words)) {
    for (std::size_t at = 0; at < size - sizeof(Words); at += sizeof(Words)) word(Words{}, at);
    word(Words{}, size - sizeof(Words));
  } else if (size >= 8) {
    word(std::uint64_t{}, 0);
    word(std::uint64_t{}, size - 8);
  } else if (size >= 4) {
    word(std::uint32_t{}, 0);
    word(std::uint32_t{}, size - 4);
  } else {
    for (std::size_t at = 0; at < size; ++at) to[at] = from[at];
  }
  return to + size;
}

std::size_t line_size(std::string_view name, std::string_view value) {
  return name.size() + value.size() + 4;
}

}  // namespace

Headers::Headers(std::initializer_list<Field> fields) {
  for (const auto& [name, value] : fields) add(name, value);
}

Headers::Headers(const Headers& other) {
  if (other.count_ == 0) return;
  const std::size_t places = other.count_ * sizeof(Place);
  grow_to(other.used_ + places);
  std::memcpy(room_.get(), other.room_.get(), other.used_);
  std::memcpy(room_.get() + other.used_, other.slot(other.count_ - 1), places);
  used_ = other.used_;
  count_ = other.count_;
  has_gaps_ = other.has_gaps_;
}

void Headers::reserve(std::size_t fields) {
  constexpr std::size_t kUsualField = 48;  // its line and its place; of the usual heads a round size
  const std::size_t wanted = fields * kUsualField;
  if (wanted > capacity_) grow_to(wanted);
}

// Into a larger room; what it was is returned.
std::unique_ptr<char[]> Headers::grow_to(std::size_t capacity) {
  std::unique_ptr<char[]> other(new char[capacity]);
  const std::size_t places = count_ * sizeof(Place);
  if (count_ > 0) {
    std::memcpy(other.get(), room_.get(), used_);
    std::memcpy(other.get() + capacity - places, slot(count_ - 1), places);
  }
  std::swap(room_, other);
  capacity_ = static_cast<std::uint32_t>(capacity);
  return other;
}

bool Headers::is_named(const char* slot, std::string_view name, std::uint32_t digest) const {
  std::uint32_t found;
  std::memcpy(&found, slot + offsetof(Place, name_digest), sizeof found);
  if (found != digest) return false;
  const auto here = place(slot);
  return here.name_size == name.size() && is_same_but_case(room_.get() + here.begin, name.data(), name.size());
}

std::optional<std::string_view> Headers::find(std::string_view name, std::uint32_t digest) const {
  const char* here = room_.get() + capacity_;
  for (auto left = count_; left > 0; --left) {
    here -= sizeof(Place);
    if (!is_named(here, name, digest)) continue;
    const auto found = place(here);
    return std::string_view(room_.get() + found.begin + found.name_size + 2, found.value_size);
  }
  return std::nullopt;
}

void Headers::append(std::string_view name, std::string_view value, std::uint32_t digest) {
  if (used_ + line_size(name, value) + (count_ + 1) * sizeof(Place) > capacity_) {
    return append_into_more(name, value, digest);
  }
  char* text = copy(room_.get() + used_, name);
  *text++ = ':';
  *text++ = ' ';
  text = copy(text, value);
  *text++ = '\r';
  *text++ = '\n';
  const Place place{used_, static_cast<std::uint32_t>(name.size()), static_cast<std::uint32_t>(value.size()), digest};
  std::memcpy(slot(count_), &place, sizeof place);
  used_ = static_cast<std::uint32_t>(text - room_.get());
  ++count_;
}

[[gnu::noinline]] void Headers::append_into_more(std::string_view name, std::string_view value, std::uint32_t digest) {
  constexpr std::size_t kLeast = 192;
  const std::size_t needed = used_ + line_size(name, value) + (count_ + 1) * sizeof(Place);
  const auto before = grow_to(std::max({needed, std::size_t{capacity_} * 2, kLeast}));  // the text may be in there
  append(name, value, digest);
}

// The text of a removed field stays where it is; heads are short-lived.
void Headers::erase(std::string_view name, std::uint32_t digest) {
  std::uint32_t kept = 0;
  while (kept < count_ && !is_named(slot(kept), name, digest)) ++kept;
  if (kept == count_) return;
  for (auto i = kept + 1; i < count_; ++i) {
    if (!is_named(slot(i), name, digest)) std::memcpy(slot(kept++), slot(i), sizeof(Place));
  }
  has_gaps_ = true;
  count_ = kept;
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

std::string_view query_of(std::string_view target) {
  auto mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

// check: allow function-sizes because it is a table
std::string_view reason(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 424:
      return "Failed Dependency";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 529:
      return "Overloaded";
    default:
      return "Unknown";
  }
}

bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PUT" || method == "DELETE";
}

std::string media_type(std::string_view content_type) {
  return lower(trim(content_type.substr(0, content_type.find(';'))));
}

bool has_token(std::string_view value, std::string_view token) {
  return std::ranges::any_of(split(value, ','), [&](std::string_view piece) { return iequals(trim(piece), token); });
}

}  // namespace sluice::http
