#include "net/http1.h"

#include <charconv>

namespace sluice::net {

namespace {

void append_value(std::string& out, std::string_view value) {
  for (char c : value) out.push_back(static_cast<unsigned char>(c) < 0x20 && c != '\t' ? ' ' : c);
}

void append_fields(std::string& out, const http::Headers& headers) {
  for (const auto& [name, value] : headers) append_field(out, name, value);
  out += "\r\n";
}

}  // namespace

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  append_value(out, value);
  out += "\r\n";
}

void append_head(std::string& out, const http::RequestHead& head) {
  out += head.method;
  out.push_back(' ');
  append_value(out, head.target);
  out += " HTTP/1.1\r\n";
  append_fields(out, head.headers);
}

void append_head(std::string& out, const http::ResponseHead& head) {
  out += "HTTP/1.1 ";
  out += std::to_string(head.status);
  out.push_back(' ');
  out += http::reason(head.status);
  out += "\r\n";
  append_fields(out, head.headers);
}

std::string_view chunk_line(std::size_t bytes, std::array<char, 20>& buffer) {
  auto end = std::to_chars(buffer.data(), buffer.data() + 16, bytes, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

}  // namespace sluice::net
