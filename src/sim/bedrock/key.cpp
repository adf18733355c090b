#include "sim/bedrock/key.h"

#include <algorithm>

#include "base/text.h"

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

}  // namespace sluice::sim
