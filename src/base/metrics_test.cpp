#include "base/metrics.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

namespace sluice::metrics_test {
namespace {

TEST(Metrics, AnEmptyOneIsOnlyTheEnd) {
  EXPECT_EQ(Metrics().render(), "# EOF\n");
}

TEST(Metrics, ACounterEndsInTotal) {
  Metrics metrics;
  metrics.counter("sluice_requests", "Requests answered.", {"model", "status"}).find({"fast", "200"}).add(3);
  EXPECT_EQ(metrics.render(),
            "# TYPE sluice_requests counter\n"
            "# HELP sluice_requests Requests answered.\n"
            "sluice_requests_total{model=\"fast\",status=\"200\"} 3\n"
            "# EOF\n");
}

TEST(Metrics, AGaugeWithoutLabelsHasNoBraces) {
  Metrics metrics;
  auto& gauge = metrics.gauge("sluice_open", "Open.", {}).find({});
  gauge.set(5);
  gauge.add(-7);
  EXPECT_NE(metrics.render().find("\nsluice_open -2\n"), std::string::npos);
}

TEST(Metrics, AHistogramReportsSecondsAndCumulativeBuckets) {
  Metrics metrics;
  auto& histogram = metrics.histogram("sluice_duration", "Time.", {"model"}).find({"fast"});
  histogram.observe_us(100);  // on a bound: belongs below it
  histogram.observe_us(101);
  histogram.observe_us(2'000'000'000);  // beyond the last bound
  histogram.observe_us(-5);             // a clock that went back counts as nothing
  std::string text = metrics.render();
  for (auto line : {"# TYPE sluice_duration_seconds histogram\n", "# UNIT sluice_duration_seconds seconds\n",
                    "sluice_duration_seconds_bucket{model=\"fast\",le=\"0.0001\"} 2\n",
                    "sluice_duration_seconds_bucket{model=\"fast\",le=\"0.00025\"} 3\n",
                    "sluice_duration_seconds_bucket{model=\"fast\",le=\"1.0\"} 3\n",
                    "sluice_duration_seconds_bucket{model=\"fast\",le=\"600.0\"} 3\n",
                    "sluice_duration_seconds_bucket{model=\"fast\",le=\"+Inf\"} 4\n",
                    "sluice_duration_seconds_count{model=\"fast\"} 4\n",
                    "sluice_duration_seconds_sum{model=\"fast\"} 2000.000201\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

TEST(Metrics, BoundsAscendFrom100MicrosecondsTo10Minutes) {
  auto bounds = Histogram::bounds_us();
  EXPECT_TRUE(std::ranges::is_sorted(bounds, std::less_equal<>()));
  EXPECT_EQ(bounds.front(), 100);
  EXPECT_EQ(bounds.back(), 600'000'000);
}

TEST(Metrics, LabelValuesAndHelpAreEscaped) {
  Metrics metrics;
  metrics.counter("c", "a \"b\"\nc\\", {"l"}).find({"x\"y\\z\n\xff"}).add();
  std::string text = metrics.render();
  EXPECT_NE(text.find("# HELP c a \\\"b\\\"\\nc\\\\\n"), std::string::npos) << text;
  EXPECT_NE(text.find("c_total{l=\"x\\\"y\\\\z??\"} 1\n"), std::string::npos) << text;
}

TEST(Metrics, HostileValuesFindTheirSeriesAgain) {
  Metrics metrics;
  auto& family = metrics.counter("c", "h", {"l"});
  std::string huge(100'000, 'x');
  EXPECT_EQ(&family.find({"\x01"}), &family.find({"\x01"}));
  EXPECT_EQ(&family.find({huge}), &family.find({huge}));
  EXPECT_LT(metrics.render().size(), 1000u);
}

TEST(Metrics, TheSameLabelsAreTheSameSeries) {
  Metrics metrics;
  auto& family = metrics.counter("c", "h", {"a", "b"});
  EXPECT_EQ(&family.find({"1", "2"}), &family.find({"1", "2"}));
  EXPECT_NE(&family.find({"1", "2"}), &family.find({"12", ""}));
}

TEST(Metrics, WhatAThreadHasFoundIsNotMixedUp) {
  for (int round = 0; round < 3; ++round) {
    Metrics metrics;  // in the place of the last one, and its series are others
    auto& one = metrics.counter("one", "h", {"l"});
    auto& two = metrics.counter("two", "h", {"l"});
    for (int times = 0; times < 2; ++times) {
      for (int i = 0; i < 1000; ++i) one.find({std::to_string(i)}).add(static_cast<std::uint64_t>(i));
      two.find({"7"}).add();
    }
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(one.find({std::to_string(i)}).value(), 2U * static_cast<unsigned>(i));
    EXPECT_EQ(two.find({"7"}).value(), 2U);
  }
}

TEST(Metrics, BeyondTheLimitAllShareOneSeriesOfOthers) {
  Metrics metrics;
  auto& family = metrics.counter("c", "h", {"l"}, 2);
  auto& first = family.find({"1"});
  family.find({"2"});
  auto& other = family.find({"3"});
  other.add(2);
  EXPECT_EQ(&family.find({"4"}), &other);
  EXPECT_EQ(&family.find({"other"}), &other);
  EXPECT_EQ(&family.find({"1"}), &first);
  EXPECT_NE(metrics.render().find("c_total{l=\"other\"} 2\n"), std::string::npos);
}

TEST(Metrics, DeclaringANameAgainGivesTheSameFamily) {
  Metrics metrics;
  EXPECT_EQ(&metrics.counter("c", "h", {"l"}), &metrics.counter("c", "h", {"l"}));
  EXPECT_THROW(metrics.counter("c", "h", {"m"}), std::invalid_argument);
}

TEST(Metrics, AWrongNumberOfLabelValuesIsABug) {
  Metrics metrics;
  EXPECT_THROW(metrics.counter("c", "h", {"l"}).find({}), std::invalid_argument);
}

TEST(Metrics, ThreadsLoseNothing) {
  Metrics metrics;
  auto& family = metrics.counter("c", "h", {"l"});
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) family.find({i % 2 == 0 ? "even" : "odd"}).add();
      metrics.render();
    });
  }
  threads.clear();
  EXPECT_EQ(family.find({"even"}).value() + family.find({"odd"}).value(), 4000u);
}

TEST(Metrics, MoneyIsWrittenExactly) {
  Metrics metrics;
  auto& spent = metrics.money("spent_usd", "Spent.", {"who"}).find({"me"});
  for (int i = 0; i < 3; ++i) spent.add(Money{100'000'001});
  EXPECT_EQ(spent.value(), Money{300'000'003});
  const std::string text = metrics.render();
  EXPECT_NE(text.find("# TYPE spent_usd counter\n"), std::string::npos);
  EXPECT_NE(text.find("spent_usd_total{who=\"me\"} 0.300000003\n"), std::string::npos) << text;
}

TEST(Metrics, MoneyThatGoesUpAndDownIsAGauge) {
  Metrics metrics;
  auto& left = metrics.money_gauge("left_usd", "Left.", {"who"}).find({"me"});
  left.set(Money{1'500'000'000});
  left.set(Money{-1});
  EXPECT_EQ(left.value(), Money{-1});
  const std::string text = metrics.render();
  EXPECT_NE(text.find("# TYPE left_usd gauge\n"), std::string::npos);
  EXPECT_NE(text.find("left_usd{who=\"me\"} -0.000000001\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace sluice::metrics_test
