#include "dialect/openai/envelope.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "json/reader.h"
#include "json/text.h"

namespace sluice::dialect::openai {

namespace {

// A string's text or a number's digits; empty for all else. Consumes the value.
std::string take_word(json::Cursor& cursor) {
  if (cursor.kind() == json::Kind::kNumber) return std::string(cursor.skip());
  const std::string_view raw = cursor.take_text();
  return json::unescape(raw).value_or(std::string(raw));
}

// The first sentence in a value: itself, or what its members message, msg, detail or error hold, or its first element.
std::string take_message(json::Cursor& cursor, int levels = 4) {
  std::string message;
  if (levels > 0 && cursor.enter_object()) {
    while (auto key = cursor.next_key()) {
      const bool tells = *key == "message" || *key == "msg" || *key == "detail" || *key == "error";
      if (tells && message.empty()) {
        message = take_message(cursor, levels - 1);
      } else {
        cursor.skip();
      }
    }
    return message;
  }
  if (levels > 0 && cursor.enter_array()) {
    while (cursor.next_element()) {
      if (message.empty()) {
        message = take_message(cursor, levels - 1);
      } else {
        cursor.skip();
      }
    }
    return message;
  }
  return take_word(cursor);
}

bool take_member(std::string_view key, json::Cursor& cursor, Envelope& envelope) {
  if (key == "message" || key == "detail") {
    std::string message = take_message(cursor);
    if (envelope.message.empty()) envelope.message = std::move(message);
    return true;
  }
  if (key == "type") {
    envelope.type = take_word(cursor);
  } else if (key == "code") {
    envelope.code = take_word(cursor);
  } else if (key == "param") {
    envelope.param = take_word(cursor);
  } else {
    cursor.skip();
  }
  return false;
}

// The value of `error`: an object, or a sentence. null is none.
void take_error(json::Cursor& cursor, Envelope& envelope) {
  if (cursor.kind() == json::Kind::kNull) {
    cursor.skip();
  } else if (cursor.enter_object()) {
    Envelope inner;
    while (auto key = cursor.next_key()) {
      take_member(*key, cursor, inner);
      inner.found = true;
    }
    if (inner.found) envelope = std::move(inner);
  } else {
    std::string message = take_message(cursor);
    if (message.empty()) return;
    envelope.message = std::move(message);
    envelope.found = true;
  }
}

void take_groq(json::Cursor& cursor, Envelope& envelope) {
  if (!cursor.enter_object()) {
    cursor.skip();
    return;
  }
  while (auto key = cursor.next_key()) {
    if (*key == "error") {
      take_error(cursor, envelope);
    } else {
      cursor.skip();
    }
  }
}

void take_object(json::Cursor& cursor, Envelope& envelope) {
  Envelope flat;
  while (auto key = cursor.next_key()) {
    if (*key == "error") {
      take_error(cursor, envelope);
    } else if (*key == "x_groq") {
      take_groq(cursor, envelope);
    } else {
      flat.found = take_member(*key, cursor, flat) || flat.found;
    }
  }
  if (!envelope.found && flat.found) {
    envelope = std::move(flat);
  } else if (envelope.found && envelope.code.empty() && envelope.type.empty()) {
    envelope.code = flat.code;  // {"error": "a sentence", "code": …}
    envelope.type = flat.type;
  }
}

bool mentions(std::string_view text, std::string_view word) {
  return lower(text).contains(word);
}

bool is_about_model(const Envelope& envelope) {
  if (mentions(envelope.code, "model") || mentions(envelope.code, "deployment") || envelope.param == "model")
    return true;
  return mentions(envelope.message, "model") || mentions(envelope.message, "deployment");
}

}  // namespace

Envelope read_envelope(std::string_view body, json::Reader& reader) {
  Envelope envelope;
  auto cursor = reader.scan_copy(body);
  if (!cursor) return envelope;
  if (cursor->enter_array() && !cursor->next_element()) return envelope;
  if (cursor->enter_object()) take_object(*cursor, envelope);
  if (cursor->broken()) return {};
  return envelope;
}

bool is_quota_code(std::string_view word) {
  constexpr std::array<std::string_view, 7> kCodes{"insufficient_quota",
                                                   "credit_balance_exhausted",
                                                   "billing_hard_limit_reached",
                                                   "organization_spend_limit_exceeded",
                                                   "billing_not_active",
                                                   "project_spend_limit_exceeded",
                                                   "organization_usage_limit_exceeded"};
  return std::ranges::find(kCodes, word) != kCodes.end();
}

bool is_context_length(const Envelope& envelope) {
  return envelope.code == "context_length_exceeded" || mentions(envelope.message, "maximum context length");
}

bool is_foreign_state(const Envelope& envelope) {
  return envelope.code == "invalid_encrypted_content" || says_state_is_foreign(envelope.message);
}

Retry retry_of(int status, const Envelope& envelope) {
  if (is_quota_code(envelope.code) || is_quota_code(envelope.type)) return Retry::kOther;
  if (is_foreign_state(envelope)) return Retry::kSame;
  if (status == 0) {
    status = to_number<int>(envelope.code).value_or(0);
    if (status < 400 || status > 599) status = envelope.type == "invalid_request_error" ? 400 : 500;
  }
  switch (status) {
    case 401:
    case 402:
    case 403:
      return Retry::kOther;
    case 404:  // without an envelope nobody judged the request: the address is wrong
      return !envelope.found || is_about_model(envelope) ? Retry::kOther : Retry::kNo;
    case 408:
    case 409:
    case 425:
    case 429:
    case 498:  // Groq: no flex capacity
      return Retry::kSame;
    case 413:  // Groq: more tokens at once than a minute's limit allows
      return envelope.code == "rate_limit_exceeded" ? Retry::kOther : Retry::kNo;
    default:
      break;
  }
  if (status >= 500) return Retry::kSame;
  if (status < 400) return Retry::kOther;  // a redirect: the address is wrong
  return is_context_length(envelope) ? Retry::kOther : Retry::kNo;
}

namespace {

Meaning meaning_of_envelope(const Envelope& envelope, int status) {
  if (is_quota_code(envelope.code) || is_quota_code(envelope.type)) return Meaning::kQuotaExhausted;
  if (is_context_length(envelope)) return Meaning::kContextLength;
  if (is_foreign_state(envelope)) return Meaning::kForeignState;
  if (envelope.code == "content_policy_violation" || envelope.code == "content_filter" ||
      envelope.code == "invalid_prompt") {
    return Meaning::kContentPolicy;
  }
  if (envelope.code == "rate_limit_exceeded" || envelope.code == "slow_down") return Meaning::kRateLimit;
  if (envelope.code == "server_is_overloaded" || envelope.type == "overloaded_error") return Meaning::kOverloaded;
  if (status == 404 && envelope.found && !is_about_model(envelope)) return Meaning::kInvalidRequest;
  if (status != 0) return meaning_of(status);
  status = to_number<int>(envelope.code).value_or(0);
  if (status >= 400 && status <= 599) return meaning_of(status);
  if (envelope.type == "rate_limit_error") return Meaning::kRateLimit;
  return envelope.type == "invalid_request_error" ? Meaning::kInvalidRequest : Meaning::kServerError;
}

}  // namespace

Said said_in(const Envelope& envelope, int status) {
  return {.message = envelope.message,
          .code = is_context_length(envelope) ? "context_length_exceeded" : envelope.code,
          .type = envelope.type,
          .param = envelope.param,
          .meaning = meaning_of_envelope(envelope, status)};
}

}  // namespace sluice::dialect::openai
