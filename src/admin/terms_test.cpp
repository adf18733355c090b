#include "admin/terms.h"

#include <gtest/gtest.h>

namespace sluice::admin::terms_test {
namespace {

constexpr std::string_view kKnown[] = {"limits", "budget"};

// What is read and written again, or the field that is wrong.
std::string round(std::string_view body) {
  auto members = Members::read(body, kKnown);
  if (!members) return members.error().param;
  auto limits = read_limits(*members);
  if (!limits) return limits.error().param;
  auto budgets = read_budgets(*members);
  if (!budgets) return budgets.error().param;
  return to_json(*limits) + to_json(*budgets);
}

TEST(Terms, AreWrittenAsTheyAreRead) {
  EXPECT_EQ(round("{}"), "");
  EXPECT_EQ(round(R"({"limits":null,"budget":null})"), "");
  EXPECT_EQ(round(R"({"limits":{"rpm":0}})"), "");
  EXPECT_EQ(round(R"({"limits":{"concurrency":3,"rpm":600,"tpm":200000}})"),
            R"({"rpm":600,"tpm":200000,"concurrency":3})");
  const std::string budget =
      R"({"usd":"100.5","window":"month","zone":"Europe/Berlin","hard":false,"strict":true,"alerts":[50,80]})";
  EXPECT_EQ(round(R"({"budget":)" + budget + "}"), budget);
  EXPECT_EQ(round(R"({"budget":[)" + budget + "]}"), budget);
  const std::string told =
      R"({"usd":"1","window":"total","zone":"UTC","hard":true,"strict":false,"alerts":[],"unpriced":"estimate_high"})";
  EXPECT_EQ(round(R"({"budget":)" + told + "}"), told);
  EXPECT_EQ(round(R"({"budget":{"usd":"1"}})"),
            R"({"usd":"1","window":"total","zone":"UTC","hard":true,"strict":false,"alerts":[]})");
  EXPECT_EQ(round(R"({"budget":[{"usd":"1","window":"day"},{"usd":"2","window":"36h"}]})"),
            R"([{"usd":"1","window":"day","zone":"UTC","hard":true,"strict":false,"alerts":[]},)"
            R"({"usd":"2","window":"36h","zone":"UTC","hard":true,"strict":false,"alerts":[]}])");
}

TEST(Terms, NameWhatIsWrong) {
  EXPECT_EQ(round(R"({"limits":[]})"), "limits");
  EXPECT_EQ(round(R"({"limits":{"rpm":1.5}})"), "limits.rpm");
  EXPECT_EQ(round(R"({"limits":{"rpd":1}})"), "limits.rpd");
  EXPECT_EQ(round(R"({"budget":5})"), "budget");
  EXPECT_EQ(round(R"({"budget":{}})"), "budget.usd");
  EXPECT_EQ(round(R"({"budget":{"usd":1}})"), "budget.usd");
  EXPECT_EQ(round(R"({"budget":{"usd":"1","window":"30s"}})"), "budget.window");
  EXPECT_EQ(round(R"({"budget":{"usd":"1","window":"year"}})"), "budget.window");
  EXPECT_EQ(round(R"({"budget":{"usd":"1","alerts":[0]}})"), "budget.alerts");
  EXPECT_EQ(round(R"({"budget":{"usd":"1","alerts":["5"]}})"), "budget.alerts");
  EXPECT_EQ(round(R"({"budget":{"usd":"1","unpriced":"never"}})"), "budget.unpriced");
  EXPECT_EQ(round(R"({"budget":[{"usd":"1"},{"usd":"2"}]})"), "budget");
}

TEST(Terms, OfADirectoryAreReadBack) {
  auto terms = read_terms(R"({"rpm":5})", R"([{"usd":"1","window":"day"},{"usd":"2","window":"36h"}])");
  ASSERT_TRUE(terms);
  EXPECT_EQ(terms->limits.rpm, 5u);
  ASSERT_EQ(terms->budgets.size(), 2u);
  EXPECT_EQ(terms->budgets[0].limit, Money{kNanosPerDollar});
  EXPECT_EQ(terms->budgets[1].window.kind, quota::Window::Kind::kRolling);
  EXPECT_EQ(terms->budgets[1].window.rolling, Ms(36 * 3'600'000));
  EXPECT_FALSE(read_terms("", "")->any());
}

}  // namespace
}  // namespace sluice::admin::terms_test
