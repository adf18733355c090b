// What a model costs: a price for each kind of token and call, with what changes it (the size of the prompt, a date,
// the hour, the terms of service).
//
// A price that is not known is absent, never zero. Source of the numbers: data/models.json, or the configuration.
// Thread rule: plain values, constant once read.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/money.h"

namespace sluice::provider {

// What is charged for. Tokens of a kind that has a price of its own are not charged as input or output too.
enum class Item : std::uint8_t {
  kInput,
  kCacheRead,
  kCacheWrite,     // for whatever term
  kCacheWrite5m,   // the short term of Anthropic
  kCacheWrite30m,  // and of OpenAI
  kCacheWrite1h,   // the long one
  kAudioInput,
  kAudioCacheRead,
  kImageInput,
  kOutput,
  kReasoning,
  kAudioOutput,
  kImageOutput,
  kWebSearch,        // each search
  kGroundedRequest,  // a request that searched, however often
  kFileSearch,       // each search of files that the provider keeps
  kToolCall,         // each call of another tool at the provider that it charges for: running code, drawing
  kRequest,          // each request; each search of a reranker
  kRequestMedium,    // one that searched more of the web, where that costs more
  kRequestHigh,      // and one that searched most of it
  kRequestMost,      // the most that one can cost, where it is more than these and told with the answer
};
inline constexpr std::size_t kItems = 21;

std::string_view name(Item item);  // "cache_write_5m"
// "cache_write_5m", "web_search_per_1k": how the catalogue names its price, unit included; nothing for other words.
std::optional<Item> item_of(std::string_view price_name);
// How many its price is for: 1'000'000 tokens, 1'000 calls.
std::uint64_t unit_of(Item item);

class Rates {
 public:
  const std::optional<Money>& operator[](Item item) const { return prices_[static_cast<std::size_t>(item)]; }
  void set(Item item, Money price) { prices_[static_cast<std::size_t>(item)] = price; }
  bool operator==(const Rates&) const = default;

 private:
  std::array<std::optional<Money>, kItems> prices_;
};

// Holds for the whole request, output too, when its input (cache reads and writes included) has `from` tokens or more.
struct Tier {
  std::uint64_t from = 0;
  Rates rates;
};

// Holds from the first moment of a day on, UTC.
struct Later {
  std::chrono::sys_days from;
  Rates rates;
};

// Holds outside of the peak hours, and all day on some days of the week.
struct OffPeak {
  struct Hours {
    unsigned from = 0;  // UTC, 0 to 24
    unsigned to = 0;    // not included
  };
  std::vector<Hours> peak;
  std::array<bool, 7> days{};  // from Sunday; of a place with this offset
  std::chrono::minutes days_offset{0};
  Rates rates;

  bool holds(WallTime when) const;
};

// By what the price is multiplied under a word of the answer: "flex", "priority", "batch", "fast", "us".
struct Factor {
  std::string word;
  std::uint32_t thousandths = 1000;
};

struct Price {
  std::string version;  // of whose numbers: the day of a catalogue's entry, "configuration"
  Rates rates;
  // At most one of these three changes a price.
  std::vector<Tier> tiers;   // ascending
  std::vector<Later> later;  // ascending
  std::optional<OffPeak> off_peak;
  std::vector<Factor> factors;

  // Those for a request of so many tokens of input, at that time.
  const Rates& rates_for(std::uint64_t input, WallTime when) const;
};

}  // namespace sluice::provider
