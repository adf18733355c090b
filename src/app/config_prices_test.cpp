#include "app/config_fixture_test.h"

namespace sluice::app::config_prices_test {
namespace {

std::string with_price(std::string_view price) {
  return with_openai("models:\n  m:\n    deployments:\n      - model: openai/gpt\n        price: { " +
                     std::string(price) + " }\n");
}
constexpr std::string_view kPlace = "models.m.deployments[0].price.";

PriceConfig price(std::string_view text, Variables variables = {}) {
  return valid(with_price(text), std::move(variables)).models.at(0).deployments.at(0).price;
}
void expect_wrong(std::string_view field, std::string_view value, std::string_view message) {
  expect_problem(with_price(std::string(field) + ": " + std::string(value)), 6,
                 std::string(kPlace) + std::string(field), message);
}

TEST(ConfigPrices, AreExact) {
  const PriceConfig read = price(R"(input: "0.15", output: '0.60', cache_read: "0.000000001", cache_write_5m: "1.25",
                cache_write_30m: "1", cache_write_1h: "2", reasoning: "3", audio_input: "4", audio_output: "5",
                web_search: "0.01", request: "0")");
  EXPECT_EQ(read.input, Money{150'000'000});
  EXPECT_EQ(read.output, Money{600'000'000});
  EXPECT_EQ(read.cache_read, Money{1});
  EXPECT_EQ(read.cache_write_5m, Money{1'250'000'000});
  EXPECT_EQ(read.cache_write_30m, Money{1'000'000'000});
  EXPECT_EQ(read.cache_write_1h, Money{2'000'000'000});
  EXPECT_EQ(read.reasoning, Money{3'000'000'000});
  EXPECT_EQ(read.audio_input, Money{4'000'000'000});
  EXPECT_EQ(read.audio_output, Money{5'000'000'000});
  EXPECT_EQ(read.web_search, Money{10'000'000});
  EXPECT_EQ(read.request, Money{0});
}

TEST(ConfigPrices, WhatIsNotGivenIsNotThere) {
  EXPECT_EQ(price(R"(input: "1")").output, std::nullopt);
  EXPECT_EQ(price(""), PriceConfig());
}

TEST(ConfigPrices, AVariableMayHoldOne) {
  EXPECT_EQ(price(R"(input: "${PRICE}", output: "${OTHER:-2}")", {{"PRICE", "1.5"}}).input, Money{1'500'000'000});
  const Config config = valid(with_openai("models:\n  m:\n    deployments:\n      - model: openai/gpt\n        price:\n"
                                          "          input: ${PRICE}\n"),
                              {{"PRICE", "1.5"}});
  EXPECT_EQ(config.models.at(0).deployments.at(0).price.input, Money{1'500'000'000});
}

TEST(ConfigPrices, NumbersAreToldToBeTexts) {
  expect_wrong("input", "0.15", R"(expected an amount in quotes such as "0.15", found the number '0.15')");
  expect_wrong("input", "2", "found the number '2'");
  expect_wrong("input", "free", "found 'free'");
  expect_wrong("input", "[1]", R"(expected an amount in quotes such as "0.15", found a list)");
}

TEST(ConfigPrices, WrongTextsAreToldWhatIsWrong) {
  expect_wrong("input", R"("0,15")", "'0,15' holds something else than digits and one point");
  expect_wrong("output", R"("1e-6")", "'1e-6' holds something else than digits and one point");
  expect_wrong("output", R"("")", "'' is empty");
  expect_wrong("request", R"("0.0000000001")", "'0.0000000001' has more than 9 decimals");
  expect_wrong("request", R"("-1")", "must be from 0 to 1000000, found '-1'");
  expect_wrong("request", R"("1000001")", "must be from 0 to 1000000, found '1000001'");
  expect_wrong("inptu", R"("1")", "unknown key; did you mean 'input'?");
}

}  // namespace
}  // namespace sluice::app::config_prices_test
