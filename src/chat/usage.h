// What an answer used, in one form for all dialects.
//
// input counts everything the model read, cache reads and writes included; output everything it wrote, reasoning
// included. The parts are within their totals; cache_write_1h is within cache_write, the rest of it was for five
// minutes (or the provider's only term). What is paid for may be less than what was read and written: where the
// provider tells it apart, it is in billed_*. Source of each dialect's mapping: its own usage reader. Thread rule:
// plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::chat {

enum class UsageSource {
  kNone,
  kProvider,
  kEstimated,  // by chat/estimate.h: all of it, or what the provider did not count
};

// "none", "provider", "estimated": for logs and headers.
constexpr std::string_view name(UsageSource source) {
  constexpr std::string_view kNames[] = {"none", "provider", "estimated"};
  return kNames[static_cast<std::size_t>(source)];
}

// How much of the web a request was to look at: what it costs may depend on it.
enum class SearchSize : std::uint8_t { kUntold, kLow, kMedium, kHigh };

struct Usage {
  UsageSource source = UsageSource::kNone;
  std::uint64_t input = 0;
  std::uint64_t cache_read = 0;
  std::uint64_t cache_write = 0;
  std::uint64_t cache_write_1h = 0;
  std::uint64_t output = 0;
  std::uint64_t reasoning = 0;
  std::uint64_t audio_input = 0;
  std::uint64_t audio_output = 0;
  std::uint64_t image_input = 0;
  std::uint64_t image_output = 0;
  std::uint64_t tool_input = 0;        // results of server tools that were read, within input
  std::uint64_t tool_requests = 0;     // web searches
  std::uint64_t file_searches = 0;     // searches of files that the provider keeps, where it charges them
  std::uint64_t tool_calls = 0;        // calls of its other tools that it charges: running code, drawing
  std::uint64_t audio_cache_read = 0;  // within cache_read and audio_input, where it is told
  std::optional<std::uint64_t> billed_input;
  std::optional<std::uint64_t> billed_output;
  std::optional<std::uint64_t> billed_searches;  // of a reranker, which is paid by these
  std::optional<std::uint64_t> billed_request;  // nano-dollars: the fee of the request itself, as its provider tells it
  SearchSize search_size = SearchSize::kUntold;

  bool operator==(const Usage&) const = default;
};

// A count that is told again: what a later usage of the same answer leaves out, or tells as 0, was told before.
constexpr std::uint64_t last_told(std::optional<std::uint64_t> later, std::uint64_t earlier) {
  return later.value_or(0) > 0 ? *later : earlier;
}

// What two usages of one answer say together, by last_told. Billed units are the later one's where it has any.
Usage joined(const Usage& earlier, const Usage& later);

}  // namespace sluice::chat
