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
template <class Address>
bool read_authority(std::string_view authority, Address& url) {
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

void append_coded(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  out.push_back('%');
  out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
  out.push_back(kHex[c & 15]);
}

// What a target may hold stays as it is, '%' too: what is coded already must not be coded again.
std::string target_of(std::string_view text) {
  constexpr std::string_view kOthers = "%/?:@!$&'()*+,;=[]";
  std::string target = text.starts_with('/') ? "" : "/";
  for (char c : text) {
    if (is_unreserved(c) || kOthers.find(c) != std::string_view::npos) {
      target += c;
    } else {
      append_coded(target, c);
    }
  }
  return target;
}

// "/a/./b/../c" → "/a/c". Source: RFC 3986, 5.2.4.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  auto segments = split(path, '/');  // the first is empty
  for (std::size_t i = 1; i < segments.size(); ++i) {
    const bool last = i + 1 == segments.size();
    if (segments[i] == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (segments[i] != ".") {
      kept.push_back(segments[i]);
      continue;
    }
    if (last) kept.emplace_back();
  }
  std::string result;
  for (auto segment : kept) {
    result += '/';
    result += segment;
  }
  return result.empty() ? "/" : result;
}

bool has_scheme(std::string_view reference) {
  const auto end = reference.find_first_of(":/?#");
  return end != std::string_view::npos && end > 0 && reference[end] == ':';
}

}  // namespace

std::expected<Link, std::string_view> parse_link(std::string_view text) {
  constexpr std::size_t kLongest = 8192;
  Link link;
  const auto scheme = std::min(text.find("://"), text.size());
  const std::string name = lower(text.substr(0, scheme));
  if (scheme == text.size() || (name != "http" && name != "https")) return std::unexpected("is no http or https URL");
  if (text.size() > kLongest) return std::unexpected("is too long");
  link.tls = name == "https";
  link.port = link.tls ? 443 : 80;
  text.remove_prefix(scheme + 3);
  text = text.substr(0, text.find('#'));
  const auto end = std::min(text.find_first_of("/?\\"), text.size());
  const auto authority = text.substr(0, end);
  if (authority.find('@') != std::string_view::npos) return std::unexpected("holds a user name or password");
  if (!read_authority(authority, link)) return std::unexpected("names no host");
  link.host = lower(link.host);
  if (link.host.ends_with('.')) link.host.pop_back();
  if (link.host.empty() || link.host.size() > 253) return std::unexpected("names no host");
  const bool clean = std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (!clean) return std::unexpected("holds a control character");
  link.target = target_of(text.substr(end));
  return link;
}

std::expected<Link, std::string_view> resolve_link(const Link& base, std::string_view reference) {
  if (has_scheme(reference)) return parse_link(reference);
  if (reference.starts_with("//")) return parse_link((base.tls ? "https:" : "http:") + std::string(reference));
  const auto fragment = std::min(reference.find('#'), reference.size());
  const auto question = std::min(reference.find('?'), fragment);
  const auto path = reference.substr(0, question);
  const std::string_view base_path = std::string_view(base.target).substr(0, base.target.find('?'));
  Link link = base;
  if (reference.empty()) return link;
  std::string merged;
  if (path.empty()) {
    merged = base_path;
  } else if (path.starts_with('/')) {
    merged = without_dots(path);
  } else {
    merged = without_dots(std::string(base_path.substr(0, base_path.rfind('/') + 1)) + std::string(path));
  }
  const bool clean = std::ranges::none_of(reference, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (!clean) return std::unexpected("holds a control character");
  merged += reference.substr(question, fragment - question);
  link.target = target_of(merged);
  return link;
}

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
  std::string result;
  for (char c : text) {
    if (is_unreserved(c)) {
      result.push_back(c);
    } else {
      append_coded(result, c);
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
