#include "dialect/anthropic/error.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "dialect/faults.h"
#include "dialect/waiting.h"
#include "json/reader.h"
#include "json/writer.h"

namespace sluice::dialect::anthropic {

namespace {

// ---- reading

struct Words {
  std::string message;
  std::string type;  // "rate_limit_error", "RESOURCE_EXHAUSTED", "ThrottlingException"
  std::string code;  // details.error_code
};

std::string take_plain(json::Cursor& cursor) {
  return json::plain(json::take_string(cursor).value_or(json::Escaped{}));
}

void read_details(json::Cursor& cursor, Words& words) {
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "error_code") words.code = take_plain(cursor);
  });
}

void read_error_member(json::Cursor& cursor, Words& words) {
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "message") {
      words.message = take_plain(cursor);
    } else if (key == "type" || key == "status") {
      words.type = take_plain(cursor);
    } else if (key == "details" && cursor.kind() == json::Kind::kObject) {
      read_details(cursor, words);
    }
  });
}

Words read_words(std::string_view body, json::Reader& reader) {
  Words words;
  auto cursor = reader.scan_copy(body);
  if (!cursor) return words;
  auto read_object = [&] {
    json::each_member(*cursor, [&](std::string_view key) {
      if (key == "error" && cursor->kind() == json::Kind::kObject) {
        read_error_member(*cursor, words);
      } else if ((key == "error" || key == "message" || key == "Message") && words.message.empty()) {
        words.message = take_plain(*cursor);
      }
    });
  };
  if (cursor->kind() == json::Kind::kArray) {
    json::each_element(*cursor, [&](std::size_t) { read_object(); });
  } else {
    read_object();
  }
  return cursor->finish() ? words : Words{};
}

// The name of an AWS error without its namespace and address: "ThrottlingException:http://…".
std::string_view bare_name(std::string_view name) {
  name = name.substr(0, name.find(':'));
  const auto hash = name.rfind('#');
  return hash == std::string_view::npos ? name : name.substr(hash + 1);
}

struct Named {
  std::string_view name;
  Meaning meaning;
};
constexpr std::array<Named, 27> kNamed{{
    {"invalid_request_error", Meaning::kInvalidRequest},
    {"authentication_error", Meaning::kAuthentication},
    {"billing_error", Meaning::kBilling},
    {"permission_error", Meaning::kPermission},
    {"not_found_error", Meaning::kNotFound},
    {"request_too_large", Meaning::kRequestTooLarge},
    {"rate_limit_error", Meaning::kRateLimit},
    {"overloaded_error", Meaning::kOverloaded},
    {"timeout_error", Meaning::kTimeout},
    {"api_error", Meaning::kServerError},
    {"validationexception", Meaning::kInvalidRequest},
    {"accessdeniedexception", Meaning::kPermission},
    {"unrecognizedclientexception", Meaning::kAuthentication},
    {"expiredtokenexception", Meaning::kAuthentication},
    {"invalidsignatureexception", Meaning::kAuthentication},
    {"missingauthenticationtokenexception", Meaning::kAuthentication},
    {"incompletesignatureexception", Meaning::kAuthentication},
    {"resourcenotfoundexception", Meaning::kNotFound},
    {"throttlingexception", Meaning::kRateLimit},
    {"servicequotaexceededexception", Meaning::kQuotaExhausted},
    {"modelnotreadyexception", Meaning::kOverloaded},
    {"serviceunavailableexception", Meaning::kOverloaded},
    {"modeltimeoutexception", Meaning::kTimeout},
    {"modelerrorexception", Meaning::kModelError},
    {"modelstreamerrorexception", Meaning::kModelError},
    {"internalserverexception", Meaning::kServerError},
    {"internalfailure", Meaning::kServerError},
}};

// Limits of money that no short wait lifts.
bool is_spend_limit(const Words& words) {
  return words.code.contains("spend_limit") || lower(words.message).contains("specified api usage limits");
}

Meaning refine(Meaning meaning, const Words& words) {
  if (is_spend_limit(words)) return Meaning::kQuotaExhausted;
  const std::string message = lower(words.message);
  if (meaning == Meaning::kRateLimit && message.contains("per day")) return Meaning::kQuotaExhausted;
  if (meaning != Meaning::kInvalidRequest) return meaning;
  if (message.contains("credit balance is too low")) return Meaning::kBilling;
  if (message.contains("api key not valid")) return Meaning::kAuthentication;
  if (says_context_is_too_long(message)) return Meaning::kContextLength;
  if (says_state_is_foreign(message)) return Meaning::kForeignState;
  return meaning;
}

Meaning meaning_of(const Words& words, int status) {
  const std::string type = lower(words.type);
  const auto known = std::ranges::find(kNamed, std::string_view(type), &Named::name);
  const bool found = known != kNamed.end();
  // Proxies wrap what they do not understand in a server's error; there the status tells more.
  const bool vague = !found || known->meaning == Meaning::kServerError;
  if (status == 409) return Meaning::kUnknown;  // in conflict with another request: it may pass in a moment
  return refine(vague && status >= 400 ? dialect::meaning_of(status)
                : found                ? known->meaning
                                       : Meaning::kUnknown,
                words);
}

Said said_in(Words words, int status) {
  Said said;
  said.meaning = meaning_of(words, status);
  said.code = words.code.empty() ? words.type : std::move(words.code);
  if (said.meaning == Meaning::kContextLength) said.code = "context_length_exceeded";
  said.type = std::move(words.type);
  said.message = std::move(words.message);
  return said;
}

// ---- writing

bool is_about_money(Meaning meaning) {
  return meaning == Meaning::kBilling || meaning == Meaning::kQuotaExhausted;
}

// A limit of our own that is about money.
bool is_spent_budget(const Fault& fault) {
  return fault.kind == FaultKind::kRateLimited &&
         (fault.code.contains("budget") || fault.code.contains("insufficient_quota"));
}

std::string_view type_of(Meaning meaning) {
  switch (meaning) {
    case Meaning::kInvalidRequest:
    case Meaning::kContextLength:
    case Meaning::kContentPolicy:
    case Meaning::kForeignState:
    case Meaning::kCancelled:
      return "invalid_request_error";
    case Meaning::kNotFound:
      return "not_found_error";
    case Meaning::kRequestTooLarge:
      return "request_too_large";
    case Meaning::kRateLimit:
      return "rate_limit_error";
    case Meaning::kOverloaded:
      return "overloaded_error";
    case Meaning::kTimeout:
      return "timeout_error";
    default:
      return "api_error";
  }
}

// A provider's 409, which no meaning tells.
bool is_conflict(const Fault& fault) {
  const bool is_vague = fault.meaning == Meaning::kInvalidRequest || fault.meaning == Meaning::kServerError ||
                        fault.meaning == Meaning::kUnknown;
  return fault.answer && fault.answer->status == 409 && is_vague;
}

std::string_view type_of(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::kInvalidRequest:
    case FaultKind::kMethodNotAllowed:
    case FaultKind::kClientGone:
      return "invalid_request_error";
    case FaultKind::kTooLarge:
      return "request_too_large";
    case FaultKind::kUnauthenticated:
      return "authentication_error";
    case FaultKind::kForbidden:
      return "permission_error";
    case FaultKind::kNotFound:
      return "not_found_error";
    case FaultKind::kRateLimited:
      return is_spent_budget(fault) ? "billing_error" : "rate_limit_error";
    case FaultKind::kOverloaded:
    case FaultKind::kShuttingDown:
      return "overloaded_error";
    case FaultKind::kClientTimeout:
    case FaultKind::kProviderTimeout:
      return "timeout_error";
    case FaultKind::kProviderStatus:
    case FaultKind::kProviderError:
      if (concerns_our_account(fault)) return "api_error";
      return is_conflict(fault) ? "conflict_error" : type_of(fault.meaning);
    default:
      return "api_error";
  }
}

std::string told_of(const Fault& fault) {
  if (concerns_our_account(fault)) return told_of_our_account(fault);
  return fault.told.empty() ? "Internal server error" : fault.told;
}

std::string_view code_of(const Fault& fault) {
  if (!concerns_our_account(fault)) return fault.code;
  return is_about_money(fault.meaning) ? "upstream_quota_exhausted" : "upstream_auth_error";
}

std::string error_object(const Fault& fault) {
  std::string out;
  json::Writer json(out);
  json.begin_object().key("type").text(std::string_view("error")).key("error").begin_object();
  json.key("type").text(type_of(fault)).key("message").text(told_of(fault));
  if (const std::string_view code = code_of(fault); !code.empty() && code != type_of(fault)) {
    json.key("details").begin_object().key("error_code").text(code).end_object();
  }
  json.end_object().key("request_id").null().end_object();
  return out;
}

int spelled(const Fault& fault, int status) {
  if (concerns_our_account(fault)) return status;
  if (is_spent_budget(fault)) return 402;
  return type_of(fault) == "overloaded_error" ? 529 : status;
}

}  // namespace

Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now) {
  json::Reader reader;
  Words words = read_words(body, reader);
  const auto name = headers.get("x-amzn-errortype");
  const bool of_amazon = name && words.type.empty();
  if (of_amazon) words.type = bare_name(*name);
  const Said said = said_in(std::move(words), status);
  Fault fault = status_fault(of_amazon ? "bedrock" : "anthropic", status, headers, body, said, retry_of(said.meaning));
  if (!is_about_money(said.meaning)) fault.retry_after = requested_wait(headers, now);
  return fault;
}

Failure read_error_in_answer(std::string_view text, json::Reader& reader) {
  return error_in_answer(said_in(read_words(text, reader), 0), text);
}

Failure read_exception(std::string_view name, std::string_view payload, json::Reader& reader) {
  Words words = read_words(payload, reader);
  if (words.type.empty()) words.type = bare_name(name);
  return error_in_answer(said_in(std::move(words), 0), payload);
}

ErrorAnswer write_error(const Fault& fault, int status) {
  return {.status = spelled(fault, status), .body = error_object(fault), .headers = {}};
}

std::string write_error_event(const Fault& fault) {
  return "event: error\ndata: " + error_object(fault) + "\n\n";
}

}  // namespace sluice::dialect::anthropic
