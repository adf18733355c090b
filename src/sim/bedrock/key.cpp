#include "sim/bedrock/key.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/digest.h"
#include "base/text.h"
#include "http/url.h"

namespace sluice::sim {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256 ";

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}
bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool read_scope(std::string_view credential, SignedBy& by) {
  auto parts = split(credential, '/');
  if (parts.size() != 5 || parts[3] != "bedrock" || parts[4] != "aws4_request") return false;
  if (parts[0].empty() || parts[1].size() != 8 || !is_digits(parts[1]) || parts[2].empty()) return false;
  by.key_id = parts[0];
  by.date = parts[1];
  by.region = parts[2];
  return true;
}

bool read_part(std::string_view part, SignedBy& by) {
  auto equals = part.find('=');
  if (equals == std::string_view::npos) return false;
  auto name = part.substr(0, equals);
  auto value = part.substr(equals + 1);
  if (name == "Credential") return by.key_id.empty() && read_scope(value, by);
  if (name == "SignedHeaders") {
    for (auto header : split(value, ';')) by.headers.emplace_back(header);
    return true;
  }
  if (name != "Signature" || value.size() != 64 || !is_hex(value)) return false;
  by.signature = value;
  return true;
}

// YYYYMMDDTHHMMSSZ, of the day the key was made for.
bool is_time_of(std::string_view time, std::string_view day) {
  return time.size() == 16 && time.starts_with(day) && time[8] == 'T' && time[15] == 'Z' &&
         is_digits(time.substr(9, 6));
}

std::string_view bytes_of(const Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

std::string hex(const Sha256& hash) {
  return fmt::format("{:02x}", fmt::join(hash, ""));
}

// Source: RFC 2104.
Sha256 hmac(std::string_view key, std::string_view text) {
  constexpr std::size_t kBlock = 64;
  std::string padded(key.size() > kBlock ? bytes_of(sha256(key)) : key);
  padded.resize(kBlock, '\0');
  std::string inner = padded;
  std::string outer = padded;
  for (char& c : inner) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
  return sha256(outer + std::string(bytes_of(sha256(inner + std::string(text)))));
}

// The path as it came, coded once more.
std::string canonical_path(std::string_view path) {
  std::string out;
  for (auto segment : split(path.substr(1), '/')) out += "/" + http::percent_encode(segment);
  return out;
}

std::string canonical_query(std::string_view query) {
  if (query.empty()) return "";
  std::vector<std::string> pairs;
  for (auto pair : split(query, '&')) {
    auto name = pair.substr(0, pair.find('='));
    auto value = name.size() < pair.size() ? pair.substr(name.size() + 1) : "";
    auto coded = [](std::string_view text) { return http::percent_encode(http::percent_decode(text).value_or("")); };
    pairs.push_back(coded(name) + "=" + coded(value));
  }
  std::ranges::sort(pairs);
  return fmt::format("{}", fmt::join(pairs, "&"));
}

// All values of a header, without spaces at their ends and with one where there are more.
std::string canonical_value(const http::RequestHead& head, std::string_view name) {
  std::string out;
  bool first = true;
  for (auto [field, value] : head.headers) {
    if (!iequals(field, name)) continue;
    if (!first) out += ',';
    first = false;
    for (char c : trim(value)) {
      if (c == '\t') c = ' ';
      if (c != ' ' || !out.ends_with(' ')) out += c;
    }
  }
  return out;
}

}  // namespace

std::optional<SignedBy> read_signature(const http::RequestHead& head) {
  std::string_view sent = head.headers.get("authorization").value_or("");
  if (!sent.starts_with(kAlgorithm)) return std::nullopt;
  SignedBy by;
  for (auto part : split(sent.substr(kAlgorithm.size()), ',')) {
    if (!read_part(trim(part), by)) return std::nullopt;
  }
  auto is_signed = [&](std::string_view name) { return std::ranges::find(by.headers, name) != by.headers.end(); };
  bool enough = is_signed("host") && is_signed("x-amz-date") &&
                (!head.headers.has("x-amz-security-token") || is_signed("x-amz-security-token"));
  if (by.key_id.empty() || by.signature.empty() || !enough || !std::ranges::is_sorted(by.headers)) return std::nullopt;
  if (!is_time_of(head.headers.get("x-amz-date").value_or(""), by.date)) return std::nullopt;
  return by;
}

std::string right_signature(const http::RequestHead& head, std::string_view body, const SignedBy& by,
                            std::string_view secret) {
  std::string request = head.method + "\n" + canonical_path(http::path_of(head.target)) + "\n" +
                        canonical_query(http::query_of(head.target)) + "\n";
  for (const auto& name : by.headers) request += name + ":" + canonical_value(head, name) + "\n";
  request += fmt::format("\n{}\n{}", fmt::join(by.headers, ";"), hex(sha256(body)));
  const std::string to_sign =
      fmt::format("AWS4-HMAC-SHA256\n{}\n{}/{}/bedrock/aws4_request\n{}", head.headers.get("x-amz-date").value_or(""),
                  by.date, by.region, hex(sha256(request)));
  Sha256 key = hmac("AWS4" + std::string(secret), by.date);
  for (std::string_view part :
       {std::string_view(by.region), std::string_view("bedrock"), std::string_view("aws4_request")}) {
    key = hmac(bytes_of(key), part);
  }
  return hex(hmac(bytes_of(key), to_sign));
}

std::int64_t time_of(std::string_view stamp) {
  if (!is_time_of(stamp, stamp.substr(0, 8)) || !is_digits(stamp.substr(0, 8))) return 0;
  auto part = [&](std::size_t at, std::size_t size) { return to_number<int>(stamp.substr(at, size)).value_or(0); };
  std::chrono::year_month_day day{std::chrono::year(part(0, 4)), std::chrono::month(static_cast<unsigned>(part(4, 2))),
                                  std::chrono::day(static_cast<unsigned>(part(6, 2)))};
  if (!day.ok()) return 0;
  std::chrono::seconds since = std::chrono::sys_days(day).time_since_epoch();
  return since.count() + part(9, 2) * 3600 + part(11, 2) * 60 + part(13, 2);
}

}  // namespace sluice::sim
