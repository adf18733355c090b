#include "provider/sign/sigv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include "base/text.h"
#include "dialect/waiting.h"
#include "http/url.h"
#include "provider/sign/crypto.h"

namespace sluice::provider {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

// Proxies add, change or drop these; Content-Length is written by the client when the request is sent.
constexpr std::array<std::string_view, 19> kUnsigned{"authorization",
                                                     "cache-control",
                                                     "connection",
                                                     "content-length",
                                                     "expect",
                                                     "from",
                                                     "keep-alive",
                                                     "max-forwards",
                                                     "pragma",
                                                     "proxy-authorization",
                                                     "host",
                                                     "referer",
                                                     "proxy-authenticate",
                                                     "te",
                                                     "trailer",
                                                     "upgrade",
                                                     "user-agent",
                                                     "transfer-encoding",
                                                     "x-amzn-trace-id"};

// Trimmed, with one space for each run of white space. Control characters are sent as spaces.
std::string canonical_value(std::string_view value) {
  std::string text;
  text.reserve(value.size());
  bool space = false;
  for (char c : value) {
    if (static_cast<unsigned char>(c) <= 0x20) {
      space = true;
      continue;
    }
    if (space && !text.empty()) text += ' ';
    space = false;
    text += c;
  }
  return text;
}

// Each segment of the path on the wire, encoded once more; without empty and dot segments.
std::string canonical_path(std::string_view path) {
  std::vector<std::string_view> kept;
  for (auto segment : split(path, '/')) {
    if (segment == ".." && !kept.empty()) kept.pop_back();
    if (!segment.empty() && segment != "." && segment != "..") kept.push_back(segment);
  }
  std::string text;
  for (auto segment : kept) text += "/" + http::percent_encode(segment);
  if (text.empty() || path.ends_with('/')) text += '/';
  return text;
}

std::string encoded_once(std::string_view text) {
  return http::percent_encode(http::percent_decode(text).value_or(std::string(text)));
}

std::string canonical_query(std::string_view query) {
  if (query.empty()) return {};
  std::vector<std::pair<std::string, std::string>> parameters;
  for (auto item : split(query, '&')) {
    if (item.empty()) continue;
    const auto equals = std::min(item.find('='), item.size());
    parameters.emplace_back(encoded_once(item.substr(0, equals)),
                            encoded_once(item.substr(std::min(equals + 1, item.size()))));
  }
  std::ranges::sort(parameters);
  std::string text;
  for (const auto& [name, value] : parameters) {
    if (!text.empty()) text += '&';
    text += name + "=" + value;
  }
  return text;
}

// Names in lower case with their values; those of one name joined in the order they came.
std::map<std::string, std::string> canonical_fields(const http::Headers& headers, std::string_view host) {
  std::map<std::string, std::string> fields{{"host", canonical_value(host)}};
  for (const auto& [name, value] : headers) {
    auto key = lower(name);
    if (std::ranges::find(kUnsigned, key) != kUnsigned.end()) continue;
    auto [field, is_first] = fields.try_emplace(std::move(key), canonical_value(value));
    if (!is_first) field->second += "," + canonical_value(value);
  }
  return fields;
}

std::string scope_text(std::string_view date, const SigningScope& scope) {
  return fmt::format("{}/{}/{}/aws4_request", date.substr(0, 8), scope.region, scope.service);
}

}  // namespace

std::string amz_date(WallTime time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(second - day);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::optional<WallTime> parse_amz_date(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  const auto day = to_number<unsigned>(text.substr(0, 8));
  const auto clock = to_number<unsigned>(text.substr(9, 6));
  if (!day || !clock) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*day / 10'000)),
                                         std::chrono::month(*day / 100 % 100), std::chrono::day(*day % 100)};
  if (!date.ok() || *day / 10'000 > 2200) return std::nullopt;  // what the clock's nanoseconds can hold
  return std::chrono::sys_days(date) + std::chrono::hours(*clock / 10'000) + std::chrono::minutes(*clock / 100 % 100) +
         std::chrono::seconds(*clock % 100);
}

Canonical canonical_request(const http::RequestHead& head, std::string_view host, std::string_view body_hash) {
  Canonical canonical;
  auto& text = canonical.request;
  text = head.method + "\n" + canonical_path(http::path_of(head.target)) + "\n" +
         canonical_query(http::query_of(head.target)) + "\n";
  for (const auto& [name, value] : canonical_fields(head.headers, host)) {
    text += name + ":" + value + "\n";
    if (!canonical.signed_headers.empty()) canonical.signed_headers += ';';
    canonical.signed_headers += name;
  }
  text += "\n" + canonical.signed_headers + "\n";
  text += body_hash;
  return canonical;
}

std::string string_to_sign(std::string_view canonical, std::string_view date, const SigningScope& scope) {
  return fmt::format("{}\n{}\n{}\n{}", kAlgorithm, date, scope_text(date, scope), hex(sha256(canonical)));
}

Sha256 signing_key(const Secret& secret_key, std::string_view date, const SigningScope& scope) {
  const Secret first("AWS4" + std::string(secret_key.reveal()));
  auto key = hmac_sha256(first.reveal(), date.substr(0, 8));
  key = hmac_sha256(bytes_of(key), scope.region);
  key = hmac_sha256(bytes_of(key), scope.service);
  return hmac_sha256(bytes_of(key), "aws4_request");
}

void sign_sigv4(http::RequestHead& head, const Sha256& body_hash, const SigningScope& scope,
                const Credentials& credentials, WallTime time) {
  const auto date = amz_date(time);
  const auto hash = hex(body_hash);
  head.headers.set("x-amz-date", date);
  head.headers.set("x-amz-content-sha256", hash);
  head.headers.remove("x-amz-security-token");
  if (!credentials.session_token.empty()) {
    head.headers.add("x-amz-security-token", credentials.session_token.reveal());
  }
  const auto canonical = canonical_request(head, scope.host, hash);
  const auto key = signing_key(credentials.secret_key, date, scope);
  const auto signature = hex(hmac_sha256(bytes_of(key), string_to_sign(canonical.request, date, scope)));
  head.headers.set("authorization",
                   fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm, credentials.key_id,
                               scope_text(date, scope), canonical.signed_headers, signature));
}

bool ClockSkew::learn(const http::Headers& answer, WallTime now) {
  const auto field = answer.get("date");
  const auto date = field ? dialect::parse_http_date(trim(*field)) : std::nullopt;
  if (!date) return false;
  const auto ahead = std::chrono::duration_cast<Ms>(*date - now);
  const Ms known(ahead_ms_.load(std::memory_order_relaxed));
  if (std::chrono::abs(ahead - known) <= kAcceptedSkew) return false;
  ahead_ms_.store(ahead.count(), std::memory_order_relaxed);
  return true;
}

}  // namespace sluice::provider
