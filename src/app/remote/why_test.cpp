#include "app/remote/why.h"

#include <gtest/gtest.h>

namespace sluice::app::why_test {
namespace {

TEST(Why, TellsTheWholeStory) {
  auto text = why_text(R"({"request_id":"req_1","arrived":"2026-01-02T03:04:05.678Z","operation":"chat","key":"app",
    "team":"shop","route":"fast","model_asked":"fast","model_served":"x-1","deployment":"b/x","stream":true,"status":200,
    "outcome":"ok","fault":null,"error":null,"duration_us":1234567,"upstream_us":900000,"first_content_us":850,"cost_usd":"0.0021","cost_unknown":1,
    "candidates":["a/x","b/x"],"excluded":[{"deployment":"c/x","reason":"not in region eu"}],
    "gave_up":"budget",
    "tries":[{"deployment":"a/x","why":"first","began_us":10,"paused_us":0,"duration_us":2000,"status":503,
              "outcome":"provider_status","failure":"server_error","error":"No.","usage":null,"cost_usd":null,"price_version":null},
             {"deployment":"b/x","why":"fallback","began_us":252000,"paused_us":250000,"queued_us":700,"duration_us":900000,"status":200,
              "outcome":"served","failure":null,"error":null,"cost_usd":"0.0021","price_version":"2026-11-20",
              "usage":{"source":"provider","input_tokens":120,"cache_read_tokens":40,"output_tokens":7}}]})");
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, R"(req_1  2026-01-02T03:04:05.678Z  chat
  caller    app (team shop)
  asked     fast, streamed
  route     fast
  answered  b/x, as x-1
  outcome   200 ok in 1.23 s, 900.0 ms of it waiting for providers
  first content after 850 us
  cost      0.0021 USD, and 1 of the tries cost what is not known
candidates, in order
  1. a/x
  2. b/x
excluded
  c/x: not in region eu
tries
  1. a/x  after 10 us, 2.0 ms  503 provider_status
     first; failed as server_error
     No.
  2. b/x  after 252.0 ms, 900.0 ms  200 served
     fallback, after a pause of 250.0 ms, 700 us in the queue
     120 tokens in, 40 of them from the cache, 7 out (told by the provider); 0.0021 USD, by the price of 2026-11-20
  no further try: budget
)");
}

TEST(Why, TellsWhatWasEstimatedAndWhatIsNotKnown) {
  auto text = why_text(R"({"request_id":"req_1","arrived":"2026-01-02T03:04:05.678Z","operation":"chat","status":200,
    "outcome":"ok","duration_us":85,"upstream_us":0,"cost_usd":"0","cost_unknown":1,"tries":[{"deployment":"a/x",
    "why":"first","began_us":10,"duration_us":20,"status":200,"outcome":"served","cost_usd":null,"price_version":null,
    "usage":{"source":"estimated","input_tokens":3,"cache_read_tokens":0,"output_tokens":4}}]})");
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->ends_with("     3 tokens in, 4 out (estimated); the cost is not known\n")) << *text;
}

TEST(Why, TellsThatNobodyWasAsked) {
  auto text = why_text(R"({"request_id":"req_1","arrived":"2026-01-02T03:04:05.678Z","operation":"chat","status":401,
    "outcome":"error","fault":"unauthenticated","error":"Who?","duration_us":85,"upstream_us":0,"tries":[]})");
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("fault     unauthenticated: Who?\n"), std::string::npos) << *text;
  EXPECT_TRUE(text->ends_with("no provider was asked\n")) << *text;
}

TEST(Why, RefusesWhatIsNoExchange) {
  for (auto body : {"", "[]", "{}", "{\"error\":{}}"}) EXPECT_FALSE(why_text(body)) << body;
}

}  // namespace
}  // namespace sluice::app::why_test
