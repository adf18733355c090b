#include "dialect/openai/error.h"

#include <algorithm>

#include "base/text.h"
#include "dialect/faults.h"
#include "dialect/openai/envelope.h"
#include "dialect/tell.h"
#include "dialect/waiting.h"
#include "json/reader.h"
#include "json/text.h"

namespace sluice::dialect::openai {

namespace {

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
    case FaultKind::kSuperseded:
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

// The same for what a provider of another dialect means. An empty code: the provider's own word is kept.
Words words_of(Meaning meaning, int status) {
  switch (meaning) {
    case Meaning::kContextLength:
      return {"invalid_request_error", "context_length_exceeded"};
    case Meaning::kContentPolicy:
      return {"invalid_request_error", "content_policy_violation"};
    case Meaning::kRateLimit:
    case Meaning::kQuotaExhausted:
      return {"rate_limit_error", ""};
    case Meaning::kOverloaded:
      return {"service_unavailable_error", ""};
    case Meaning::kTimeout:
      return {"timeout", ""};
    case Meaning::kInvalidRequest:
    case Meaning::kForeignState:
    case Meaning::kNotFound:
    case Meaning::kRequestTooLarge:
    case Meaning::kCancelled:
      return {"invalid_request_error", ""};
    case Meaning::kServerError:
    case Meaning::kModelError:
      return {"server_error", ""};
    case Meaning::kUnknown:
    case Meaning::kAuthentication:
    case Meaning::kPermission:
    case Meaning::kBilling:
      break;
  }
  return {type_of(status), ""};
}

// The provider refused us, not the client: our key, our permissions, our money.
bool is_own_refusal(const Fault& fault) {
  if (fault.kind != FaultKind::kProviderStatus || !fault.answer) return false;
  const int status = fault.answer->status;
  return concerns_our_account(fault) || status == 401 || status == 402 || status == 403;
}

bool speaks_otherwise(const ProviderAnswer& answer) {
  return !answer.dialect.empty() && answer.dialect != "openai";
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

std::string write_own_refusal(const Fault& fault) {
  const bool is_money = fault.meaning == Meaning::kBilling || fault.meaning == Meaning::kQuotaExhausted;
  return write_object(told_of_our_account(fault), "upstream_error", "",
                      is_money ? "upstream_quota_exhausted" : "upstream_auth_error");
}

std::string write_provider_status(const Fault& fault) {
  const ProviderAnswer& answer = *fault.answer;
  json::Reader reader;
  const Envelope envelope = read_envelope(answer.body, reader);
  if (is_quota_code(envelope.type) || is_quota_code(fault.code)) {
    return write_object("The account that this gateway has with the provider has no quota left.", "upstream_error", "",
                        "upstream_quota_exhausted");
  }
  if (speaks_otherwise(answer)) {
    const Words words = words_of(fault.meaning, answer.status);
    return write_object(fault.told, words.type, "", words.code.empty() ? std::string_view(fault.code) : words.code);
  }
  const std::string type = printable(envelope.type, 100);
  return write_object(fault.told, type.empty() ? type_of(answer.status) : std::string_view(type), fault.param,
                      fault.code);
}

// Inside of a success: as its status would be told.
std::string write_reported(const Fault& fault) {
  if (concerns_our_account(fault)) return write_own_refusal(fault);
  const Words words = words_of(fault.meaning, 502);
  const std::string_view code = words.code.empty() ? name(fault.kind) : words.code;
  const std::string_view told = fault.told.empty() ? http::reason(500) : std::string_view(fault.told);
  return write_object(told, words.type, fault.param, fault.code.empty() ? code : std::string_view(fault.code));
}

}  // namespace

std::string write_error(const Fault& fault) {
  if (is_own_refusal(fault)) return write_own_refusal(fault);
  if (fault.kind == FaultKind::kProviderStatus && fault.answer) return write_provider_status(fault);
  if (fault.kind == FaultKind::kProviderError) return write_reported(fault);
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
  const Envelope envelope = read_envelope(body, reader);
  Fault fault = status_fault("openai", status, headers, body, said_in(envelope, status), retry_of(status, envelope));
  fault.retry_after = requested_wait(headers, now);
  return fault;
}

}  // namespace sluice::dialect::openai
