#include "app/config_value.h"

#include <algorithm>

#include "base/text.h"
#include "http/url.h"

namespace sluice::app {

namespace {

bool is_host(std::string_view host, std::string_view more) {
  auto allowed = [&](char c) {
    bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return alphanumeric || c == '.' || c == '-' || more.find(c) != std::string_view::npos;
  };
  return !host.empty() && host.size() <= 255 && std::ranges::all_of(host, allowed);
}

// "host", "host:port" or "[v6]:port"; the port's text is empty when there is none.
struct Authority {
  std::string_view host;
  std::string_view port;
  bool has_port = false;
};

std::optional<Authority> parse_authority(std::string_view text) {
  Authority result;
  bool bracketed = text.starts_with('[');
  auto end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && end == std::string_view::npos) return std::nullopt;
  result.host = text.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end);
  if (!is_host(result.host, bracketed ? ":%" : "_")) return std::nullopt;
  text.remove_prefix(std::min(text.size(), bracketed ? end + 1 : end));
  if (text.empty()) return result;
  if (text[0] != ':') return std::nullopt;
  result.port = text.substr(1);
  result.has_port = true;
  return result;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  bool digits = !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  return digits ? to_number<std::uint16_t>(text) : std::nullopt;
}

bool visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

enum class User { kNone, kAllowed };

// What is wrong before the path; `path` becomes what follows the host.
std::string authority_mistake(std::string_view url, std::string_view& path, User user = User::kNone) {
  if (!visible(url)) return "a URL holds only visible ASCII characters";
  auto scheme = url.find("://");
  std::string name = lower(url.substr(0, scheme));
  if (scheme == std::string_view::npos || (name != "http" && name != "https")) {
    return "expected a URL that starts with http:// or https://";
  }
  url.remove_prefix(scheme + 3);
  auto end = std::min(url.find_first_of("/?#"), url.size());
  auto origin = url.substr(0, end);
  path = url.substr(end);
  if (const auto at = origin.rfind('@'); at != std::string_view::npos) {
    if (user == User::kNone) return "a URL must not hold a user name or password";
    origin.remove_prefix(at + 1);
  }
  auto authority = parse_authority(origin);
  if (!authority) return "expected a host name or address after http:// or https://";
  if (authority->has_port && parse_port(authority->port).value_or(0) == 0) return "expected a port from 1 to 65535";
  return {};
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  auto authority = parse_authority(text);
  if (!authority) return std::nullopt;
  auto port = parse_port(authority->port);
  if (!port) return std::nullopt;
  return Address{std::string(authority->host), *port};
}

std::string url_mistake(std::string_view url) {
  std::string_view path;
  auto mistake = authority_mistake(url, path);
  if (mistake.empty() && path.find_first_of("?#") != std::string_view::npos) {
    return "a base URL must not hold a query or fragment";
  }
  if (mistake.empty() && !http::parse_url(url)) return "expected a URL such as https://host/v1";
  return mistake;
}

std::string origin_mistake(std::string_view origin) {
  if (origin == "*" || origin == "null") return {};
  constexpr std::string_view kExpected = "expected an origin such as https://app.example.com or http://localhost:3000";
  auto mistake = [&](std::string_view why) { return std::string(kExpected).append(why); };
  if (!visible(origin)) return mistake("");
  if (origin != lower(origin)) return mistake(", in lower case as browsers send it");
  if (origin.find('*') != origin.npos) return mistake(", or '*' alone for all of them");
  const auto scheme = origin.find("://");
  if (scheme == 0 || scheme == origin.npos) return mistake(", with its scheme");
  const auto host = origin.substr(scheme + 3);
  if (host.find_first_of("/?#") != host.npos) return mistake(", without a slash or anything else behind it");
  const auto authority = parse_authority(host);
  if (!authority) return mistake("");
  if (!authority->has_port) return {};
  const auto port = parse_port(authority->port).value_or(0);
  if (port == 0) return mistake(", with a port from 1 to 65535");
  const auto name = origin.substr(0, scheme);
  const bool is_usual = (name == "https" && port == 443) || (name == "http" && port == 80);
  return is_usual ? mistake(", without the usual port, which browsers leave out") : std::string();
}

std::string proxy_mistake(std::string_view url) {
  if (url == "none") return {};
  std::string_view path;
  auto mistake = authority_mistake(url, path, User::kAllowed);
  if (path.find('@') != std::string_view::npos) return "a user name or password holds / as %2F, ? as %3F and # as %23";
  if (!mistake.empty()) return mistake + ", or none";
  if (!lower(url.substr(0, 7)).starts_with("http://")) return "expected a proxy as http://host:port, or none";
  if (!path.empty() && path != "/") return "a proxy must not hold a path";
  if (!http::parse_url(url)) return "expected a proxy as http://host:port, or none";
  return {};
}

}  // namespace sluice::app
