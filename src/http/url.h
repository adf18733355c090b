// URLs of configuration, addresses that callers write, and percent-coding. Pure; any thread. Source: RFC 3986.
#pragma once

#include <cstdint>
#include <expected>
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

// What a GET needs of a URL that somebody outside wrote.
struct Link {
  bool tls = false;
  std::string host;  // in lower case, without the brackets of an IPv6 address and without a dot at its end
  std::uint16_t port = 0;
  std::string target;  // path and query; what may not stand in a target is percent-coded

  bool operator==(const Link&) const = default;
};

// Why it is none ends a sentence about it: "is no http or https URL", "holds a user name". A fragment is left out.
std::expected<Link, std::string_view> parse_link(std::string_view text);
// The URL that a reference such as a Location field stands for. Source: RFC 3986, 5.2.
std::expected<Link, std::string_view> resolve_link(const Link& base, std::string_view reference);

// Everything but unreserved characters becomes %XX: safe as one path segment or query value.
std::string percent_encode(std::string_view text);
// Nothing when a '%' is not followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace sluice::http
