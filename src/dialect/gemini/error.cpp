#include "dialect/gemini/error.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "dialect/tell.h"
#include "dialect/waiting.h"
#include "json/reader.h"
#include "json/writer.h"

namespace sluice::dialect::gemini {

namespace {

// ---- reading

struct Words {
  bool found = false;
  std::string message;
  std::string status;  // "RESOURCE_EXHAUSTED"
  std::string reason;  // ErrorInfo
  std::string field;   // BadRequest
  int code = 0;
  bool by_day = false;    // a quota that no short wait brings back
  bool no_quota = false;  // a quota of 0
  std::optional<Ms> wait;
};

std::string take_plain(json::Cursor& cursor) {
  return json::plain(json::take_string(cursor).value_or(json::Escaped{}));
}

void read_violations(json::Cursor& cursor, Words& words) {
  json::each_element(cursor, [&](std::size_t) {
    json::each_member(cursor, [&](std::string_view key) {
      if (key == "quotaId") {
        words.by_day = words.by_day || cursor.skip().contains("PerDay");
      } else if (key == "quotaValue") {
        words.no_quota = words.no_quota || cursor.skip() == "\"0\"";
      } else if (key == "field" && words.field.empty()) {
        words.field = take_plain(cursor);
      }
    });
  });
}

void read_detail(json::Cursor& cursor, Words& words) {
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "reason") {
      words.reason = take_plain(cursor);
    } else if (key == "violations" || key == "fieldViolations") {
      read_violations(cursor, words);
    } else if (key == "retryDelay") {
      words.wait = parse_reset(take_plain(cursor));
    }
  });
}

void read_error_member(json::Cursor& cursor, Words& words) {
  words.found = json::each_member(cursor, [&](std::string_view key) {
    if (key == "message") {
      words.message = take_plain(cursor);
    } else if (key == "status") {
      words.status = take_plain(cursor);
    } else if (key == "code") {
      words.code = to_number<int>(cursor.skip()).value_or(0);
    } else if (key == "details") {
      json::each_element(cursor, [&](std::size_t) { read_detail(cursor, words); });
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
      } else if (key == "error" || (key == "message" && words.message.empty())) {
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

struct StatusWord {
  std::string_view word;
  Meaning meaning;
};
constexpr std::array<StatusWord, 14> kStatusWords{{
    {"INVALID_ARGUMENT", Meaning::kInvalidRequest},
    {"FAILED_PRECONDITION", Meaning::kInvalidRequest},
    {"OUT_OF_RANGE", Meaning::kInvalidRequest},
    {"UNIMPLEMENTED", Meaning::kInvalidRequest},
    {"UNAUTHENTICATED", Meaning::kAuthentication},
    {"PERMISSION_DENIED", Meaning::kPermission},
    {"NOT_FOUND", Meaning::kNotFound},
    {"RESOURCE_EXHAUSTED", Meaning::kRateLimit},
    {"ABORTED", Meaning::kServerError},
    {"INTERNAL", Meaning::kServerError},
    {"UNKNOWN", Meaning::kServerError},
    {"UNAVAILABLE", Meaning::kOverloaded},
    {"DEADLINE_EXCEEDED", Meaning::kTimeout},
    {"CANCELLED", Meaning::kCancelled},
}};

Meaning refine_invalid(const Words& words, const std::string& message) {
  if (words.reason.starts_with("API_KEY_") || message.contains("api key not valid") ||
      message.contains("api key expired"))
    return Meaning::kAuthentication;
  if (says_context_is_too_long(message)) return Meaning::kContextLength;
  if (says_state_is_foreign(message)) return Meaning::kForeignState;
  if (message.contains("payload size exceeds")) return Meaning::kRequestTooLarge;
  if (words.status != "FAILED_PRECONDITION") return Meaning::kInvalidRequest;
  if (message.contains("billing")) return Meaning::kBilling;
  return message.contains("location") ? Meaning::kPermission : Meaning::kInvalidRequest;
}

Meaning meaning_of(const Words& words, int status) {
  const auto known = std::ranges::find(kStatusWords, std::string_view(words.status), &StatusWord::word);
  const Meaning first = known != kStatusWords.end() ? known->meaning : dialect::meaning_of(status);
  const std::string message = lower(words.message);
  if (status == 409 && first == Meaning::kServerError) return Meaning::kUnknown;  // ABORTED: it may pass in a moment
  switch (first) {
    case Meaning::kInvalidRequest:
      return refine_invalid(words, message);
    case Meaning::kPermission:
      return words.reason == "BILLING_DISABLED" || message.contains("billing") ? Meaning::kBilling : first;
    case Meaning::kRateLimit:
      if (message.contains("spending cap") || message.contains("spend cap")) return Meaning::kBilling;
      return words.by_day || words.no_quota ? Meaning::kQuotaExhausted : first;
    default:
      return first;
  }
}

// "… Please retry in 47.434392449s."
std::optional<Ms> wait_in_message(std::string_view message) {
  constexpr std::string_view kWords = "retry in ";
  const auto at = message.find(kWords);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = message.substr(at + kWords.size());
  rest = rest.substr(0, rest.find_first_not_of("0123456789.hms"));
  while (rest.ends_with('.')) rest.remove_suffix(1);
  return parse_reset(rest);
}

Said said_in(Words words, int status) {
  Said said;
  said.meaning = meaning_of(words, status);
  said.code = words.reason.empty() ? words.status : std::move(words.reason);
  if (said.meaning == Meaning::kContextLength) said.code = "context_length_exceeded";
  said.type = std::move(words.status);
  said.message = std::move(words.message);
  said.param = std::move(words.field);
  return said;
}

// ---- writing

int status_of(Meaning meaning) {
  switch (meaning) {
    case Meaning::kInvalidRequest:
    case Meaning::kContextLength:
    case Meaning::kContentPolicy:
    case Meaning::kForeignState:
    case Meaning::kRequestTooLarge:
      return 400;
    case Meaning::kNotFound:
      return 404;
    case Meaning::kRateLimit:
      return 429;
    case Meaning::kTimeout:
      return 504;
    case Meaning::kOverloaded:
    case Meaning::kAuthentication:
    case Meaning::kPermission:
    case Meaning::kBilling:
    case Meaning::kQuotaExhausted:
      return 503;
    case Meaning::kCancelled:
      return 499;
    case Meaning::kUnknown:
    case Meaning::kServerError:
    case Meaning::kModelError:
      return 500;
  }
  return 500;
}

// For faults inside of streams, which bring no status.
int status_of(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::kInvalidRequest:
    case FaultKind::kTooLarge:
      return 400;
    case FaultKind::kUnauthenticated:
      return 401;
    case FaultKind::kForbidden:
      return 403;
    case FaultKind::kNotFound:
      return 404;
    case FaultKind::kRateLimited:
      return 429;
    case FaultKind::kOverloaded:
    case FaultKind::kShuttingDown:
    case FaultKind::kUnreachable:
      return 503;
    case FaultKind::kProviderTimeout:
      return 504;
    case FaultKind::kProviderStatus:
    case FaultKind::kProviderError:
      return status_of(fault.meaning);
    default:
      return 500;
  }
}

std::string_view word_of(int status) {
  switch (status) {
    case 401:
      return "UNAUTHENTICATED";
    case 403:
      return "PERMISSION_DENIED";
    case 404:
      return "NOT_FOUND";
    case 408:
    case 504:
      return "DEADLINE_EXCEEDED";
    case 409:
      return "ABORTED";
    case 429:
      return "RESOURCE_EXHAUSTED";
    case 499:
      return "CANCELLED";
    case 501:
      return "UNIMPLEMENTED";
    case 503:
      return "UNAVAILABLE";
    default:
      return status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT";
  }
}

std::string told_of(const Fault& fault) {
  if (concerns_our_account(fault)) return told_of_our_account(fault);
  return fault.told.empty() ? "An internal error has occurred." : fault.told;
}

std::string_view reason_of(const Fault& fault) {
  if (concerns_our_account(fault)) {
    const bool quota = fault.meaning == Meaning::kBilling || fault.meaning == Meaning::kQuotaExhausted;
    return quota ? "upstream_quota_exhausted" : "upstream_auth_error";
  }
  if (fault.kind == FaultKind::kUnauthenticated) return "API_KEY_INVALID";
  return fault.code;
}

// As protobuf writes durations: "1.500s".
std::string duration_of(Ms wait) {
  const auto count = std::max<std::int64_t>(wait.count(), 0);
  std::string fraction = std::to_string(count % 1000);
  fraction.insert(0, 3 - fraction.size(), '0');
  return std::to_string(count / 1000) + "." + fraction + "s";
}

void write_details(const Fault& fault, json::Writer& json) {
  constexpr std::string_view kType = "type.googleapis.com/google.rpc.";
  const std::string_view reason = reason_of(fault);
  const bool ours = concerns_our_account(fault);
  const bool field = !fault.param.empty() && !ours;
  const bool wait = fault.retry_after && !ours;
  if (reason.empty() && !field && !wait) return;
  auto begin = [&](std::string_view name) {
    json.begin_object().key("@type").text(std::string(kType) + std::string(name));
  };
  json.key("details").begin_array();
  if (!reason.empty()) {
    begin("ErrorInfo");
    json.key("reason").text(reason).key("domain").text("sluice").end_object();
  }
  if (field) {
    begin("BadRequest");
    json.key("fieldViolations").begin_array().begin_object();
    json.key("field").text(fault.param).key("description").text(told_of(fault));
    json.end_object().end_array().end_object();
  }
  if (wait) {
    begin("RetryInfo");
    json.key("retryDelay").text(duration_of(*fault.retry_after)).end_object();
  }
  json.end_array();
}

std::string error_object(const Fault& fault, int status) {
  std::string out;
  json::Writer json(out);
  json.begin_object().key("error").begin_object();
  json.key("code").number(std::int64_t{status}).key("message").text(told_of(fault));
  json.key("status").text(word_of(status));
  write_details(fault, json);
  json.end_object().end_object();
  return out;
}

// Statuses that this API does not have.
int spelled(const Fault& fault, int status) {
  if (concerns_our_account(fault) || status == 529) return 503;
  return status == 502 ? 500 : status;
}

}  // namespace

Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now) {
  json::Reader reader;
  Words words = read_words(body, reader);
  std::optional<Ms> wait = requested_wait(headers, now);
  if (!wait) wait = words.wait;
  if (!wait) wait = wait_in_message(words.message);
  const Said said = said_in(std::move(words), status);
  Fault fault = status_fault("gemini", status, headers, body, said, retry_of(said.meaning));
  const bool hopeless = said.meaning == Meaning::kQuotaExhausted || said.meaning == Meaning::kBilling;
  if (!hopeless) fault.retry_after = wait;
  return fault;
}

Failure read_error_in_answer(std::string_view text, json::Reader& reader) {
  Words words = read_words(text, reader);
  const int code = words.code;
  return error_in_answer(said_in(std::move(words), code), text);
}

ErrorAnswer write_error(const Fault& fault, int status) {
  const int own = spelled(fault, status);
  return {.status = own, .body = error_object(fault, own), .headers = {}};
}

std::string write_error_object(const Fault& fault) {
  return error_object(fault, spelled(fault, status_of(fault)));
}

}  // namespace sluice::dialect::gemini
