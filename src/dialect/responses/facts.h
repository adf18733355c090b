// What a Response object tells beside its output.
//
// Thread rule: plain values. Lifetime: views point into the text that was read.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "chat/learned.h"
#include "dialect/faults.h"
#include "dialect/responses/usage.h"
#include "json/escaped.h"

namespace sluice::dialect::responses {

struct ResponseFacts {
  json::Escaped id, model, service_tier, status, incomplete_reason;
  bool background = false;
  std::int64_t created = 0;
  std::optional<chat::Usage> usage;
  ToolUsage tools;
  std::string_view error;                // the object as written; empty: null
  std::vector<std::string_view> output;  // the items as written
};

// Consumes the value ahead; nothing is told when it is no object.
ResponseFacts read_facts(json::Cursor& cursor);

// Takes over what is told.
void learn(const ResponseFacts& facts, chat::Learned& learned);

}  // namespace sluice::dialect::responses
