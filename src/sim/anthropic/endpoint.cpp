#include "sim/anthropic/endpoint.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "sim/aws.h"
#include "sim/vertex.h"

namespace sluice::sim::anthropic {

namespace {

constexpr std::string_view kSigned = "AWS4-HMAC-SHA256 ";

// All values of a header, joined by commas.
std::string all_of(const http::RequestHead& head, std::string_view name) {
  std::string all;
  for (auto [field, value] : head.headers) {
    if (iequals(field, name)) all += (all.empty() ? "" : ",") + std::string(value);
  }
  return all;
}

Place with_headers(Place place, const http::RequestHead& head) {
  place.version = head.headers.get("anthropic-version").value_or("");
  place.betas = all_of(head, "anthropic-beta");
  return place;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

struct SignedParts {
  std::vector<std::string_view> scope;  // key, date, region, service, "aws4_request"
  std::vector<std::string_view> headers;
  std::string_view signature;
};

SignedParts parts_of(std::string_view authorization) {
  SignedParts parts;
  for (auto piece : split(authorization.substr(kSigned.size()), ',')) {
    piece = trim(piece);
    if (take(piece, "Credential=")) parts.scope = split(piece, '/');
    if (take(piece, "SignedHeaders=")) parts.headers = split(piece, ';');
    if (take(piece, "Signature=")) parts.signature = piece;
  }
  return parts;
}

bool is_hash(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// 20261122T101112Z
bool is_moment(std::string_view text) {
  return text.size() == 16 && text[8] == 'T' && text[15] == 'Z' && all_digits(text.substr(0, 8)) &&
         all_digits(text.substr(9, 6));
}

}  // namespace

Place own_place(const http::RequestHead& head) {
  std::string_view path = http::path_of(head.target);
  if (path == "/v1/messages") return with_headers({.endpoint = Endpoint::kMessages}, head);
  if (path == "/v1/messages/count_tokens") return with_headers({.endpoint = Endpoint::kCountTokens}, head);
  if (path == "/v1/models" && head.headers.has("anthropic-version")) {
    return with_headers({.endpoint = Endpoint::kModels}, head);
  }
  return {};
}

Place vertex_place(const http::RequestHead& head) {
  std::string_view path = http::path_of(head.target);
  if (!take(path, "/v1/") || !take_vertex(path, "anthropic")) return {};
  auto asked = model_verb(path);
  if (!asked || (asked->verb != "rawPredict" && asked->verb != "streamRawPredict")) return {};
  Place place{.endpoint = Endpoint::kMessages, .host = Host::kVertex, .model = std::move(asked->model)};
  place.stream = asked->verb == "streamRawPredict";
  if (place.model == "count-tokens") {
    place.endpoint = Endpoint::kCountTokens;
    place.model.clear();  // it stands in the body
  }
  return with_headers(std::move(place), head);
}

Place bedrock_place(const http::RequestHead& head) {
  auto asked = aws_action(http::path_of(head.target));
  if (!asked || !asked->model.contains("anthropic")) return {};
  bool stream = asked->action == "invoke-with-response-stream";
  if (!stream && asked->action != "invoke") return {};
  return {.endpoint = Endpoint::kMessages, .host = Host::kBedrock, .model = std::move(asked->model), .stream = stream};
}

std::optional<std::string> bad_signature(const http::RequestHead& head) {
  std::string_view sent = head.headers.get("authorization").value_or("");
  if (!sent.starts_with("AWS4-")) return std::nullopt;
  if (!sent.starts_with(kSigned)) return "Unsupported AWS 'algorithm' in the Authorization header.";
  SignedParts parts = parts_of(sent);
  std::string_view moment = head.headers.get("x-amz-date").value_or("");
  if (!is_moment(moment)) {
    return "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
  }
  if (parts.scope.size() != 5 || parts.scope[0].empty() || parts.scope[2].empty() || parts.scope[4] != "aws4_request") {
    return "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.";
  }
  if (parts.scope[1] != moment.substr(0, 8)) {
    return "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.";
  }
  if (parts.scope[3] != "bedrock") return "Credential should be scoped to correct service: 'bedrock'.";
  auto is_signed = [&](std::string_view name) { return std::ranges::find(parts.headers, name) != parts.headers.end(); };
  for (std::string_view name : {"host", "x-amz-date", "x-amz-security-token"}) {
    bool due = name != "x-amz-security-token" || head.headers.has(name);
    if (due && !is_signed(name))
      return "'" + std::string(name) + "' must be a 'SignedHeader' in the AWS Authorization.";
  }
  if (!std::ranges::is_sorted(parts.headers)) return "SignedHeaders must be sorted.";
  if (!is_hash(parts.signature)) return "Authorization header requires 'Signature' parameter: 64 hexadecimal digits.";
  return std::nullopt;
}

std::string signing_key(const http::RequestHead& head) {
  std::string_view sent = head.headers.get("authorization").value_or("");
  if (!sent.starts_with(kSigned) || bad_signature(head)) return "";
  return std::string(parts_of(sent).scope[0]);
}

}  // namespace sluice::sim::anthropic
