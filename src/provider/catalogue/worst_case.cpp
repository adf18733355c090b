#include "provider/catalogue/worst_case.h"

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string>

#include "base/text.h"
#include "dialect/medium.h"
#include "provider/catalogue/cost.h"

namespace sluice::provider {

namespace {

using Wide = unsigned __int128;

constexpr std::uint64_t kMicro = 1'000'000;
// What providers put before a prompt with tools, beyond their definitions.
constexpr std::uint64_t kToolPrompt = 1'000;
// The most of any model's image at the highest detail; gpt-4o-mini counts them as if they were longer.
constexpr std::uint64_t kImage = 5'000;
constexpr std::uint64_t kImageOfMini = 50'000;
// Models count 32 tokens a second at most: fewer than one for so much base64, however short a second is.
constexpr std::uint64_t kAudioBytesPerToken = 16;
static_assert(kAudioBytesPerToken * 32 <= dialect::kBytesOfSecond * 4 / 3);
constexpr std::uint64_t kOnlineSearches = 10;
constexpr std::int64_t kMostNanos = std::int64_t{1} << 60;

// Of those that have a price the dearest.
std::optional<Money> dearest_of(const Rates& rates, std::initializer_list<Item> items) {
  std::optional<Money> most;
  for (const auto item : items) {
    if (rates[item] && (!most || *rates[item] > *most)) most = rates[item];
  }
  return most;
}

using Words = std::span<const std::string_view>;
constexpr std::string_view kTiers[] = {"flex", "priority", "batch", "scale", "ultrafast", "reserved"};
constexpr std::string_view kSpeeds[] = {"fast", "optimized"};
// Tiers that are no dearer than the usual one; every other word may be answered as the dearest.
constexpr std::string_view kPlainTiers[] = {"flex", "default", "standard", "standard_only", "batch"};

bool is_in(Words words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}
bool names(const std::vector<std::string>& asked, std::string_view word) {
  return std::ranges::find(asked, word) != asked.end();
}

// Of tier, speed and place the dearest that may apply, in thousandths; nothing is taken off. A place that is not named
// is the account's choice. What one API calls a speed is a tier of others.
Wide factor_for(const Price& price, const dialect::AskedTerms& asked) {
  const bool has_fast = names(asked.speeds, "fast") || names(asked.tiers, "fast");
  const bool open_tier =
      has_fast || !std::ranges::all_of(asked.tiers, [](const auto& word) { return is_in(kPlainTiers, word); });
  const bool open_place = asked.places.empty() || names(asked.places, "null");
  Wide tier = 1000, speed = 1000, place = 1000;
  for (const auto& [word, thousandths] : price.factors) {
    const bool is_tier = is_in(kTiers, word), is_speed = is_in(kSpeeds, word);
    const bool applies = is_tier    ? open_tier
                         : is_speed ? names(asked.speeds, word) || names(asked.tiers, word)
                                    : open_place || names(asked.places, word);
    Wide& most = is_tier ? tier : is_speed ? speed : place;
    if (applies) most = std::max<Wide>(most, thousandths);
  }
  return (tier * speed * place + kMicro - 1) / kMicro;
}

std::optional<Money> input_price(const Rates& rates, const Bounds& bounds) {
  auto most = dearest_of(rates, {Item::kInput, Item::kCacheWrite, Item::kCacheWrite30m});
  auto raise = [&](Item item) {
    if (most && rates[item] && *rates[item] > *most) most = rates[item];
  };
  if (bounds.writes_cache) raise(Item::kCacheWrite5m);
  if (bounds.writes_cache_1h) raise(Item::kCacheWrite1h);
  if (bounds.has_images) raise(Item::kImageInput);
  if (bounds.has_audio) raise(Item::kAudioInput);
  return most;
}

std::optional<Money> output_price(const Rates& rates) {
  return dearest_of(rates, {Item::kOutput, Item::kReasoning, Item::kAudioOutput, Item::kImageOutput});
}

// In millionths of a nano-dollar, before factors; nothing: no price.
std::optional<Wide> tokens_cost(std::uint64_t tokens, std::optional<Money> price) {
  if (tokens == 0) return 0;
  if (!price) return std::nullopt;
  return static_cast<Wide>(std::min(tokens, kMicro * kMicro)) * static_cast<std::uint64_t>(price->nanos);
}

Money rounded_up(Wide millionths) {
  const Wide nanos = (millionths + kMicro - 1) / kMicro;
  return Money{static_cast<std::int64_t>(std::min<Wide>(nanos, kMostNanos))};
}

// OpenRouter searches the web for such a model, as its web plugin does.
bool is_online(std::string_view model) {
  return model.ends_with(":online") || model.contains(":online:");
}

std::optional<Wide> calls_cost(const Rates& rates, const Bounds& bounds) {
  if (unpriced_call(rates, bounds)) return std::nullopt;
  Wide sum = 0;
  auto add = [&](Item item, std::uint64_t count, std::optional<Money> price) {
    if (price) sum += static_cast<Wide>(count) * static_cast<std::uint64_t>(price->nanos) * (kMicro / unit_of(item));
  };
  // How it is to search is not read: the dearest fee.
  add(Item::kRequest, bounds.requests,
      dearest_of(rates, {Item::kRequest, Item::kRequestMedium, Item::kRequestHigh, Item::kRequestMost}));
  add(Item::kWebSearch, bounds.searches, rates[Item::kWebSearch]);
  add(Item::kGroundedRequest, bounds.searches > 0 ? 1 : 0, rates[Item::kGroundedRequest]);
  add(Item::kFileSearch, bounds.file_searches, rates[Item::kFileSearch]);
  add(Item::kToolCall, bounds.tool_calls, rates[Item::kToolCall]);
  return sum;
}

// visit(rates, bounds) for each price that a request within these bounds may have: with a tier it is another from so
// much input on, and may be a lower one. Ends where a visit says false.
template <class Visit>
bool each_price(const Price& price, const Bounds& bounds, WallTime when, Visit&& visit) {
  Bounds below = bounds;
  for (const auto& tier : price.tiers) {
    if (tier.from > bounds.input) break;
    below.input = tier.from - 1;
    if (!visit(price.rates_for(below.input, when), below)) return false;
  }
  return visit(price.rates_for(bounds.input, when), bounds);
}

std::optional<Money> most_at(const Rates& rates, const Bounds& bounds, Wide factor) {
  const auto input = tokens_cost(bounds.input, input_price(rates, bounds));
  const auto output = tokens_cost(bounds.output, output_price(rates));
  const auto calls = calls_cost(rates, bounds);
  // A reranker is paid by searches alone.
  const bool by_calls = calls && *calls > 0 && bounds.output == 0;
  if (!output || !calls || (!input && !by_calls)) return std::nullopt;
  return rounded_up((input.value_or(0) + *output) * factor / 1000 + *calls);
}

}  // namespace

std::optional<Bounds> bounds_of(const dialect::Endpoint& endpoint, const dialect::Demand& demand,
                                std::string_view model, ModelLimits limits) {
  using dialect::Operation;
  Bounds bounds{.has_images = demand.images > 0,
                .has_audio = demand.audio_bytes > 0,
                .writes_cache = demand.marks_cache,
                .writes_cache_1h = demand.marks_cache_1h};
  constexpr std::string_view kNative[] = {"completions", "responses_compact"};
  const bool writes =
      endpoint.operation == Operation::kChat || std::ranges::find(kNative, endpoint.name) != std::end(kNative);
  const bool reads = endpoint.operation == Operation::kEmbed || endpoint.operation == Operation::kRerank ||
                     endpoint.name == "moderations";
  const bool known = writes || reads;
  if (!known || !demand.readable || limits.open_ended) return std::nullopt;
  // Fine-tuned, sold by others …
  const bool as_mini = demand.images > 0 && (limits.any_model || lower(model).contains("gpt-4o-mini"));
  bounds.input = demand.text_bytes + demand.images * (as_mini ? kImageOfMini : kImage) +
                 demand.audio_bytes / kAudioBytesPerToken + (demand.has_tools ? kToolPrompt : 0);
  if (demand.has_window_only || is_online(model)) {
    if (limits.window == 0) return std::nullopt;
    bounds.input = std::max(bounds.input, limits.window);
  }
  bounds.searches = demand.searches;
  if (is_online(model)) bounds.searches += kOnlineSearches;
  bounds.file_searches = demand.file_searches;
  bounds.tool_calls = demand.tool_calls;
  // Documents beyond a hundred are a further search, and long ones count as several.
  if (endpoint.operation == Operation::kRerank)
    bounds.requests = 1 + (demand.documents + demand.text_bytes / 500) / 100;
  if (!writes) return bounds;
  const auto asked = dialect::max_output_of(endpoint, demand);
  const auto each = asked.value_or(limits.max_output);
  // To the Messages API 0 is a limit: the request only warms the cache. Other servers may take it for none.
  const bool only_reads = asked == 0 && endpoint.dialect == "anthropic";
  if (each == 0 && !only_reads) return std::nullopt;
  bounds.output = std::min(each, kMicro * kMicro) * std::min(demand.answers, kMicro);
  return bounds;
}

dialect::AskedTerms terms_at(std::string_view catalogue_name, dialect::AskedTerms asked) {
  const bool chooses = catalogue_name == "openai" || catalogue_name == "azure";
  if (chooses && asked.tiers.empty()) asked.tiers.emplace_back("auto");
  return asked;
}

std::optional<std::string> unpriced_term(const Price& price, const dialect::AskedTerms& asked) {
  auto has_factor = [&](std::string_view word) {
    return std::ranges::find(price.factors, word, &Factor::word) != price.factors.end();
  };
  // OpenAI answers a tier of "fast" as "priority".
  auto is_priced = [&](std::string_view word) {
    return word == "null" || is_usual_term(word) || has_factor(word) || (word == "fast" && has_factor("priority"));
  };
  for (const auto* words : {&asked.tiers, &asked.speeds, &asked.places}) {
    const auto found = std::ranges::find_if_not(*words, is_priced);
    if (found != words->end()) return *found;
  }
  return std::nullopt;
}

std::optional<Item> unpriced_call(const Rates& rates, const Bounds& bounds) {
  if (bounds.searches > 0 && !rates[Item::kWebSearch] && !rates[Item::kGroundedRequest]) return Item::kWebSearch;
  if (bounds.file_searches > 0 && !rates[Item::kFileSearch]) return Item::kFileSearch;
  if (bounds.tool_calls > 0 && !rates[Item::kToolCall]) return Item::kToolCall;
  return std::nullopt;
}

std::optional<Money> worst_case(const Price& price, const Bounds& bounds, const dialect::AskedTerms& terms,
                                WallTime when) {
  const auto factor = factor_for(price, terms);
  Money most;
  const bool known = each_price(price, bounds, when, [&](const Rates& rates, const Bounds& within) {
    const auto cost = most_at(rates, within, factor);
    most = std::max(most, cost.value_or(Money{}));
    return cost.has_value();
  });
  return known ? std::optional(most) : std::nullopt;
}

std::optional<std::uint64_t> output_for(const Price& price, Bounds bounds, const dialect::AskedTerms& terms,
                                        WallTime when, Money money) {
  bounds.output = 0;
  const auto factor = factor_for(price, terms);
  std::optional<std::uint64_t> least;
  const bool known = each_price(price, bounds, when, [&](const Rates& rates, const Bounds& within) {
    const auto before = most_at(rates, within, factor);
    const auto each = output_price(rates);
    if (!before || !each) return false;
    if (each->nanos <= 0 && money > *before) return true;
    const Wide left = money > *before ? static_cast<Wide>(money.nanos - before->nanos) * kMicro * 1000 : 0;
    const auto tokens = left == 0 ? 0 : static_cast<std::uint64_t>(left / (static_cast<Wide>(each->nanos) * factor));
    least = std::min(least.value_or(tokens), tokens);
    return true;
  });
  return known ? least : std::nullopt;
}

Price with_calls_of(Price price, const Price& other) {
  auto add = [&](Rates& rates) {
    const bool searches = rates[Item::kWebSearch] || rates[Item::kGroundedRequest];
    for (const auto item : {Item::kWebSearch, Item::kFileSearch, Item::kToolCall}) {
      const bool has_one = rates[item] || (item == Item::kWebSearch && searches);
      if (!has_one) rates.set(item, other.rates[item].value_or(Money{}));
    }
  };
  add(price.rates);
  for (auto& tier : price.tiers) add(tier.rates);
  for (auto& later : price.later) add(later.rates);
  if (price.off_peak) add(price.off_peak->rates);
  return price;
}

Price dearest(const Catalogue& catalogue) {
  Price most;
  auto raise = [&](const Rates& rates) {
    for (std::size_t i = 0; i < kItems; ++i) {
      const auto item = static_cast<Item>(i);
      if (rates[item] && (!most.rates[item] || *rates[item] > *most.rates[item])) most.rates.set(item, *rates[item]);
    }
  };
  for (const auto& model : catalogue.models()) {
    raise(model.price.rates);
    for (const auto& tier : model.price.tiers) raise(tier.rates);
  }
  return most;
}

ModelLimits largest(const Catalogue& catalogue) {
  ModelLimits most;
  for (const auto& model : catalogue.models()) {
    most.window = std::max(most.window, model.context_window.value_or(0));
    most.max_output = std::max(most.max_output, model.max_output.value_or(0));
  }
  return most;
}

}  // namespace sluice::provider
