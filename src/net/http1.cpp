#include "net/http1.h"

#include <charconv>

namespace sluice::net {

namespace {

void append_value(std::string& out, std::string_view value) {
  auto begin = out.size();
  out += value;
  unsigned controls = 0;  // counted without a branch: almost no value has any
  for (char c : value) controls += static_cast<unsigned char>(c) < 0x20 ? 1U : 0U;
  if (controls == 0) return;
  for (auto i = begin; i < out.size(); ++i) {
    if (static_cast<unsigned char>(out[i]) < 0x20 && out[i] != '\t') out[i] = ' ';
  }
}

}  // namespace

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  append_value(out, value);
  out += "\r\n";
}

void append_request_line(std::string& out, std::string_view method, std::string_view target) {
  out += method;
  out.push_back(' ');
  append_value(out, target);
  out += " HTTP/1.1\r\n";
}

void append_head(std::string& out, const http::ResponseHead& head) {
  out += "HTTP/1.1 ";
  out += std::to_string(head.status);
  out.push_back(' ');
  out += http::reason(head.status);
  out += "\r\n";
  for (const auto& [name, value] : head.headers) append_field(out, name, value);
  out += "\r\n";
}

std::string_view chunk_line(std::size_t bytes, std::array<char, 20>& buffer) {
  auto end = std::to_chars(buffer.data(), buffer.data() + 16, bytes, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

}  // namespace sluice::net
