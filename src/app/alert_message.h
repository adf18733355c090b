// What is sent to a webhook when a budget's threshold is passed, and how it is signed.
//
// The body has a `text` that chats such as Slack show, and beside it the same as fields for programs. It is signed as
// Standard Webhooks 1.0 has it: `webhook-signature` is "v1," and the Base64 of HMAC-SHA-256 over
// "{webhook-id}.{webhook-timestamp}.{body}". Thread rule: pure but for the dice that make an id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "quota/book.h"

namespace sluice::app {

// JSON. `at_us`: when it was passed, microseconds since 1970.
std::string alert_body(const quota::Alert& alert, std::int64_t at_us);
std::string alert_body(const quota::UnpricedUse& use, std::int64_t at_us);

// "whsec_" and Base64 stand for the bytes that are coded so, any other text for its own. Nothing: it is not Base64.
std::optional<Secret> webhook_key(const Secret& configured);

// `timestamp`: seconds since 1970, of this try.
std::string webhook_signature(const Secret& key, std::string_view id, std::int64_t timestamp, std::string_view body);

// What tells accounts, windows and their periods apart; `period` is empty for a rolling window, which has none.
struct AlertPlace {
  std::string name;
  std::string period;
};
AlertPlace place_of(const quota::Alert& alert);
AlertPlace place_of(const quota::UnpricedUse& use, std::int64_t at_us);  // its period is the hour

}  // namespace sluice::app
