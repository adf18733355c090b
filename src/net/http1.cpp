#include "net/http1.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace sluice::net {

namespace {

char* copy(char* to, std::string_view text) {
  text.copy(to, text.size());
  return to + text.size();
}

// Copies a value to `to`, control characters as spaces; returns its end.
char* copy_value(char* to, std::string_view value) {
  char* const end = copy(to, value);
  if (is_printable(value, value.size())) return end;
  std::replace_if(to, end, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; }, ' ');
  return end;
}

// How many control characters: counted a byte each, in pieces whose count fits into a byte, which is many at once.
std::size_t controls(std::string_view text) {
  constexpr std::size_t kPiece = 128;
  std::size_t count = 0;
  while (!text.empty()) {
    std::uint8_t of_piece = 0;
    for (char c : text.substr(0, kPiece)) of_piece += static_cast<unsigned char>(c) < 0x20 ? 1 : 0;
    count += of_piece;
    text.remove_prefix(std::min(kPiece, text.size()));
  }
  return count;
}

}  // namespace

std::size_t consume_head(Parser<false>& parser, std::string_view bytes, error_code& error) {
  constexpr std::size_t kStatusEnd = std::string_view("HTTP/1.1 200").size();
  const bool lacks_space = bytes.starts_with("HTTP/1.") && bytes.size() > kStatusEnd && bytes[kStatusEnd] == '\r';
  if (!lacks_space) return parser.consume(bytes, error);
  const auto end = bytes.find("\r\n\r\n");
  const auto rest = bytes.substr(kStatusEnd, end == std::string_view::npos ? end : end + 4 - kStatusEnd);
  std::string head(bytes.substr(0, kStatusEnd));
  head += ' ';
  head += rest;
  const auto used = parser.consume(head, error);
  return used > kStatusEnd ? used - 1 : used;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  const auto begin = out.size();
  const auto end = begin + name.size() + value.size() + 4;
  out.resize_and_overwrite(end, [&](char* text, std::size_t) {
    copy(copy_value(copy(copy(text + begin, name), ": "), value), "\r\n");
    return end;
  });
}

void append_fields(std::string& out, const http::Headers& headers) {
  const auto lines = headers.lines();
  const bool plain = lines && controls(*lines) == 2 * headers.size();  // none but the ends of lines
  if (plain) {
    out += *lines;
    return;
  }
  for (const auto& [name, value] : headers) append_field(out, name, value);
}

void append_request_line(std::string& out, std::string_view method, std::string_view target) {
  out += method;
  out.push_back(' ');
  const auto begin = out.size();
  const auto end = begin + target.size();
  out.resize_and_overwrite(end, [&](char* text, std::size_t) {
    copy_value(text + begin, target);
    return end;
  });
  out += " HTTP/1.1\r\n";
}

void append_head(std::string& out, const http::ResponseHead& head) {
  constexpr std::size_t kAround = 64;  // the first line and the last
  const auto lines = head.headers.lines();
  if (lines) out.reserve(out.size() + lines->size() + kAround);
  if (head.status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
  } else {
    out += "HTTP/1.1 ";
    out += std::to_string(head.status);
    out.push_back(' ');
    out += http::reason(head.status);
    out += "\r\n";
  }
  append_fields(out, head.headers);
  out += "\r\n";
}

std::string_view chunk_line(std::size_t bytes, std::array<char, 20>& buffer) {
  auto end = std::to_chars(buffer.data(), buffer.data() + 16, bytes, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

}  // namespace sluice::net
