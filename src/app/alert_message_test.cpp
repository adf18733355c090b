#include "app/alert_message.h"

#include <gtest/gtest.h>

namespace sluice::app::alert_message_test {
namespace {

quota::Alert alert() {
  return {.scope = quota::Scope::kTag,
          .name = "feature=<!channel> & \"co\"",
          .passing = {.budget = {.limit = Money{10 * kNanosPerDollar}, .window = {.kind = quota::Window::Kind::kMonth}},
                      .period = {1'793'491'200'000'000, 1'796'083'200'000'000},
                      .percent = 80,
                      .spent = Money{8'120'000'000}}};
}

TEST(AlertMessage, SaysTheSameForPeopleAndPrograms) {
  EXPECT_EQ(
      alert_body(alert(), 1'794'000'000'000'000),
      R"({"text":"Budget of the tag 'feature=&lt;!channel&gt; &amp; \"co\"' (month): 80 % passed, 8.12 of 10 USD )"
      R"(are spent.","type":"budget.threshold","timestamp":"2026-11-06T21:20:00Z","data":{"scope":"tag",)"
      R"("account":"feature=<!channel> & \"co\"","window":"month","window_from":"2026-11-01T00:00:00Z",)"
      R"("window_until":"2026-12-01T00:00:00Z","percent":80,"spent_usd":"8.12","limit_usd":"10","hard":true}})");
  auto total = alert();
  total.scope = quota::Scope::kOrganisation;
  total.name.clear();
  total.passing = {.budget = {.limit = Money{kNanosPerDollar}, .hard = false},
                   .period = {},
                   .percent = 100,
                   .spent = Money{kNanosPerDollar}};
  EXPECT_TRUE(alert_body(total, 0).starts_with(R"({"text":"Budget of the organisation (total): 100 % passed, 1 of 1 )"
                                               R"(USD are spent; it is only counted.")"))
      << alert_body(total, 0);
  EXPECT_TRUE(alert_body(total, 0).contains(R"("window_from":null,"window_until":null)"));
}

TEST(AlertMessage, SaysWhatIsNotCounted) {
  EXPECT_EQ(
      alert_body(quota::UnpricedUse{quota::Scope::kKey, "web", "openai/*", "<new>"}, 1'794'000'000'000'000),
      R"({"text":"The budget of the key 'web' does not count what '&lt;new&gt;' costs at openai/*: it has no price or )"
      R"(no bound, and is let through.","type":"budget.unpriced","timestamp":"2026-11-06T21:20:00Z","data":)"
      R"({"scope":"key","account":"web","deployment":"openai/*","model":"<new>"}})");
}

// The example that the reference libraries of Standard Webhooks are tested with.
TEST(AlertMessage, IsSignedAsStandardWebhooksAre) {
  const auto key = webhook_key(Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
  ASSERT_TRUE(key);
  EXPECT_EQ(webhook_signature(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(AlertMessage, TheKeyIsItsTextOrWhatIsCoded) {
  EXPECT_EQ(webhook_key(Secret("just a text"))->reveal(), "just a text");
  EXPECT_EQ(webhook_key(Secret("whsec_AQID"))->reveal(), "\1\2\3");
  EXPECT_FALSE(webhook_key(Secret("whsec_not base64!")));
  EXPECT_FALSE(webhook_key(Secret("whsec_")));
}

TEST(AlertMessage, PlacesAreToldApart) {
  auto one = alert();
  EXPECT_EQ(place_of(one).name, "alert tag month 10000000000 feature=<!channel> & \"co\"");
  EXPECT_EQ(place_of(one).period, "1793491200000000");
  one.passing.budget.window = {.kind = quota::Window::Kind::kRolling, .rolling = Ms(3'600'000)};
  EXPECT_EQ(place_of(one).period, "");
}

}  // namespace
}  // namespace sluice::app::alert_message_test
