#include "provider/catalogue/price.h"

#include <algorithm>

namespace sluice::provider {

namespace {

constexpr std::string_view kPerThousand = "_per_1k";
constexpr std::uint64_t kTokens = 1'000'000;
constexpr std::uint64_t kCalls = 1'000;

struct Row {
  std::string_view name;
  std::uint64_t unit;
};

// In the order of Item.
constexpr std::array<Row, kItems> kRows = {{
    {"input", kTokens},          {"cache_read", kTokens},       {"cache_write", kTokens},
    {"cache_write_5m", kTokens}, {"cache_write_30m", kTokens},  {"cache_write_1h", kTokens},
    {"audio_input", kTokens},    {"audio_cache_read", kTokens}, {"image_input", kTokens},
    {"output", kTokens},         {"reasoning", kTokens},        {"audio_output", kTokens},
    {"image_output", kTokens},   {"web_search", kCalls},        {"grounded_request", kCalls},
    {"file_search", kCalls},     {"tool_call", kCalls},         {"request", kCalls},
    {"request_medium", kCalls},  {"request_high", kCalls},      {"request_most", kCalls},
}};

}  // namespace

std::string_view name(Item item) {
  return kRows[static_cast<std::size_t>(item)].name;
}

std::uint64_t unit_of(Item item) {
  return kRows[static_cast<std::size_t>(item)].unit;
}

std::optional<Item> item_of(std::string_view price_name) {
  const bool calls = price_name.ends_with(kPerThousand);
  if (calls) price_name.remove_suffix(kPerThousand.size());
  for (std::size_t i = 0; i < kItems; ++i) {
    if (kRows[i].name == price_name && (kRows[i].unit == kCalls) == calls) return static_cast<Item>(i);
  }
  return std::nullopt;
}

bool OffPeak::holds(WallTime when) const {
  using std::chrono::floor;
  const auto there = floor<std::chrono::days>(when + days_offset);
  if (days[std::chrono::weekday(there).c_encoding()]) return true;
  const auto today = floor<std::chrono::days>(when);
  const auto hour = static_cast<unsigned>(floor<std::chrono::hours>(when - today).count());
  return std::ranges::none_of(peak, [&](const Hours& hours) { return hours.from <= hour && hour < hours.to; });
}

const Rates& Price::rates_for(std::uint64_t input, WallTime when) const {
  const Rates* found = &rates;
  for (const Tier& tier : tiers) {
    if (input >= tier.from) found = &tier.rates;
  }
  for (const Later& change : later) {
    if (when >= change.from) found = &change.rates;
  }
  if (off_peak && off_peak->holds(when)) found = &off_peak->rates;
  return *found;
}

}  // namespace sluice::provider
