#include "dialect/openai/error.h"

#include <algorithm>

#include "base/text.h"
#include "dialect/openai/envelope.h"
#include "dialect/openai/waiting.h"
#include "json/reader.h"
#include "json/text.h"

namespace sluice::dialect::openai {

namespace {

constexpr std::size_t kMostKeptHeaders = 64;

// What the error object says beside its message.
struct Words {
  std::string_view type;
  std::string_view code;  // when the fault brings none; empty: null
};

Words words_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::kInvalidRequest:
    case FaultKind::kNotFound:
      return {"invalid_request_error", ""};
    case FaultKind::kTooLarge:
      return {"invalid_request_error", "request_too_large"};
    case FaultKind::kUnauthenticated:
      return {"invalid_request_error", "invalid_api_key"};
    case FaultKind::kForbidden:
      return {"permission_error", "permission_denied"};
    case FaultKind::kMethodNotAllowed:
      return {"invalid_request_error", "method_not_allowed"};
    case FaultKind::kClientTimeout:
    case FaultKind::kClientGone:
      return {"invalid_request_error", name(kind)};
    case FaultKind::kRateLimited:
      return {"rate_limit_error", "rate_limit_exceeded"};
    case FaultKind::kOverloaded:
    case FaultKind::kShuttingDown:
      return {"service_unavailable_error", name(kind)};
    case FaultKind::kProviderTimeout:
      return {"timeout", name(kind)};
    case FaultKind::kUnreachable:
    case FaultKind::kConnectionLost:
    case FaultKind::kProviderStatus:
    case FaultKind::kProviderError:
    case FaultKind::kTruncated:
    case FaultKind::kProviderProtocol:
    case FaultKind::kInvalidConfig:
    case FaultKind::kInternal:
      return {"server_error", name(kind)};
  }
  return {"server_error", "internal"};
}

// The type for a status of a provider that said none.
std::string_view type_of(int status) {
  if (status == 429) return "rate_limit_error";
  if (status == 408 || status == 504) return "timeout";
  if (status == 503 || status == 529) return "service_unavailable_error";
  return status >= 400 && status < 500 ? "invalid_request_error" : "server_error";
}

// The provider refused us, not the client: our key, our permissions, our money.
bool is_own_refusal(const Fault& fault) {
  if (fault.kind != FaultKind::kProviderStatus || !fault.answer) return false;
  const int status = fault.answer->status;
  return status == 401 || status == 402 || status == 403;
}

void append_member(std::string& out, std::string_view key, std::string_view value) {
  out += ",\"";
  out += key;
  out += "\":";
  if (value.empty()) {
    out += "null";
  } else {
    append_json_string(out, value);
  }
}

std::string write_object(std::string_view message, std::string_view type, std::string_view param,
                         std::string_view code) {
  std::string out = R"({"error":{"message":)";
  append_json_string(out, message);
  append_member(out, "type", type);
  append_member(out, "param", param);
  append_member(out, "code", code);
  out += "}}";
  return out;
}

std::string write_provider_status(const Fault& fault) {
  const ProviderAnswer& answer = *fault.answer;
  json::Reader reader;
  Envelope envelope = read_envelope(answer.body, reader);
  if (is_quota_code(envelope.type) || is_quota_code(fault.code)) {
    return write_object("The account that this gateway has with the provider has no quota left.", "upstream_error", "",
                        "upstream_quota_exhausted");
  }
  const std::string type = printable(envelope.type, 100);
  return write_object(fault.told, type.empty() ? type_of(answer.status) : std::string_view(type), fault.param,
                      fault.code);
}

// A sentence for statuses whose body says nothing that can be read.
std::string sentence(int status) {
  return "The provider answered with status " + std::to_string(status) + " (" + std::string(http::reason(status)) +
         ").";
}

bool may_be_seen(std::string_view header) {
  const std::string key = lower(header);
  if (key == "openai-organization" || key == "openai-project") return false;  // they name our account
  return key.starts_with("retry-after") || key.starts_with("x-ratelimit-") || key == "x-should-retry" ||
         key.starts_with("openai-");
}

std::string request_id(const http::Headers& headers) {
  for (std::string_view key : {"x-request-id", "request-id", "apim-request-id", "x-ms-request-id"}) {
    if (auto value = headers.get(key)) return std::string(*value);
  }
  return {};
}

std::shared_ptr<const ProviderAnswer> keep(int status, const http::Headers& headers, std::string_view body,
                                           ProviderAnswer::Concerns concerns) {
  auto answer = std::make_shared<ProviderAnswer>();
  answer->concerns = concerns;
  answer->status = status;
  answer->content_type = headers.get("content-type").value_or("");
  answer->body = body;
  answer->request_id = request_id(headers);
  for (const auto& [key, value] : headers) {
    if (answer->headers.size() < kMostKeptHeaders && may_be_seen(key)) answer->headers.emplace_back(key, value);
  }
  return answer;
}

// The provider's own word on retrying, where it gives one.
Retry obey(std::optional<std::string_view> should_retry, Retry retry, bool quota) {
  if (!should_retry || quota) return retry;
  if (iequals(*should_retry, "false") && retry == Retry::kSame) return Retry::kOther;
  if (iequals(*should_retry, "true") && retry == Retry::kNo) return Retry::kSame;
  return retry;
}

}  // namespace

std::string write_error(const Fault& fault) {
  if (is_own_refusal(fault)) {
    return write_object(
        "The provider refused this gateway's own credentials (status " + std::to_string(fault.answer->status) + ").",
        "upstream_error", "", "upstream_auth_error");
  }
  if (fault.kind == FaultKind::kProviderStatus && fault.answer) return write_provider_status(fault);
  Words words = words_of(fault.kind);
  if (!fault.code.empty()) words.code = fault.code;
  if (fault.kind == FaultKind::kRateLimited && is_quota_code(words.code)) words.type = "insufficient_quota";
  const std::string_view told = fault.told.empty() ? http::reason(500) : std::string_view(fault.told);
  return write_object(told, words.type, fault.param, words.code);
}

std::string write_stream_error(const Fault& fault) {
  return "data: " + write_error(fault) + "\n\ndata: [DONE]\n\n";
}

Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now) {
  json::Reader reader;
  Envelope envelope = read_envelope(body, reader);
  Fault fault;
  fault.kind = FaultKind::kProviderStatus;
  fault.told = tellable(envelope.message);
  if (fault.told.empty()) fault.told = sentence(status);
  fault.detail = "status " + std::to_string(status) + ": " + tellable(body);
  fault.param = printable(envelope.param, 100);
  fault.code = is_context_length(envelope) ? "context_length_exceeded" : printable(envelope.code, 100);
  const bool quota = is_quota_code(envelope.code) || is_quota_code(envelope.type);
  fault.retry = obey(headers.get("x-should-retry"), retry_of(status, envelope), quota);
  fault.retry_after = requested_wait(headers, now);
  const bool account = quota || status == 401 || status == 402 || status == 403;
  fault.answer =
      keep(status, headers, body, account ? ProviderAnswer::Concerns::kOurAccount : ProviderAnswer::Concerns::kRequest);
  return fault;
}

}  // namespace sluice::dialect::openai
