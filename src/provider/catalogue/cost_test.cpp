#include "provider/catalogue/cost.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>

#include "checkout.h"
#include "provider/catalogue/catalogue.h"

namespace sluice::provider::cost_test {
namespace {

namespace dom = simdjson::dom;
using namespace std::chrono_literals;
using std::chrono::sys_days;

const Catalogue& ours() {
  static const auto kCatalogue = Catalogue::built_in();
  return *kCatalogue;
}

Money money(std::string_view text) {
  const auto parsed = parse_money(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(Money{-1});
}

// A Wednesday, in the peak hours of those who have some.
constexpr WallTime kThen = sys_days(std::chrono::year(2026) / 11 / 25) + 2h;

chat::Usage used(std::uint64_t input, std::uint64_t output) {
  return {.source = chat::UsageSource::kProvider, .input = input, .output = output};
}

// The total, or why there is none.
std::string total(const Price& price, const chat::Usage& usage, const Terms& terms = {.when = kThen}) {
  const auto cost = cost_of(&price, usage, terms);
  return cost ? to_text(cost->total) : std::string(to_text(cost.error()));
}

Price price_of(std::initializer_list<std::pair<Item, std::string_view>> items) {
  Price price;
  for (const auto& [item, text] : items) price.rates.set(item, money(text));
  return price;
}

// ---- the vectors of tests/fixtures/cost_vectors.json

std::uint64_t number(dom::element root, const char* pointer) {
  std::uint64_t value = 0;
  return root.at_pointer(pointer).get(value) ? 0 : value;
}
std::string_view word(dom::element root, const char* pointer) {
  std::string_view value;
  return root.at_pointer(pointer).get(value) ? std::string_view() : value;
}

const Price* price_of(dom::element vector) {
  static const std::map<std::string_view, std::string_view> kTypes = {
      {"aws-bedrock", "bedrock"}, {"google", "gemini"}, {"google-vertex", "vertex"}};
  const std::string_view key = word(vector, "/model");
  const auto slash = key.find('/');
  const auto type = kTypes.find(key.substr(0, slash));
  const std::string_view variant = word(vector, "/variant");
  const Model* model = ours().find(type == kTypes.end() ? key.substr(0, slash) : type->second,
                                   variant.empty() ? key.substr(slash + 1) : variant);
  return model ? &model->price : nullptr;
}

chat::Usage usage_of(dom::element vector) {
  chat::Usage usage = used(number(vector, "/usage/input"), number(vector, "/usage/output"));
  usage.cache_read = number(vector, "/usage/cache_read");
  usage.cache_write = number(vector, "/usage/cache_write");
  usage.cache_write_1h = number(vector, "/usage/cache_write_1h");
  usage.reasoning = number(vector, "/usage/reasoning");
  usage.tool_input = number(vector, "/usage/tool_prompt");
  usage.tool_requests = number(vector, "/usage/web_searches");
  return usage;
}

Terms terms_of(dom::element vector) {
  Terms terms{.when = kThen};
  bool batch = false;
  if (!vector["batch"].get(batch) && batch) terms.service_tier = "batch";
  if (const auto tier = word(vector, "/service_tier"); !tier.empty()) terms.service_tier = tier;
  if (const auto hour = number(vector, "/hour"); hour > 0) {
    terms.when = std::chrono::floor<std::chrono::days>(kThen) + std::chrono::hours(hour);
  }
  if (const auto date = word(vector, "/date"); date == "2026-11-30") {
    terms.when = sys_days(std::chrono::year(2026) / 12 / 1) - 1ms;
  } else if (date == "2026-12-01") {
    terms.when = sys_days(std::chrono::year(2026) / 12 / 1);
  }
  return terms;
}

void expect_lines(dom::element vector, const Cost& cost) {
  const std::int64_t multiplier = money(word(vector, "/multiplier")).nanos;
  std::size_t i = 0;
  for (dom::element line : dom::array(vector["lines"])) {
    ASSERT_LT(i, cost.lines.size());
    const CostLine& ours = cost.lines[i++];
    EXPECT_EQ(name(ours.item), word(line, "/item"));
    EXPECT_EQ(ours.count, number(line, "/count"));
    EXPECT_EQ(to_text(ours.price), word(line, "/per"));
    EXPECT_EQ(ours.amount.nanos, money(word(line, "/usd")).nanos * (multiplier / 1000) / (kNanosPerDollar / 1000));
  }
  EXPECT_EQ(i, cost.lines.size());
}

TEST(Cost, IsWhatTheVectorsSay) {
  dom::parser parser;
  const dom::element file = parser.load(in_checkout("tests/fixtures/cost_vectors.json")).value();
  std::size_t count = 0;
  for (dom::element vector : dom::array(file["vectors"])) {
    SCOPED_TRACE(word(vector, "/name"));
    ++count;
    const auto cost = cost_of(price_of(vector), usage_of(vector), terms_of(vector));
    if (!cost) {
      ADD_FAILURE() << to_text(cost.error());
      continue;
    }
    EXPECT_EQ(to_text(cost->total), word(vector, "/cost_usd"));
    expect_lines(vector, *cost);
  }
  EXPECT_EQ(count, 18u);
}

// ---- what is not known

TEST(Cost, IsUnknownWithoutAPriceOrUsage) {
  const auto none = cost_of(nullptr, used(1, 1), {});
  ASSERT_FALSE(none);
  EXPECT_EQ(to_text(none.error()), "no price of the model");
  EXPECT_EQ(total(price_of({{Item::kInput, "1"}}), {}), "no usage in the answer");
}

TEST(Cost, IsUnknownWhereSomethingUsedHasNoPrice) {
  const Price price = price_of({{Item::kInput, "1"}, {Item::kOutput, "2"}});
  chat::Usage usage = used(1000, 100);
  EXPECT_EQ(total(price, usage), "0.0012");
  usage.cache_read = 10;
  EXPECT_EQ(total(price, usage), "no price of cache_read");
  usage = used(1000, 100);
  usage.cache_write = 10;
  EXPECT_EQ(total(price, usage), "no price of cache_write");
  usage.cache_write_1h = 10;
  EXPECT_EQ(total(price, usage), "no price of cache_write_1h");
  usage = used(1000, 100);
  usage.audio_input = 10;
  EXPECT_EQ(total(price, usage), "no price of audio_input");
  usage = used(1000, 100);
  usage.image_output = 10;
  EXPECT_EQ(total(price, usage), "no price of image_output");
  usage = used(1000, 100);
  usage.tool_requests = 1;
  EXPECT_EQ(total(price, usage), "no price of web_search");
  usage = used(1000, 100);
  usage.file_searches = 1;
  EXPECT_EQ(total(price, usage), "no price of file_search");
  usage = used(1000, 100);
  usage.tool_calls = 1;
  EXPECT_EQ(total(price, usage), "no price of tool_call");
  EXPECT_EQ(total(price_of({{Item::kInput, "1"}}), used(1000, 1)), "no price of output");
  EXPECT_EQ(total(price_of({{Item::kInput, "1"}}), used(1000, 0)), "0.001") << "what was not used needs none";
}

// A configured price is what it is, whatever the provider tells.
TEST(Cost, AToldFeeCountsWhereThePriceKnowsSeveral) {
  chat::Usage usage = used(1000, 0);
  usage.billed_request = 14'000'000;
  usage.search_size = chat::SearchSize::kHigh;
  Price price = price_of({{Item::kInput, "1"}, {Item::kRequest, "4"}});
  EXPECT_EQ(total(price, usage), "0.005");
  price.rates.set(Item::kRequestHigh, money("12"));
  EXPECT_EQ(total(price, usage), "0.015");
  usage.billed_request.reset();
  EXPECT_EQ(total(price, usage), "0.013");
  EXPECT_EQ(total(price_of({{Item::kInput, "1"}}), usage), "0.001") << "no fee";
}

TEST(Cost, IsUnknownOnTermsWithoutAPrice) {
  Price price = price_of({{Item::kInput, "1"}, {Item::kWebSearch, "10"}});
  price.factors = {{"flex", 500}, {"us", 1100}, {"fast", 2000}};
  chat::Usage usage = used(1000, 0);
  for (std::string_view usual : {"", "default", "standard", "auto", "on_demand"}) {
    EXPECT_EQ(total(price, usage, {.service_tier = usual, .when = kThen}), "0.001") << usual;
  }
  EXPECT_EQ(total(price, usage, {.service_tier = "flex", .when = kThen}), "0.0005");
  EXPECT_EQ(total(price, usage, {.service_tier = "scale", .when = kThen}), "no price of its service tier");
  EXPECT_EQ(total(price, usage, {.geo = "us", .when = kThen}), "0.0011");
  EXPECT_EQ(total(price, usage, {.geo = "moon", .when = kThen}), "no price of its service tier");
  EXPECT_EQ(total(price, usage, {.service_tier = "flex", .speed = "fast", .geo = "us", .when = kThen}), "0.0011");
  usage.tool_requests = 2;
  EXPECT_EQ(total(price, usage, {.service_tier = "flex", .when = kThen}), "0.0205") << "searches cost what they cost";
}

TEST(Cost, IsUnknownBeyondReason) {
  chat::Usage usage = used(std::uint64_t{1} << 63, 0);
  EXPECT_EQ(total(price_of({{Item::kInput, "1000000"}}), usage), "counts beyond reason");
  Price price = price_of({{Item::kInput, "1000000"}});
  price.factors = {{"a", 100'000}, {"b", 100'000}, {"c", 100'000}};
  EXPECT_EQ(total(price, usage, {.service_tier = "a", .speed = "b", .geo = "c"}), "counts beyond reason");
}

// ---- how parts are told apart

TEST(Cost, CountsEachTokenOnce) {
  const Price price = price_of({{Item::kInput, "1"},
                                {Item::kCacheRead, "0.1"},
                                {Item::kAudioInput, "10"},
                                {Item::kAudioCacheRead, "2"},
                                {Item::kOutput, "4"},
                                {Item::kReasoning, "3"},
                                {Item::kAudioOutput, "20"}});
  chat::Usage usage = used(1000, 100);
  usage.cache_read = 600;
  usage.audio_input = 500;
  usage.audio_cache_read = 200;
  usage.reasoning = 30;
  usage.audio_output = 20;
  // 100 of text, 400 of text from the cache, 300 and 200 of audio; 50 of text, 30 of thought, 20 of audio.
  EXPECT_EQ(total(price, usage), "0.00423");
  usage.audio_cache_read = 0;  // not told: 100 at least
  EXPECT_EQ(total(price, usage), "0.00494");
  usage.cache_read = 0;  // and none of it
  EXPECT_EQ(total(price, usage), "0.00619");
}

TEST(Cost, PartsNeverMakeMoreThanTheirTotal) {
  const Price price = price_of({{Item::kInput, "1"}, {Item::kCacheRead, "0.1"}, {Item::kCacheWrite5m, "2"}});
  chat::Usage usage = used(100, 0);
  usage.cache_read = 80;
  usage.cache_write = 80;
  usage.cache_write_1h = 0;
  EXPECT_EQ(total(price, usage), "0.000048");
}

TEST(Cost, WritesAreChargedByTheirTerm) {
  chat::Usage usage = used(100, 0);
  usage.cache_write = 100;
  usage.cache_write_1h = 40;
  EXPECT_EQ(total(price_of({{Item::kCacheWrite5m, "1"}, {Item::kCacheWrite1h, "2"}}), usage), "0.00014");
  EXPECT_EQ(total(price_of({{Item::kCacheWrite30m, "1"}, {Item::kCacheWrite1h, "2"}}), usage), "0.00014");
  EXPECT_EQ(total(price_of({{Item::kCacheWrite, "1"}}), usage), "0.0001") << "one price for any term";
  EXPECT_EQ(total(price_of({{Item::kCacheWrite30m, "1"}}), usage), "no price of cache_write_1h");
}

TEST(Cost, WhatIsBilledIsWhatIsPaid) {
  const Price price = price_of({{Item::kInput, "1"}, {Item::kOutput, "4"}, {Item::kRequest, "2"}});
  chat::Usage usage = used(1000, 100);
  usage.billed_input = 900;
  usage.billed_output = 90;
  EXPECT_EQ(total(price, usage), "0.00326");
  usage.billed_searches = 3;
  EXPECT_EQ(total(price, usage), "0.00726");
}

TEST(Cost, TiersBeginWhereTheySay) {
  Price price = price_of({{Item::kInput, "1"}});
  price.tiers = {{.from = 11, .rates = price_of({{Item::kInput, "2"}}).rates},
                 {.from = 20, .rates = price_of({{Item::kInput, "3"}}).rates}};
  EXPECT_EQ(total(price, used(10, 0)), "0.00001");
  EXPECT_EQ(total(price, used(11, 0)), "0.000022");
  EXPECT_EQ(total(price, used(20, 0)), "0.00006");
}

TEST(Cost, OffPeakIsByTheHourAndByTheDayThere) {
  Price price = price_of({{Item::kInput, "2"}});
  price.off_peak =
      OffPeak{.peak = {{1, 4}, {6, 10}}, .days_offset = 480min, .rates = price_of({{Item::kInput, "1"}}).rates};
  price.off_peak->days[0] = price.off_peak->days[6] = true;
  const auto wednesday = sys_days(std::chrono::year(2026) / 11 / 25);
  auto at = [&](WallTime when) { return total(price, used(1'000'000, 0), {.when = when}); };
  EXPECT_EQ(at(wednesday + 59min), "1");
  EXPECT_EQ(at(wednesday + 1h), "2");
  EXPECT_EQ(at(wednesday + 4h - 1ms), "2");
  EXPECT_EQ(at(wednesday + 4h), "1");
  EXPECT_EQ(at(wednesday + 9h), "2");
  // Eleven in the morning there: of a Sunday, of a Monday.
  const auto sunday = sys_days(std::chrono::year(2026) / 11 / 29);
  EXPECT_EQ(at(sunday + 3h), "1");
  EXPECT_EQ(at(sunday + 24h + 3h), "2");
}

// ---- rounding

TEST(Cost, IsRoundedOnceAndItsLinesAddUp) {
  // 0.4 nano-dollars a token.
  const Price price = price_of({{Item::kInput, "0.0004"}, {Item::kCacheRead, "0.0004"}, {Item::kOutput, "0.0004"}});
  chat::Usage usage = used(2, 1);
  usage.cache_read = 1;
  const auto cost = cost_of(&price, usage, {});
  ASSERT_TRUE(cost);
  EXPECT_EQ(cost->total.nanos, 1) << "1.2, where three lines rounded each would give 0";
  std::int64_t sum = 0;
  for (const auto& line : cost->lines) sum += line.amount.nanos;
  EXPECT_EQ(sum, cost->total.nanos);
  EXPECT_EQ(cost->lines.size(), 3u);
  EXPECT_EQ(total(price_of({{Item::kInput, "0.0005"}}), used(1, 0)), "0.000000001") << "a half is rounded up";
}

TEST(Cost, AddsUpOverManyRequests) {
  const Price& price = ours().find("anthropic", "claude-haiku-5-5")->price;
  Money sum;
  for (std::uint64_t i = 1; i <= 1000; ++i) sum.nanos += cost_of(&price, used(i, i), {.when = kThen})->total.nanos;
  // (0.1 + 0.5) of a millionth of a dollar, 500500 times.
  EXPECT_EQ(to_text(sum), "0.3003");
}

}  // namespace
}  // namespace sluice::provider::cost_test
