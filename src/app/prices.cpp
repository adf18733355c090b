#include "app/prices.h"

#include <fmt/format.h>

#include "app/text_file.h"

namespace sluice::app {

namespace {

constexpr std::string_view kFile = "prices.file: ";

// Dollars for each call → for a thousand.
void set_call(provider::Rates& rates, provider::Item item, const std::optional<Money>& each) {
  if (each) rates.set(item, Money{each->nanos * 1000});
}

}  // namespace

Result<std::unique_ptr<const provider::Catalogue>> load_catalogue(const std::string& file,
                                                                  const provider::Catalogue& built_in) {
  if (file.empty()) return nullptr;
  const auto place = std::string(kFile) + file;
  auto text = read_text_file(file);
  if (!text) return fail(FaultKind::kInvalidConfig, place + " " + text.error());
  auto loaded = provider::Catalogue::load(*text, built_in);
  if (!loaded) return fail(FaultKind::kInvalidConfig, place + ": " + loaded.error().told);
  if ((*loaded)->entries() > 0) return loaded;
  return fail(FaultKind::kInvalidConfig,
              place + ": it lists no models; take prices.file out where the built-in catalogue alone is meant.");
}

Status check_shrunk(const std::string& file, std::size_t entries_before, const provider::Catalogue& now) {
  constexpr std::size_t kFew = 8;  // of fewer than these, one that was meant to go may be half
  if (entries_before < kFew || now.entries() * 2 > entries_before) return {};
  return fail(
      FaultKind::kInvalidConfig,
      fmt::format("{}{}: it has {} entries, and had {}: half of them or more are gone, so those of before stay. "
                  "Where that is meant, restart, or name a file of another name in prices.file.",
                  kFile, file, now.entries(), entries_before));
}

// "openai" is the type of any server that speaks like it: at another address it is the provider that its name says.
std::string catalogue_name(const ProviderConfig& config, const provider::Known& known,
                           const provider::Catalogue& catalogue) {
  const bool usual = config.base_url.empty() || config.base_url == known.base_url;
  if (known.type != "openai" || usual) return std::string(known.type);
  return catalogue.has_provider(config.name) ? config.name : std::string();
}

std::optional<provider::Price> price_of(const PriceConfig& config) {
  using provider::Item;
  if (config == PriceConfig()) return std::nullopt;
  provider::Price price{.version = "configuration"};
  auto set = [&](Item item, const std::optional<Money>& money) {
    if (money) price.rates.set(item, *money);
  };
  set(Item::kInput, config.input);
  set(Item::kOutput, config.output);
  set(Item::kCacheRead, config.cache_read ? config.cache_read : config.input);
  set(Item::kCacheWrite5m, config.cache_write_5m);
  set(Item::kCacheWrite30m, config.cache_write_30m);
  set(Item::kCacheWrite1h, config.cache_write_1h);
  set(Item::kReasoning, config.reasoning);
  set(Item::kAudioInput, config.audio_input);
  set(Item::kAudioOutput, config.audio_output);
  set_call(price.rates, Item::kWebSearch, config.web_search);
  set_call(price.rates, Item::kFileSearch, config.file_search);
  set_call(price.rates, Item::kToolCall, config.tool_call);
  set_call(price.rates, Item::kRequest, config.request);
  return price;
}

}  // namespace sluice::app
