#include "admin/params.h"

#include <gtest/gtest.h>

namespace sluice::admin::params_test {
namespace {

constexpr std::string_view kKnown[] = {"limit", "from", "zone", "team", "tag:"};

std::string told(std::string_view query) {
  auto params = Params::read(query, kKnown);
  return params ? "" : params.error().param + ": " + params.error().told;
}

TEST(Params, AreDecodedAndAllKnown) {
  auto params = Params::read("limit=5&tag%3Afeature=a%20b&team=", kKnown);
  ASSERT_TRUE(params);
  EXPECT_EQ(params->text("tag:feature"), "a b");
  EXPECT_EQ(params->text("team"), "");
  EXPECT_FALSE(params->text("from"));
  EXPECT_EQ(*params->number("limit", 7, 1, 10), 5);
  const auto filters = params->filters();
  ASSERT_EQ(filters.size(), 2U);
  EXPECT_EQ(filters[0].by, "tag:feature");
  EXPECT_EQ(told("limti=5"), "limti: There is no parameter 'limti' here. Did you mean 'limit'?");
  EXPECT_EQ(told("limit=5&limit=6"), "limit: 'limit' is given twice.");
  EXPECT_FALSE(told("tag:=x").empty());
  EXPECT_FALSE(told("limit=%zz").empty());
  EXPECT_TRUE(Params::read("", kKnown));
}

TEST(Params, NumbersAndWordsAreWithinTheirLimits) {
  constexpr std::string_view kWords[] = {"one", "two"};
  auto params = Params::read("limit=11&team=three", kKnown);
  ASSERT_TRUE(params);
  EXPECT_EQ(params->number("limit", 7, 1, 10).error().param, "limit");
  EXPECT_EQ(params->word("team", kWords).error().told, "'team' is one of one, two.");
  EXPECT_EQ(*params->word("from", kWords), "one");
}

TEST(Params, TimesAreOfTheZoneUnlessTheySayOtherwise) {
  const auto berlin = quota::Zone::load("Europe/Berlin");
  ASSERT_TRUE(berlin);
  auto shown = [&](std::string_view text) {
    auto time = time_of(text, *berlin);
    return time ? timestamp(*time) : "none";
  };
  EXPECT_EQ(shown("2026-11-29"), "2026-11-28T23:00:00.000Z");
  EXPECT_EQ(shown("2026-07-01T10:30"), "2026-07-01T08:30:00.000Z");
  EXPECT_EQ(shown("2026-07-01T10:30:15.256"), "2026-07-01T08:30:15.256Z");
  EXPECT_EQ(shown("2026-07-01T10:30:15Z"), "2026-07-01T10:30:15.000Z");
  EXPECT_EQ(shown("2026-07-01T10:30:15+05:30"), "2026-07-01T05:00:15.000Z");
  EXPECT_EQ(shown("2026-07-01T10:30:15-01:00"), "2026-07-01T11:30:15.000Z");
  EXPECT_EQ(shown("2026-03-29T02:30"), "2026-03-29T01:30:00.000Z");  // the clocks there never show this
  EXPECT_EQ(shown("2026-10-25T02:30"), "2026-10-25T00:30:00.000Z");  // and this twice
  EXPECT_EQ(timestamp(*time_of("2026-07-01T10:30", *berlin), *berlin), "2026-07-01T10:30:00.000+02:00");
  for (auto text : {"", "2026", "2026-13-01", "2026-02-29", "1969-12-31", "2026-01-01T24:00", "2026-01-01T1:00",
                    "2026-01-01T10:00:00.", "2026-01-01T10:00:00+1", "2026-01-01T10:00:00Zx", "20260101", "-026-01-01"})
    EXPECT_EQ(shown(text), "none") << text;
}

TEST(Params, ATimeEndsAfterItBegins) {
  constexpr std::string_view kBounds[] = {"from", "to", "zone", "before"};
  auto param_of = [&](std::string_view query) {
    const auto params = Params::read(query, kBounds);
    store::PageQuery page;
    const auto bound = params->bound(page);
    return bound ? std::string() : bound.error().param;
  };
  EXPECT_EQ(param_of("from=2026-11-01&to=2026-12-01"), "");
  EXPECT_EQ(param_of("from=2026-12-01&to=2026-11-01"), "from");
  EXPECT_EQ(param_of("from=2026-11-01&to=2026-11-01"), "from");
  EXPECT_EQ(param_of("to=1970-01-01"), "to");
  EXPECT_EQ(param_of("to=2026-12-31T23:59:60Z"), "to");
}

}  // namespace
}  // namespace sluice::admin::params_test
