// URLs of configuration and percent-coding. Pure; any thread. Source: RFC 3986.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::http {

struct Url {
  bool tls = false;
  std::string host;        // without the brackets of an IPv6 address
  std::uint16_t port = 0;  // the scheme's default when the URL has none
  std::string user;        // "user:password" before '@', not decoded; empty: none
  std::string path;        // "" or begins with '/'; no slash at its end; query and fragment are refused
};

// "https://host[:port][/path]"; nothing when it is not an absolute http or https URL.
std::optional<Url> parse_url(std::string_view text);

// Everything but unreserved characters becomes %XX: safe as one path segment or query value.
std::string percent_encode(std::string_view text);
// Nothing when a '%' is not followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace sluice::http
