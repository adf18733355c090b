#include "dialect/cohere/error.h"

#include "base/text.h"
#include "dialect/faults.h"
#include "dialect/waiting.h"
#include "json/reader.h"
#include "json/writer.h"

namespace sluice::dialect::cohere {

namespace {

std::string message_in(std::string_view body) {
  json::Reader reader;
  auto cursor = reader.scan_copy(body);
  if (!cursor) return {};
  std::string message;
  json::each_member(*cursor, [&](std::string_view key) {
    // Others that speak this dialect say `detail`.
    if (key == "message" || (key == "detail" && message.empty())) {
      message = json::plain(json::take_string(*cursor).value_or(json::Escaped{}));
    }
  });
  return cursor->finish() ? message : "";
}

Meaning meaning_of(int status, std::string_view told) {
  const std::string message = lower(told);
  switch (status) {
    case 400:
    case 422:
      if (says_context_is_too_long(message) || message.contains("too many tokens")) return Meaning::kContextLength;
      return Meaning::kInvalidRequest;
    case 429:
      if (message.contains("billing") || message.contains("payment")) return Meaning::kBilling;
      return message.contains("month") ? Meaning::kQuotaExhausted : Meaning::kRateLimit;
    case 498:
      return Meaning::kAuthentication;
    case 501:
      return Meaning::kInvalidRequest;
    default:
      return dialect::meaning_of(status);
  }
}

std::string told_of(const Fault& fault) {
  if (concerns_our_account(fault)) return told_of_our_account(fault);
  return fault.told.empty() ? "An internal error has occurred." : fault.told;
}

}  // namespace

ErrorAnswer write_error(const Fault& fault, int status) {
  if (concerns_our_account(fault) || status == 529) status = 503;
  if (status == 502) status = 500;
  ErrorAnswer answer{.status = status, .body = {}, .headers = {}};
  json::Writer json(answer.body);
  json.begin_object().key("message").text(told_of(fault)).end_object();
  return answer;
}

Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now) {
  Said said;
  said.message = message_in(body);
  said.meaning = meaning_of(status, said.message);
  if (said.meaning == Meaning::kContextLength) said.code = "context_length_exceeded";
  Fault fault = status_fault("cohere", status, headers, body, said, retry_of(said.meaning));
  const bool hopeless = said.meaning == Meaning::kQuotaExhausted || said.meaning == Meaning::kBilling;
  if (!hopeless) fault.retry_after = requested_wait(headers, now);
  return fault;
}

Failure read_failed_answer(std::string_view finish_reason, std::string message, std::string_view text) {
  Said said;
  said.message = std::move(message);
  said.code = finish_reason;
  said.meaning = finish_reason == "TIMEOUT" ? Meaning::kTimeout : Meaning::kServerError;
  return error_in_answer(said, text);
}

}  // namespace sluice::dialect::cohere
