#include "dialect/faults.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialect/plain_words.h"
#include "dialect/tell.h"
#include "dialect/waiting.h"

namespace sluice::dialect {

namespace {

constexpr std::size_t kMostKeptHeaders = 64;

// A sentence for statuses whose body is not of the API, with what it says all the same.
std::string sentence(int status, std::string_view words) {
  std::string told =
      "The provider answered with status " + std::to_string(status) + " (" + std::string(http::reason(status)) + ")";
  return words.empty() ? told + "." : told + ": " + std::string(words);
}

bool may_be_seen(std::string_view header) {
  const std::string key = lower(header);
  if (key == "openai-organization" || key == "openai-project") return false;  // they name our account
  if (key == "anthropic-organization-id") return false;
  return key.starts_with("retry-after") || key.starts_with("x-ratelimit-") || key == "x-should-retry" ||
         key.starts_with("openai-") || key.starts_with("anthropic-ratelimit-");
}

std::string request_id(const http::Headers& headers) {
  for (std::string_view key :
       {"x-request-id", "request-id", "apim-request-id", "x-amzn-requestid", "x-ms-request-id"}) {
    if (auto value = headers.get(key)) return std::string(*value);
  }
  return {};
}

bool is_about_our_account(Meaning meaning) {
  return meaning == Meaning::kAuthentication || meaning == Meaning::kPermission || meaning == Meaning::kBilling ||
         meaning == Meaning::kQuotaExhausted;
}

std::shared_ptr<const ProviderAnswer> keep(std::string_view dialect, int status, const http::Headers& headers,
                                           std::string_view body, Meaning meaning) {
  auto answer = std::make_shared<ProviderAnswer>();
  answer->concerns =
      is_about_our_account(meaning) ? ProviderAnswer::Concerns::kOurAccount : ProviderAnswer::Concerns::kRequest;
  answer->status = status;
  answer->dialect = dialect;
  answer->content_type = headers.get("content-type").value_or("");
  answer->body = body;
  answer->request_id = request_id(headers);
  for (const auto& [key, value] : headers) {
    if (answer->headers.size() < kMostKeptHeaders && may_be_seen(key)) answer->headers.emplace_back(key, value);
  }
  return answer;
}

bool says_one_of(std::span<const std::string_view> words, std::string_view message) {
  const std::string text = lower(message);
  return std::ranges::any_of(words, [&](std::string_view word) { return text.contains(word); });
}

// The provider's own word on retrying, where it gives one.
Retry obey(std::optional<std::string_view> should_retry, Retry retry, Meaning meaning) {
  const bool hopeless = meaning == Meaning::kBilling || meaning == Meaning::kQuotaExhausted;
  if (!should_retry || hopeless) return retry;
  if (meaning == Meaning::kForeignState) return retry;  // another request will be sent
  if (iequals(*should_retry, "false") && retry == Retry::kSame) return Retry::kOther;
  if (iequals(*should_retry, "true") && retry == Retry::kNo) return Retry::kSame;
  return retry;
}

}  // namespace

Failure protocol_fault(std::string detail) {
  Fault fault;
  fault.kind = FaultKind::kProviderProtocol;
  fault.told = "The provider sent an answer that cannot be read.";
  fault.detail = std::move(detail);
  fault.retry = Retry::kSame;
  return fail(std::move(fault));
}

Failure too_large_an_event(std::string_view what, std::size_t limit) {
  Fault fault;
  fault.kind = FaultKind::kProviderProtocol;
  fault.told =
      std::string(what) + " of the provider's stream is larger than " + format_size(limit) + " (limits.event).";
  fault.retry = Retry::kSame;
  return fail(std::move(fault));
}

Failure not_json(std::string_view what, const json::Broken& broken) {
  return protocol_fault(std::string(what) + " is not valid JSON: " + std::string(broken.why) + ", at byte " +
                        std::to_string(broken.offset));
}

Fault model_failure(std::string_view word) {
  std::string told = "The model's output was malformed";
  if (!word.empty()) told += " (" + std::string(word) + ")";
  return {.kind = FaultKind::kProviderError,
          .told = told + ".",
          .detail = {},
          .retry = retry_of(Meaning::kModelError),
          .meaning = Meaning::kModelError,
          .param = {},
          .code = {},
          .retry_after = {},
          .answer = {}};
}

Failure truncated() {
  Fault fault;
  fault.kind = FaultKind::kTruncated;
  fault.told = "The provider's answer ended before its end.";
  fault.retry = Retry::kSame;
  return fail(std::move(fault));
}

Failure invalid_request(std::string told, std::string_view param, std::string_view code) {
  Fault fault;
  fault.kind = FaultKind::kInvalidRequest;
  fault.told = std::move(told);
  fault.param = param;
  fault.code = code;
  return fail(std::move(fault));
}

Failure unsupported(std::string_view param, std::string_view why, std::string_view provider, std::string_view model) {
  std::string told = "'" + std::string(param) + "' ";
  told += why.empty() ? "is not supported" : why;
  told += " by provider '" + std::string(provider) + "' (model '" + printable(model, 100) + "').";
  return invalid_request(std::move(told), param, "unsupported_parameter");
}

Fault status_fault(std::string_view dialect, int status, const http::Headers& headers, std::string_view body,
                   const Said& said, Retry retry) {
  Fault fault;
  fault.kind = FaultKind::kProviderStatus;
  fault.meaning = said.meaning;
  fault.told = tellable(said.message);
  if (fault.told.empty()) fault.told = sentence(status, plain_words(headers.get("content-type").value_or(""), body));
  fault.detail = "status " + std::to_string(status) + ": " + tellable(body);
  fault.param = printable(said.param, 100);
  fault.code = printable(said.code, 100);
  fault.retry = obey(headers.get("x-should-retry"), retry, said.meaning);
  fault.answer = keep(dialect, status, headers, body, said.meaning);
  return fault;
}

Failure error_in_answer(const Said& said, std::string_view text) {
  Fault fault;
  fault.kind = FaultKind::kProviderError;
  fault.meaning = said.meaning;
  fault.told = tellable(said.message);
  if (fault.told.empty()) fault.told = "The provider reported an error in its answer.";
  fault.retry = retry_of(said.meaning);
  fault.code = printable(said.code, 100);
  fault.param = printable(said.param, 100);
  fault.detail = tellable(text);
  return fail(std::move(fault));
}

bool concerns_our_account(const Fault& fault) {
  if (fault.answer) return fault.answer->concerns == ProviderAnswer::Concerns::kOurAccount;
  return fault.kind == FaultKind::kProviderError && is_about_our_account(fault.meaning);
}

std::string told_of_our_account(const Fault& fault) {
  if (fault.meaning == Meaning::kBilling || fault.meaning == Meaning::kQuotaExhausted) {
    return "The account that this gateway has with the provider has no quota left.";
  }
  std::string told = "The provider refused this gateway's own credentials";
  if (fault.answer) told += " (status " + std::to_string(fault.answer->status) + ")";
  return told + ".";
}

Retry retry_of(Meaning meaning) {
  switch (meaning) {
    case Meaning::kInvalidRequest:
    case Meaning::kContentPolicy:
    case Meaning::kRequestTooLarge:
    case Meaning::kCancelled:
      return Retry::kNo;
    case Meaning::kContextLength:
    case Meaning::kAuthentication:
    case Meaning::kPermission:
    case Meaning::kBilling:
    case Meaning::kQuotaExhausted:
    case Meaning::kNotFound:
      return Retry::kOther;
    case Meaning::kUnknown:
    case Meaning::kForeignState:
    case Meaning::kRateLimit:
    case Meaning::kOverloaded:
    case Meaning::kTimeout:
    case Meaning::kServerError:
    case Meaning::kModelError:
      return Retry::kSame;
  }
  return Retry::kSame;
}

Meaning meaning_of(int status) {
  switch (status) {
    case 401:
      return Meaning::kAuthentication;
    case 402:
      return Meaning::kBilling;
    case 403:
      return Meaning::kPermission;
    case 404:
      return Meaning::kNotFound;
    case 408:
    case 504:
      return Meaning::kTimeout;
    case 413:
      return Meaning::kRequestTooLarge;
    case 425:
    case 429:
      return Meaning::kRateLimit;
    case 499:
      return Meaning::kCancelled;
    case 503:
    case 529:
      return Meaning::kOverloaded;
    default:
      break;
  }
  if (status >= 500) return Meaning::kServerError;
  return status >= 400 ? Meaning::kInvalidRequest : Meaning::kUnknown;
}

std::optional<int> status_of(Meaning meaning) {
  switch (meaning) {
    case Meaning::kInvalidRequest:
    case Meaning::kContextLength:
    case Meaning::kContentPolicy:
    case Meaning::kForeignState:
      return 400;
    case Meaning::kNotFound:
      return 404;
    case Meaning::kRequestTooLarge:
      return 413;
    case Meaning::kRateLimit:
      return 429;
    case Meaning::kCancelled:
      return 499;
    case Meaning::kServerError:
    case Meaning::kModelError:
      return 500;
    case Meaning::kOverloaded:
      return 503;
    case Meaning::kTimeout:
      return 504;
    case Meaning::kUnknown:
    case Meaning::kAuthentication:
    case Meaning::kPermission:
    case Meaning::kBilling:
    case Meaning::kQuotaExhausted:
      return std::nullopt;
  }
  return std::nullopt;
}

bool says_context_is_too_long(std::string_view message) {
  constexpr std::array<std::string_view, 8> kWords{"maximum context length",
                                                   "prompt is too long",
                                                   "exceed context limit",
                                                   "exceeds the maximum number of tokens",
                                                   "exceeds the maximum number of input tokens",
                                                   "input is too long",
                                                   "context window",
                                                   "too many tokens: "};
  return says_one_of(kWords, message);
}

bool says_state_is_foreign(std::string_view message) {
  constexpr std::array<std::string_view, 5> kWords{
      "invalid `signature` in `thinking` block", "invalid `data` in `redacted_thinking` block",
      "corrupted thought signature", "thought signature is not valid", "encrypted content could not be"};
  return says_one_of(kWords, message);
}

}  // namespace sluice::dialect
