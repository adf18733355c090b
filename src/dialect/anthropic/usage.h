// Usage of the Messages API and the canonical form. The API counts what was read from the cache and written to it
// beside input_tokens; the canonical input is all three.
//
// Source: the API's reference. Thread rule: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "chat/learned.h"
#include "chat/usage.h"
#include "json/cursor.h"
#include "json/writer.h"

namespace sluice::dialect::anthropic {

// The counts as they were last told: those of message_delta take the place of earlier ones, null and 0 change nothing.
class UsageCounts {
 public:
  // Consumes the value of `usage` and notes what it says in `learned`.
  void read(json::Cursor& cursor, chat::Learned& learned);

 private:
  struct Tokens {
    std::uint64_t input = 0;
    std::uint64_t cache_read = 0;
    std::uint64_t cache_write = 0;
    std::uint64_t cache_write_5m = 0;
    std::uint64_t cache_write_1h = 0;
    std::uint64_t output = 0;
    std::uint64_t reasoning = 0;
    std::uint64_t requests = 0;
  };
  void read_member(std::string_view key, json::Cursor& cursor, chat::Learned& learned);

  Tokens now_;
  bool told_ = false;
};

// The member `usage` of a message, and of message_delta.
void write_usage(const chat::Learned& learned, json::Writer& json);
void write_delta_usage(const chat::Learned& learned, json::Writer& json);

}  // namespace sluice::dialect::anthropic
