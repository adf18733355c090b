#include "dialect/bedrock/error.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialect/faults.h"
#include "dialect/waiting.h"
#include "json/reader.h"
#include "json/writer.h"

namespace sluice::dialect::bedrock {

namespace {

struct Words {
  std::string message;
  std::string type;  // of the body, where it tells one
};

Words read_words(std::string_view body, json::Reader& reader) {
  Words words;
  auto cursor = reader.scan_copy(body);
  if (!cursor) return words;
  const auto plain = [&] { return json::plain(json::take_string(*cursor).value_or(json::Escaped{})); };
  json::each_member(*cursor, [&](std::string_view key) {
    if (key == "message" || key == "Message" || key == "errorMessage") {
      words.message = plain();
    } else if (key == "__type" || key == "code") {
      words.type = plain();
    }
  });
  return cursor->finish() ? words : Words{};
}

// "ThrottlingException" of "ThrottlingException:http://…" and of "com.amazon.coral#ThrottlingException".
std::string_view name_of(std::string_view type) {
  type = type.substr(0, type.find(':'));
  return trim(type.substr(type.rfind('#') + 1));
}

struct Exception {
  std::string_view name;
  Meaning meaning;
};
constexpr std::array kExceptions = {
    Exception{"ValidationException", Meaning::kInvalidRequest},
    Exception{"ConflictException", Meaning::kInvalidRequest},
    Exception{"SerializationException", Meaning::kInvalidRequest},
    Exception{"ServiceQuotaExceededException", Meaning::kQuotaExhausted},
    Exception{"AccessDeniedException", Meaning::kPermission},
    Exception{"UnrecognizedClientException", Meaning::kAuthentication},
    Exception{"InvalidSignatureException", Meaning::kAuthentication},
    Exception{"SignatureDoesNotMatchException", Meaning::kAuthentication},
    Exception{"IncompleteSignatureException", Meaning::kAuthentication},
    Exception{"InvalidClientTokenIdException", Meaning::kAuthentication},
    Exception{"ExpiredTokenException", Meaning::kAuthentication},
    Exception{"RequestTimeTooSkewed", Meaning::kAuthentication},
    Exception{"RequestExpired", Meaning::kAuthentication},
    Exception{"MissingAuthenticationTokenException", Meaning::kAuthentication},
    Exception{"NotAuthorizedException", Meaning::kAuthentication},
    Exception{"ResourceNotFoundException", Meaning::kNotFound},
    Exception{"UnknownOperationException", Meaning::kNotFound},
    Exception{"ModelTimeoutException", Meaning::kTimeout},
    Exception{"ModelErrorException", Meaning::kServerError},
    Exception{"ModelStreamErrorException", Meaning::kServerError},
    Exception{"ThrottlingException", Meaning::kRateLimit},
    Exception{"TooManyRequestsException", Meaning::kRateLimit},
    Exception{"ModelNotReadyException", Meaning::kOverloaded},
    Exception{"ServiceUnavailableException", Meaning::kOverloaded},
    Exception{"InternalServerException", Meaning::kServerError},
    Exception{"InternalFailure", Meaning::kServerError},
    Exception{"InternalFailureException", Meaning::kServerError},
};

Meaning refine(Meaning meaning, std::string_view told) {
  const std::string message = lower(told);
  if (meaning == Meaning::kRateLimit && message.contains("per day")) return Meaning::kQuotaExhausted;
  if (meaning != Meaning::kInvalidRequest) return meaning;
  if (says_context_is_too_long(message) || message.contains("maximum tokens")) return Meaning::kContextLength;
  if (says_state_is_foreign(message)) return Meaning::kForeignState;
  if (message.contains("model identifier is invalid")) return Meaning::kNotFound;
  if (message.contains("payload") && message.contains("too large")) return Meaning::kRequestTooLarge;
  return meaning;
}

// Names differ in their first letter between headers and frames.
Meaning meaning_of(std::string_view type, int status, std::string_view message) {
  const auto found = std::ranges::find_if(kExceptions, [&](const Exception& row) { return iequals(row.name, type); });
  const Meaning first = found != kExceptions.end() ? found->meaning
                        : status > 0               ? dialect::meaning_of(status)
                                                   : Meaning::kServerError;
  return refine(first, message);
}

Said said_of(std::string_view type, std::string message, int status) {
  Said said;
  said.meaning = meaning_of(type, status, message);
  said.code = said.meaning == Meaning::kContextLength ? "context_length_exceeded" : std::string(type);
  said.type = type;
  said.message = std::move(message);
  return said;
}

// ---- writing

std::string told_of(const Fault& fault) {
  if (concerns_our_account(fault)) return told_of_our_account(fault);
  return fault.told.empty() ? "An internal error has occurred." : fault.told;
}

// Statuses that this API does not have.
int spelled(const Fault& fault, int status) {
  if (concerns_our_account(fault) || status == 529) return 503;
  switch (status) {
    case 401:
      return 403;
    case 402:
      return 429;
    case 409:
    case 422:
      return 400;
    case 502:
      return 500;
    case 504:
      return 408;
    default:
      return status;
  }
}

std::string_view exception_of(const Fault& fault, int status) {
  switch (status) {
    case 403:
      return fault.kind == FaultKind::kUnauthenticated ? "UnrecognizedClientException" : "AccessDeniedException";
    case 404:
      return "ResourceNotFoundException";
    case 405:
      return "UnknownOperationException";
    case 408:
      return "ModelTimeoutException";
    case 424:
      return "ModelErrorException";
    case 429:
      return "ThrottlingException";
    case 503:
      return "ServiceUnavailableException";
    default:
      return status >= 500 ? "InternalServerException" : "ValidationException";
  }
}

std::string body_of(const Fault& fault) {
  std::string body;
  json::Writer json(body);
  json.begin_object().key("message").text(told_of(fault)).end_object();
  return body;
}

// The exceptions that a stream may hold.
std::string_view stream_exception_of(const Fault& fault) {
  if (concerns_our_account(fault)) return "serviceUnavailableException";
  switch (fault.kind) {
    case FaultKind::kInvalidRequest:
    case FaultKind::kTooLarge:
      return "validationException";
    case FaultKind::kRateLimited:
      return "throttlingException";
    case FaultKind::kOverloaded:
    case FaultKind::kShuttingDown:
    case FaultKind::kUnreachable:
      return "serviceUnavailableException";
    case FaultKind::kProviderStatus:
    case FaultKind::kProviderError:
      break;
    case FaultKind::kTruncated:
    case FaultKind::kConnectionLost:
    case FaultKind::kProviderProtocol:
    case FaultKind::kProviderTimeout:
      return "modelStreamErrorException";
    default:
      return "internalServerException";
  }
  switch (fault.meaning) {
    case Meaning::kInvalidRequest:
    case Meaning::kContextLength:
    case Meaning::kContentPolicy:
    case Meaning::kForeignState:
    case Meaning::kRequestTooLarge:
      return "validationException";
    case Meaning::kRateLimit:
    case Meaning::kQuotaExhausted:
      return "throttlingException";
    case Meaning::kOverloaded:
      return "serviceUnavailableException";
    default:
      return "modelStreamErrorException";
  }
}

}  // namespace

ErrorAnswer write_error(const Fault& fault, int status) {
  const int own = spelled(fault, status);
  ErrorAnswer answer{.status = own, .body = body_of(fault), .headers = {}};
  answer.headers.add("x-amzn-errortype", exception_of(fault, own));
  return answer;
}

std::string write_error_frame(const Fault& fault) {
  const std::array<http::EventStreamHeader, 3> headers{{
      {.name = ":exception-type", .value = stream_exception_of(fault)},
      {.name = ":content-type", .value = "application/json"},
      {.name = ":message-type", .value = "exception"},
  }};
  std::string frame;
  http::append_frame(frame, headers, body_of(fault));
  return frame;
}

Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now) {
  json::Reader reader;
  Words words = read_words(body, reader);
  const std::string type(name_of(headers.get("x-amzn-errortype").value_or(words.type)));
  const Said said = said_of(type, std::move(words.message), status);
  // New credentials are taken for the next try.
  const bool expired = type == "ExpiredTokenException";
  Fault fault = status_fault("bedrock", status, headers, body, said, expired ? Retry::kSame : retry_of(said.meaning));
  if (said.meaning != Meaning::kQuotaExhausted) fault.retry_after = requested_wait(headers, now);
  return fault;
}

Failure read_error_frame(const http::EventStreamFrame& frame, json::Reader& reader) {
  if (frame.text(":message-type") == "error") {
    const std::string_view code = frame.text(":error-code");
    return error_in_answer(said_of(code, std::string(frame.text(":error-message")), 0), code);
  }
  return error_in_answer(said_of(frame.text(":exception-type"), read_words(frame.payload, reader).message, 0),
                         frame.payload);
}

Failure read_error_in_answer(std::string_view body, json::Reader& reader) {
  Words words = read_words(body, reader);
  return error_in_answer(said_of(name_of(words.type), std::move(words.message), 0), body);
}

}  // namespace sluice::dialect::bedrock
