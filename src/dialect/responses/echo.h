// The Response object around an answer's output: its own facts, and what was asked for, which the API repeats.
//
// Thread rule: one thread. Lifetime: the options' request outlives it.
#pragma once

#include <string>
#include <string_view>

#include "chat/learned.h"
#include "dialect/dialect.h"
#include "json/writer.h"

namespace sluice::dialect::responses {

class Echo {
 public:
  explicit Echo(const WriteOptions& options);

  struct State {
    std::string_view status;             // "in_progress", "completed", …
    std::string_view incomplete_reason;  // empty: none
    std::string_view error;              // an object; empty: none
    std::string_view output;             // the items, separated by commas
  };
  void write(json::Writer& json, const State& state, const chat::Learned& learned);

  // The id of the answer, as told first and then always.
  std::string_view id(const chat::Learned& learned);

 private:
  const WriteOptions& options_;
  std::string id_;
  std::string asked_;  // the members that repeat the request
};

// The `error` member of a response that failed: {"code", "message"}.
std::string response_error(const Fault& fault);

}  // namespace sluice::dialect::responses
