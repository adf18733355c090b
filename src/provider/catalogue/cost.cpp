#include "provider/catalogue/cost.h"

#include <algorithm>
#include <limits>

namespace sluice::provider {

namespace {

using Why = Unpriced::Why;
using Counts = std::array<std::uint64_t, kItems>;
__extension__ typedef unsigned __int128 Wide;

constexpr std::uint64_t kMicro = 1'000'000;  // prices are for a million or a thousand

std::uint64_t& at(Counts& counts, Item item) {
  return counts[static_cast<std::size_t>(item)];
}

// Takes up to `wanted` out of what is left of a total.
std::uint64_t take(std::uint64_t& left, std::uint64_t wanted) {
  const std::uint64_t taken = std::min(left, wanted);
  left -= taken;
  return taken;
}

// Writes to a cache by their term. One price for any term is told as such.
void count_writes(const Rates& rates, std::uint64_t written, std::uint64_t longer, Counts& counts) {
  longer = std::min(longer, written);
  const Item one = rates[Item::kCacheWrite5m]    ? Item::kCacheWrite5m
                   : rates[Item::kCacheWrite30m] ? Item::kCacheWrite30m
                                                 : Item::kCacheWrite;
  const bool any_term = one == Item::kCacheWrite && rates[one] && !rates[Item::kCacheWrite1h];
  at(counts, one) += written - longer;
  at(counts, any_term ? one : Item::kCacheWrite1h) += longer;
}

void count_input(const chat::Usage& usage, const Rates& rates, Counts& counts) {
  std::uint64_t left = usage.input;
  std::uint64_t cached = take(left, usage.cache_read);
  count_writes(rates, take(left, usage.cache_write), usage.cache_write_1h, counts);
  const std::uint64_t audio = std::min(usage.audio_input, usage.input);
  // What does not fit into the rest must have been read from the cache, told or not.
  const std::uint64_t beyond = audio - std::min(audio, left);
  const std::uint64_t audio_cached = take(cached, std::max(beyond, std::min(usage.audio_cache_read, audio)));
  at(counts, Item::kAudioCacheRead) = audio_cached;
  at(counts, Item::kAudioInput) = take(left, audio - audio_cached);
  // Images are input like any other where they have no price of their own.
  if (rates[Item::kImageInput]) at(counts, Item::kImageInput) = take(left, usage.image_input);
  at(counts, Item::kCacheRead) = cached;
  at(counts, Item::kInput) = left;
}

void count_output(const chat::Usage& usage, const Rates& rates, Counts& counts) {
  std::uint64_t left = usage.output;
  at(counts, Item::kAudioOutput) = take(left, usage.audio_output);
  at(counts, Item::kImageOutput) = take(left, usage.image_output);
  // Reasoning is output like any other where it has no price of its own.
  if (rates[Item::kReasoning]) at(counts, Item::kReasoning) = take(left, usage.reasoning);
  at(counts, Item::kOutput) = left;
}

// By how much of the web it was to look at, where that has prices.
Item request_of(const chat::Usage& usage, const Rates& rates) {
  if (usage.search_size == chat::SearchSize::kMedium && rates[Item::kRequestMedium]) return Item::kRequestMedium;
  if (usage.search_size == chat::SearchSize::kHigh && rates[Item::kRequestHigh]) return Item::kRequestHigh;
  return Item::kRequest;
}

// Where the fee depends on how it searched, and the answer tells which it was, that one: nothing else tells all of it.
std::optional<Money> each_of(Item item, const chat::Usage& usage, const Rates& rates) {
  const bool is_fee = item == Item::kRequest || item == Item::kRequestMedium || item == Item::kRequestHigh;
  if (!is_fee || !rates[Item::kRequestHigh] || !usage.billed_request) return rates[item];
  return Money{static_cast<std::int64_t>(*usage.billed_request * unit_of(item))};
}

void count_calls(const chat::Usage& usage, const Rates& rates, Counts& counts) {
  if (rates[Item::kGroundedRequest]) {
    at(counts, Item::kGroundedRequest) = usage.tool_requests > 0 ? 1 : 0;
  } else {
    at(counts, Item::kWebSearch) = usage.tool_requests;
  }
  at(counts, Item::kFileSearch) = usage.file_searches;
  at(counts, Item::kToolCall) = usage.tool_calls;
  if (rates[Item::kRequest]) at(counts, request_of(usage, rates)) = usage.billed_searches.value_or(1);
}

Counts counts_of(const chat::Usage& usage, const Rates& rates) {
  Counts counts{};
  if (usage.billed_input) {
    at(counts, Item::kInput) = *usage.billed_input;
  } else {
    count_input(usage, rates, counts);
  }
  if (usage.billed_output) {
    at(counts, Item::kOutput) = *usage.billed_output;
  } else {
    count_output(usage, rates, counts);
  }
  count_calls(usage, rates, counts);
  return counts;
}

// The product of the factors of all terms, as a share of `whole`.
struct Share {
  Wide part = 1;
  Wide whole = 1;
};

std::optional<Share> share_of(const Price& price, const Terms& terms) {
  Share share;
  for (const std::string_view word : {terms.service_tier, terms.speed, terms.geo}) {
    const auto factor = std::ranges::find(price.factors, word, &Factor::word);
    if (factor != price.factors.end()) {
      share.part *= factor->thousandths;
      share.whole *= 1000;
    } else if (!is_usual_term(word)) {
      return std::nullopt;
    }
  }
  return share;
}

// Nano-dollars times kMicro times share.whole: exact. Nothing when that is beyond 128 bits. Factors are of tokens.
std::optional<Wide> exact(Item item, std::uint64_t count, Money price, const Share& share) {
  const bool calls = unit_of(item) != kMicro;
  const Wide scale = (kMicro / unit_of(item)) * (calls ? share.whole : share.part);
  Wide amount = static_cast<Wide>(count) * static_cast<std::uint64_t>(price.nanos);  // 64 bits each
  if (__builtin_mul_overflow(amount, scale, &amount)) return std::nullopt;
  return amount;
}

Wide rounded(Wide amount, Wide unit) {
  const Wide part = amount % unit;
  return amount / unit + (part >= unit - part ? 1 : 0);
}

}  // namespace

bool is_usual_term(std::string_view word) {
  constexpr std::string_view kUsual[] = {"",       "default",       "standard",   "auto", "on_demand", "standard_only",
                                         "global", "not_available", "unspecified"};
  return std::ranges::find(kUsual, word) != std::end(kUsual);
}

Terms terms_of(const chat::Learned& learned, WallTime when) {
  return {.service_tier = learned.service_tier, .speed = learned.speed, .geo = learned.geo, .when = when};
}

namespace {

std::string_view no_price_of(Item item) {
  static const auto kTexts = [] {
    std::array<std::string, kItems> texts;
    for (std::size_t i = 0; i < kItems; ++i) texts[i] = "no price of " + std::string(name(static_cast<Item>(i)));
    return texts;
  }();
  return kTexts[static_cast<std::size_t>(item)];
}

}  // namespace

std::string_view to_text(const Unpriced& unpriced) {
  switch (unpriced.why) {
    case Why::kNoPrice:
      return "no price of the model";
    case Why::kNoUsage:
      return "no usage in the answer";
    case Why::kGoesOn:
      return "the answer goes on in the background";
    case Why::kItem:
      return no_price_of(unpriced.item);
    case Why::kTerms:
      return "no price of its service tier";
    case Why::kTooMuch:
      return "counts beyond reason";
  }
  return {};
}

std::expected<Cost, Unpriced> cost_of(const Price* price, const chat::Usage& usage, const Terms& terms) {
  using Unknown = std::unexpected<Unpriced>;
  if (price == nullptr) return Unknown(Unpriced{Why::kNoPrice});
  if (usage.source == chat::UsageSource::kNone) return Unknown(Unpriced{Why::kNoUsage});
  const auto share = share_of(*price, terms);
  if (!share) return Unknown(Unpriced{Why::kTerms});
  const Rates& rates = price->rates_for(usage.input, terms.when);
  const Counts counts = counts_of(usage, rates);

  const Wide unit = kMicro * share->whole;
  Cost cost;
  cost.lines.reserve(8);
  Wide sum = 0;
  Wide told = 0;  // of it, in whole nano-dollars: each line has what the sum grew by, so that nothing is lost
  for (std::size_t i = 0; i < kItems; ++i) {
    if (counts[i] == 0) continue;
    const auto item = static_cast<Item>(i);
    const auto each = each_of(item, usage, rates);
    if (!each) return Unknown(Unpriced{Why::kItem, item});
    const auto amount = exact(item, counts[i], *each, *share);
    if (!amount || __builtin_add_overflow(sum, *amount, &sum)) return Unknown(Unpriced{Why::kTooMuch});
    const Wide now = rounded(sum, unit);
    if (now > static_cast<Wide>(std::numeric_limits<std::int64_t>::max())) return Unknown(Unpriced{Why::kTooMuch});
    cost.lines.push_back({item, counts[i], *each, Money{static_cast<std::int64_t>(now - told)}});
    told = now;
  }
  cost.total = Money{static_cast<std::int64_t>(told)};
  return cost;
}

}  // namespace sluice::provider
