#include "app/remote/directory_fields.h"

#include <gtest/gtest.h>

namespace sluice::app::directory_fields_test {
namespace {

constexpr std::string_view kShown =
    R"({"name":"web","tags":{"feature":"search","env":"prod"},"aliases":{"a":"fast"},)"
    R"("limits":{"rpm":600,"tpm":200000,"concurrency":20},"budget":)"
    R"([{"usd":"100","window":"month","zone":"Europe/Berlin","hard":true,"strict":false,"alerts":[50,80]},)"
    R"({"usd":"10","window":"24h","zone":"UTC","hard":true,"strict":true,"alerts":[]}]})";

std::string changed(DirectoryFields fields, std::string_view shown = kShown) {
  auto added = add_other_parts(shown, fields);
  return added ? body_of(fields) : added.error().told;
}

TEST(DirectoryFields, LimitsThatAreNotSaidStay) {
  EXPECT_EQ(changed({.rpm = "500"}), R"({"limits":{"rpm":500,"tpm":200000,"concurrency":20}})");
  EXPECT_EQ(changed({.concurrency = "0"}), R"({"limits":{"rpm":600,"tpm":200000,"concurrency":0}})");
  EXPECT_EQ(changed({.tpm = "7"}, R"({"limits":null})"), R"({"limits":{"tpm":7}})");
}

TEST(DirectoryFields, TagsAndAliasesThatAreNotSaidStay) {
  EXPECT_EQ(changed({.tags = {"feature=chat=1"}}), R"({"tags":{"env":"prod","feature":"chat=1"}})");
  EXPECT_EQ(changed({.aliases = {"b=slow"}}), R"({"aliases":{"a":"fast","b":"slow"}})");
}

TEST(DirectoryFields, OneBudgetIsChangedAndKeepsWhatIsNotSaid) {
  const std::string month =
      R"({"usd":"120","window":"month","zone":"Europe/Berlin","hard":true,"strict":false,"alerts":[50,80]})";
  const std::string rolling = R"({"usd":"10","window":"24h","zone":"UTC","hard":true,"strict":true,"alerts":[]})";
  EXPECT_EQ(changed({.usd = "120", .window = "month"}), R"({"budget":[)" + month + "," + rolling + "]}");
  EXPECT_EQ(changed({.usd = "120", .unpriced = "block"}, R"({"budget":{"usd":"1","window":"month","zone":"UTC"}})"),
            R"({"budget":[{"usd":"120","window":"month","zone":"UTC","unpriced":"block"}]})")
      << "the only one there is";
  EXPECT_NE(changed({.usd = "5", .window = "1440m"}).find(R"({"usd":"5","window":"24h",)"), std::string::npos);
}

TEST(DirectoryFields, ABudgetOfAnotherWindowIsAdded) {
  const auto body = changed({.usd = "3", .window = "week"});
  EXPECT_TRUE(body.ends_with(R"(,{"usd":"3","window":"week"}]})")) << body;
  EXPECT_NE(body.find(R"("usd":"100")"), std::string::npos);
  EXPECT_EQ(changed({.usd = "3"}, R"({"budget":null})"), R"({"budget":[{"usd":"3"}]})");
}

TEST(DirectoryFields, NothingIsChangedWhereNobodyCanTellWhichBudgetIsMeant) {
  EXPECT_EQ(changed({.usd = "3"}), "there are several budgets: say with --window which one is meant");
  const auto zones = R"({"budget":[{"usd":"1","window":"day","zone":"UTC"},{"usd":"1","window":"day","zone":"A/B"}]})";
  EXPECT_TRUE(changed({.usd = "3", .window = "day"}, zones).starts_with("there are several budgets of this window"));
  EXPECT_EQ(changed({.rpm = "3"}, "[]"), "the gateway's answer is not JSON");
}

TEST(DirectoryFields, OnlyPartsNeedTheRest) {
  EXPECT_FALSE(says_parts({.team = "shop", .models = {"fast"}}));
  EXPECT_TRUE(says_parts({.rpm = "1"}));
  EXPECT_TRUE(says_parts({.usd = "1"}));
  EXPECT_TRUE(says_parts({.tags = {"a=b"}}));
  EXPECT_TRUE(says_parts({.aliases = {"a=b"}}));
  EXPECT_EQ(body_of({.name = "web", .usd = "1", .window = "day", .models = {"fast"}, .tags = {"a=b"}}),
            R"({"name":"web","models":["fast"],"tags":{"a":"b"},"budget":{"usd":"1","window":"day"}})");
}

}  // namespace
}  // namespace sluice::app::directory_fields_test
