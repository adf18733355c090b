#include "http/url.h"

#include <algorithm>

#include "base/text.h"

namespace sluice::http {

namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

bool is_host_character(char c) {
  return is_unreserved(c) || c == ':';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "host", "host:port", "[v6]:port" into the url; false when it is none of these.
bool read_authority(std::string_view authority, Url& url) {
  if (authority.starts_with('[')) {
    auto close = authority.find(']');
    if (close == std::string_view::npos) return false;
    url.host = authority.substr(1, close - 1);
    authority.remove_prefix(close + 1);
  } else {
    auto colon = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, colon);
    authority.remove_prefix(colon);
  }
  if (url.host.empty() || !std::ranges::all_of(url.host, is_host_character)) return false;
  if (authority.empty()) return true;
  auto port = authority.starts_with(':') ? to_number<std::uint16_t>(authority.substr(1)) : std::nullopt;
  if (!port || *port == 0) return false;
  url.port = *port;
  return true;
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  Url url;
  if (text.starts_with("https://")) {
    url.tls = true;
    url.port = 443;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    url.port = 80;
    text.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  auto slash = std::min(text.find('/'), text.size());
  auto authority = text.substr(0, slash);
  auto path = text.substr(slash);
  if (text.find_first_of("?#") != std::string_view::npos) return std::nullopt;
  if (auto at = authority.rfind('@'); at != std::string_view::npos) {
    url.user = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  if (!read_authority(authority, url)) return std::nullopt;
  while (path.ends_with('/')) path.remove_suffix(1);
  bool clean = std::ranges::all_of(path, [](char c) { return c > 0x20 && c < 0x7f; });
  if (!clean) return std::nullopt;
  url.path = path;
  return url;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string result;
  for (char c : text) {
    if (is_unreserved(c)) {
      result.push_back(c);
    } else {
      result.push_back('%');
      result.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      result.push_back(kHex[c & 15]);
    }
  }
  return result;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    result.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return result;
}

}  // namespace sluice::http
