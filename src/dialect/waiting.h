// How long a provider asks to wait, from its headers.
//
// Source: retry-after (RFC 9110, 10.2.3), OpenAI's retry-after-ms and x-ratelimit-{remaining,reset}-{requests,tokens}.
// Thread rule: pure.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "http/message.h"

namespace sluice::dialect {

// Longer waits are cut to this.
inline constexpr Ms kLongestWait = std::chrono::hours(24);

// The first of: retry-after-ms; retry-after in seconds or as a date; the longest x-ratelimit-reset-* whose
// x-ratelimit-remaining-* is 0. Never negative.
std::optional<Ms> requested_wait(const http::Headers& headers, WallTime now);

// "1m1.4s", "120ms", "6m0s", "1.5" (seconds); nothing for all else.
std::optional<Ms> parse_reset(std::string_view text);

// "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<WallTime> parse_http_date(std::string_view text);

}  // namespace sluice::dialect
