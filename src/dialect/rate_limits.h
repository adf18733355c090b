// A provider's rate-limit fields: in the client's spelling, and what they say.
//
//   OpenAI     x-ratelimit-{limit,remaining,reset}-{requests,tokens}; resets are durations: "6m0s", "120ms"
//   Anthropic  anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset}; resets are
//   times
//              of RFC 3339
//
// Thread rule: pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "http/message.h"

namespace sluice::dialect {

enum class LimitSpelling { kOpenAi, kAnthropic };

bool is_rate_limit_field(std::string_view name);
// The fields of `theirs` that are about limits, in the wanted spelling; those that have it already as they are.
http::Headers rate_limits_as(LimitSpelling spelling, const http::Headers& theirs, WallTime now);

struct LimitNews {
  double left = 1;          // remaining / limit, from 0 to 1
  std::optional<Ms> reset;  // until it is 1 again; nothing: not said
};
// The limit of which the least is left, of those that are named with both numbers or exhausted; nothing when there are
// none.
std::optional<LimitNews> tightest_limit(const http::Headers& theirs, WallTime now);

}  // namespace sluice::dialect
