#include "provider/catalogue/read.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "json/escaped.h"
#include "json/reader.h"

namespace sluice::provider {

namespace {

constexpr std::uint64_t kMostTokens = 1'000'000'000'000;
constexpr std::int64_t kMostPrice = 1'000'000 * kNanosPerDollar;
constexpr std::uint32_t kMostFactor = 100'000;  // thousandths

constexpr std::array<std::pair<std::string_view, Mode>, 4> kModes = {
    {{"chat", Mode::kChat}, {"embedding", Mode::kEmbedding}, {"rerank", Mode::kRerank}, {"realtime", Mode::kRealtime}}};

// "2026-12-01"; nothing when there is no such day.
std::optional<std::chrono::sys_days> parse_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = to_number<int>(text.substr(0, 4));
  const auto month = to_number<unsigned>(text.substr(5, 2));
  const auto of_month = to_number<unsigned>(text.substr(8, 2));
  if (!year || !month || !of_month) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(*of_month)};
  return date.ok() ? std::optional<std::chrono::sys_days>(date) : std::nullopt;
}

// Calls are priced once; what changes are the prices of tokens. A token without a price in a change has none then.
Rates over(Rates changed, const Rates& base) {
  for (std::size_t i = 0; i < kItems; ++i) {
    const auto item = static_cast<Item>(i);
    if (unit_of(item) == unit_of(Item::kInput)) continue;
    if (!changed[item] && base[item]) changed.set(item, *base[item]);
  }
  return changed;
}

}  // namespace

std::string CatalogueReader::read() {
  if (!json::each_member(cursor_, [&](std::string_view key) { read_top(key); })) return "expected an object";
  if (!cursor_.finish()) {
    const auto broken = cursor_.broken();
    return fmt::format("byte {}: {}", broken ? broken->offset : 0, broken ? broken->why : "expected its end");
  }
  if (mistake_.empty() && !has_schema_) return "schema is missing";
  return mistake_;
}

void CatalogueReader::read_top(std::string_view key) {
  Entry top;
  if (key == "schema") {
    has_schema_ = true;
    if (count(top, key, 1'000'000) != 1) wrong(top, key, "is not 1, the only one this program reads");
  } else if (key == "date") {
    into_.date_ = day(top, key);
  } else if (key == "models") {
    elements(top, key, [&](std::size_t index) { read_entry(index); });
  } else {
    wrong(top, key, "is no field of a catalogue");
  }
}

void CatalogueReader::read_entry(std::size_t index) {
  label_ = fmt::format("models[{}]", index);
  Entry entry;
  const bool is_object = json::each_member(cursor_, [&](std::string_view key) { read_field(key, entry); });
  if (!is_object) wrong(entry, "", "is no object");
  finish_prices(entry);
  add(entry);
  ++into_.entries_;
  label_.clear();
}

void CatalogueReader::read_field(std::string_view key, Entry& entry) {
  if (key == "id") {
    entry.model.id = text(entry, key);
  } else if (key == "prices") {
    entry.has_prices = true;
    entry.place = "prices.";
    read_prices(entry, entry.model.price.rates);
    entry.place.clear();
  } else if (key == "tiers") {
    read_tiers(entry);
  } else if (entry.is_variant) {
    wrong(entry, key, "is no field of a variant");
  } else if (key == "later" || key == "off_peak" || key == "factors" || key == "variants") {
    read_changes(key, entry);
  } else {
    read_facts(key, entry);
  }
}

void CatalogueReader::read_changes(std::string_view key, Entry& entry) {
  if (key == "later") return read_later(entry);
  if (key == "off_peak") return read_off_peak(entry);
  if (key == "factors") return read_factors(entry);
  read_variants(entry);
}

void CatalogueReader::read_facts(std::string_view key, Entry& entry) {
  Model& model = entry.model;
  if (key == "provider") {
    model.provider = text(entry, key);
  } else if (key == "aliases") {
    elements(entry, key, [&](std::size_t) { model.aliases.push_back(text(entry, "aliases")); });
  } else if (key == "mode") {
    const auto mode = std::ranges::find(kModes, text(entry, key), &decltype(kModes)::value_type::first);
    if (mode == kModes.end()) return wrong(entry, key, "is none of chat, embedding, rerank, realtime");
    model.mode = mode->second;
  } else if (key == "context_window") {
    model.context_window = count(entry, key, kMostTokens);
  } else if (key == "max_input") {
    model.max_input = count(entry, key, kMostTokens);
  } else if (key == "max_output") {
    model.max_output = count(entry, key, kMostTokens);
  } else if (key == "open_ended") {
    model.open_ended = cursor_.kind() == json::Kind::kTrue;
    if (const auto value = cursor_.skip(); value != "true" && value != "false")
      wrong(entry, key, "is neither true nor false");
  } else if (key == "can") {
    read_abilities(entry, model.can);
  } else if (key == "cannot") {
    read_abilities(entry, model.cannot);
  } else if (key == "retires") {
    model.retires = day(entry, key);
  } else if (key == "source") {
    model.source = text(entry, key);
  } else if (key == "date") {
    model.date = day(entry, key);
  } else {
    wrong(entry, key, "is no field of a model");
  }
}

void CatalogueReader::read_prices(Entry& entry, Rates& rates) {
  members(entry, "", [&](std::string_view key) {
    const auto item = item_of(key);
    if (!item) return wrong(entry, key, "is nothing that has a price");
    const std::string price = text(entry, key);
    const auto money = parse_money(price);
    if (!money) return wrong(entry, key, fmt::format("'{}' {}", printable(price, 40), money.error()));
    if (money->nanos < 0) return wrong(entry, key, "is negative");
    if (money->nanos > kMostPrice) return wrong(entry, key, "is more than 1000000 dollars");
    rates.set(*item, *money);
  });
}

void CatalogueReader::read_tiers(Entry& entry) {
  auto& tiers = entry.model.price.tiers;
  elements(entry, "tiers", [&](std::size_t index) {
    entry.place = fmt::format("tiers[{}].", index);
    Tier tier;
    read_tier(entry, tier);
    if (tier.from == 0) wrong(entry, "above", "is missing");
    if (!tiers.empty() && tier.from <= tiers.back().from) wrong(entry, "above", "is not more than that of the last");
    tiers.push_back(std::move(tier));
    entry.place.clear();
  });
}

void CatalogueReader::read_tier(Entry& entry, Tier& tier) {
  const std::string place = entry.place;
  members(entry, "", [&](std::string_view key) {
    if (key == "above") {
      tier.from = count(entry, key, kMostTokens) + 1;
    } else if (key == "from") {
      tier.from = count(entry, key, kMostTokens);
    } else if (key == "prices") {
      entry.place = place + "prices.";
      read_prices(entry, tier.rates);
      entry.place = place;
    } else {
      wrong(entry, key, "is no field of a tier");
    }
  });
}

void CatalogueReader::read_later(Entry& entry) {
  auto& changes = entry.model.price.later;
  elements(entry, "later", [&](std::size_t index) {
    const std::string place = fmt::format("later[{}].", index);
    entry.place = place;
    Later change;
    std::string from;
    members(entry, "", [&](std::string_view key) {
      if (key == "from") {
        from = day(entry, key);
      } else if (key == "prices") {
        entry.place = place + "prices.";
        read_prices(entry, change.rates);
        entry.place = place;
      } else {
        wrong(entry, key, "is no field of a later price");
      }
    });
    const auto first = parse_day(from);
    if (!first) wrong(entry, "from", "is missing");
    change.from = first.value_or(std::chrono::sys_days());
    if (!changes.empty() && change.from <= changes.back().from) wrong(entry, "from", "is not behind the last");
    changes.push_back(std::move(change));
    entry.place.clear();
  });
}

void CatalogueReader::read_off_peak(Entry& entry) {
  OffPeak off_peak;
  const std::string place = "off_peak.";
  entry.place = place;
  members(entry, "", [&](std::string_view key) {
    if (key == "peak_hours_utc") {
      read_peak_hours(entry, off_peak);
    } else if (key == "days") {
      elements(entry, key, [&](std::size_t) { off_peak.days.at(count(entry, "days", 6)) = true; });
    } else if (key == "days_utc_offset_minutes") {
      off_peak.days_offset = std::chrono::minutes(count(entry, key, 14 * 60));
    } else if (key == "prices") {
      entry.place = place + "prices.";
      read_prices(entry, off_peak.rates);
      entry.place = place;
    } else {
      wrong(entry, key, "is no field of it");
    }
  });
  entry.place.clear();
  entry.model.price.off_peak = std::move(off_peak);
}

void CatalogueReader::read_peak_hours(Entry& entry, OffPeak& off_peak) {
  constexpr std::string_view kField = "peak_hours_utc";
  elements(entry, kField, [&](std::size_t) {
    std::vector<unsigned> pair;
    elements(entry, kField, [&](std::size_t) { pair.push_back(static_cast<unsigned>(count(entry, kField, 24))); });
    if (pair.size() != 2 || pair[0] >= pair[1]) return wrong(entry, kField, "holds no pair of hours");
    off_peak.peak.push_back({pair[0], pair[1]});
  });
}

void CatalogueReader::read_factors(Entry& entry) {
  entry.place = "factors.";
  members(entry, "", [&](std::string_view key) {
    std::string word(key);
    const std::string factor = text(entry, word);
    const auto parsed = parse_money(factor);
    if (!parsed) return wrong(entry, word, fmt::format("'{}' {}", printable(factor, 40), parsed.error()));
    const std::int64_t thousandths = parsed->nanos / 1'000'000;
    if (parsed->nanos % 1'000'000 != 0) return wrong(entry, word, "has more than 3 decimals");
    if (thousandths < 0 || thousandths > kMostFactor) return wrong(entry, word, "is not from 0 to 100");
    entry.model.price.factors.push_back({std::move(word), static_cast<std::uint32_t>(thousandths)});
  });
  entry.place.clear();
}

void CatalogueReader::read_variants(Entry& entry) {
  elements(entry, "variants", [&](std::size_t index) {
    Entry variant;
    variant.is_variant = true;
    const std::string label = std::exchange(label_, fmt::format("{}: variants[{}]", label_, index));
    json::each_member(cursor_, [&](std::string_view key) { read_field(key, variant); });
    finish_prices(variant);
    label_ = label;
    entry.variants.push_back(std::move(variant.model));
  });
}

void CatalogueReader::read_abilities(Entry& entry, std::uint32_t& set) {
  elements(entry, "can", [&](std::size_t) {
    const std::string word = text(entry, "can");
    const auto ability = ability_of(word);
    if (!ability) return wrong(entry, "can", fmt::format("'{}' is nothing a model can do", printable(word, 40)));
    set |= static_cast<std::uint32_t>(*ability);
  });
}

void CatalogueReader::finish_prices(Entry& entry) {
  Price& price = entry.model.price;
  price.version = entry.model.date;
  if (entry.model.id.empty()) wrong(entry, "id", "is missing");
  if (!entry.is_variant && entry.model.provider.empty()) wrong(entry, "provider", "is missing");
  if (!entry.has_prices) wrong(entry, "prices", "is missing");
  const int changes = (price.tiers.empty() ? 0 : 1) + (price.later.empty() ? 0 : 1) + (price.off_peak ? 1 : 0);
  if (changes > 1) wrong(entry, "", "has two of tiers, later and off_peak");
  for (auto& tier : price.tiers) tier.rates = over(tier.rates, price.rates);
  for (auto& change : price.later) change.rates = over(change.rates, price.rates);
  if (price.off_peak) price.off_peak->rates = over(price.off_peak->rates, price.rates);
}

void CatalogueReader::add(Entry& entry) {
  if (!mistake_.empty()) return;
  std::vector<Model> all;
  for (Model& variant : entry.variants) {
    Model made = entry.model;
    made.aliases.clear();
    made.id = std::move(variant.id);
    made.price.rates = over(variant.price.rates, entry.model.price.rates);
    made.price.tiers = std::move(variant.price.tiers);
    all.push_back(std::move(made));
  }
  all.push_back(entry.model);
  for (Model& model : all) {
    if (const Model* other = into_.add(std::move(model))) {
      wrong(entry, "", fmt::format("has a name that {} has too", other->id));
    }
  }
}

std::string CatalogueReader::text(Entry& entry, std::string_view field) {
  const auto found = json::take_string(cursor_);
  if (found && !found->empty()) return json::plain(*found);
  wrong(entry, field, found ? "is empty" : "is no text");
  return {};
}

std::uint64_t CatalogueReader::count(Entry& entry, std::string_view field, std::uint64_t most) {
  const bool is_number = cursor_.kind() == json::Kind::kNumber;
  const auto found = to_number<std::uint64_t>(cursor_.skip());
  if (is_number && found && *found <= most) return *found;
  wrong(entry, field, fmt::format("is no whole number up to {}", most));
  return 0;
}

std::string CatalogueReader::day(Entry& entry, std::string_view field) {
  std::string found = text(entry, field);
  if (!found.empty() && !parse_day(found)) wrong(entry, field, "is no day such as 2026-12-01");
  return found;
}

// The first mistake is told; those behind it may follow from it.
void CatalogueReader::wrong(const Entry& entry, std::string_view field, std::string_view what) {
  if (!mistake_.empty() || cursor_.broken()) return;
  const Model& model = entry.model;
  const bool named = !model.provider.empty() && !model.id.empty();
  std::string where = named ? model.provider + "/" + model.id : label_;
  if (!where.empty()) where += ": ";
  const std::string path = entry.place + std::string(field);
  mistake_ = where + (path.empty() ? "" : path + " ") + std::string(what);
}

template <class Visit>
void CatalogueReader::members(Entry& entry, std::string_view field, Visit visit) {
  if (!json::each_member(cursor_, visit)) wrong(entry, field, "is no object");
}

template <class Visit>
void CatalogueReader::elements(Entry& entry, std::string_view field, Visit visit) {
  if (!json::each_element(cursor_, visit)) wrong(entry, field, "is no list");
}

Result<std::unique_ptr<const Catalogue>> Catalogue::load(std::string_view json) {
  return load(json, Catalogue());
}

Result<std::unique_ptr<const Catalogue>> Catalogue::load(std::string_view json, const Catalogue& below) {
  auto catalogue = std::make_unique<Catalogue>();
  json::Reader reader;
  auto cursor = reader.scan_copy(json);
  if (!cursor) {
    return fail(FaultKind::kInvalidConfig, fmt::format("byte {}: {}", cursor.error().offset, cursor.error().why));
  }
  if (std::string mistake = CatalogueReader(*cursor, *catalogue).read(); !mistake.empty()) {
    return fail(FaultKind::kInvalidConfig, std::move(mistake));
  }
  catalogue->digest_ = std::hash<std::string_view>{}(json);
  catalogue->keep(below);
  return std::unique_ptr<const Catalogue>(std::move(catalogue));
}

}  // namespace sluice::provider
