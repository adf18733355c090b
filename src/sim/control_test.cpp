// What /_sim/… says and does.
#include <gtest/gtest.h>

#include "sim/test_peer.h"

namespace sluice::sim::control_test {
namespace {

TEST(Control, StatsCountRequestsAndHowTheyEnded) {
  TestSim sim({.name = "west"});
  sim.chat(kHello);
  sim.chat(kHelloStream);
  sim.chat(kHelloStream, R"({"break":{"at":"body","how":"close"}})");
  auto stats = sim.stats();
  EXPECT_EQ(stats.at("name").as_string(), "west");
  EXPECT_EQ(stats.at("requests").as_int64(), 3);
  EXPECT_EQ(stats.at("completed").as_int64(), 2);
  EXPECT_EQ(stats.at("broken").as_int64(), 1);
  EXPECT_EQ(stats.at("aborted").as_int64(), 0);
  EXPECT_EQ(stats.at("in_flight").as_int64(), 0);
  EXPECT_GE(stats.at("open_connections").as_int64(), 1);
  EXPECT_EQ(stats.at("connections").as_int64(), 4);
}

TEST(Control, LedgerHasOneEntryARequest) {
  TestSim sim({.record = SimOptions::Record::kOn});
  sim.call("POST", "/v1/chat/completions?a=1", kHelloStreamUsage, "X-Tag: one\r\nx-tag: two\r\n");
  auto ledger = sim.ledger();
  ASSERT_EQ(ledger.size(), 1U);
  auto& entry = ledger[0].as_object();
  EXPECT_EQ(entry.at("method").as_string(), "POST");
  EXPECT_EQ(entry.at("path").as_string(), "/v1/chat/completions");
  EXPECT_EQ(entry.at("query").as_string(), "a=1");
  EXPECT_EQ(entry.at("headers").at("x-tag").as_string(), "one, two");
  EXPECT_EQ(std::string_view(entry.at("body").as_string()), kHelloStreamUsage);
  EXPECT_EQ(entry.at("model").as_string(), "gpt-4o");
  EXPECT_TRUE(entry.at("stream").as_bool());
  EXPECT_EQ(entry.at("status").as_int64(), 200);
  EXPECT_EQ(entry.at("usage").at("total_tokens").as_int64(), 9);
  EXPECT_EQ(entry.at("outcome").as_string(), "completed");
  EXPECT_EQ(entry.at("events_sent").as_int64(), 8);
  EXPECT_GT(entry.at("bytes_sent").as_int64(), 500);
  EXPECT_GE(entry.at("ended_us").as_int64(), entry.at("began_us").as_int64());
}

TEST(Control, LedgerIdIsTheRequestIdOfTheAnswer) {
  TestSim sim({.name = "n", .record = SimOptions::Record::kOn});
  auto seen = sim.chat(kHello);
  EXPECT_EQ(sim.ledger().at(0).at("id").as_string(), seen.headers["x-request-id"]);
}

TEST(Control, LedgerSaysWhoEndedAnAnswer) {
  TestSim sim({.record = SimOptions::Record::kOn});
  sim.chat(kHelloStream, R"({"break":{"at":"body","how":"reset"}})");
  {
    TestPeer peer(sim.port);
    peer.request("POST", "/v1/chat/completions", kHelloStream, "x-sim: {\"event_delay_ms\":60000}\r\n");
    peer.read_some();
  }
  ASSERT_TRUE(sim.reaches("aborted", 1));
  auto ledger = sim.ledger();
  EXPECT_EQ(ledger.at(0).at("outcome").as_string(), "broken");
  EXPECT_EQ(ledger.at(1).at("outcome").as_string(), "aborted");
  EXPECT_EQ(ledger.at(1).at("events_sent").as_int64(), 1);
}

TEST(Control, LedgerGivesBinaryBodiesInBase64) {
  TestSim sim({.record = SimOptions::Record::kOn});
  EXPECT_EQ(sim.call("POST", "/v1/chat/completions", "\xff\xfe\xfd").status, 400);
  auto entry = sim.ledger().at(0).as_object();
  EXPECT_EQ(entry.at("body_base64").as_string(), "//79");
  EXPECT_FALSE(entry.contains("body"));
}

TEST(Control, WithoutRecordTheLedgerIsEmpty) {
  TestSim sim;
  sim.chat(kHello);
  EXPECT_TRUE(sim.ledger().empty());
}

int plain_status(TestSim& sim, std::string_view body = kHello) {
  return sim.call("POST", "/v1/chat/completions", body).status;
}

TEST(Control, APutScriptIsForItsModelAndPath) {
  TestSim sim;
  sim.call("PUT", "/_sim/script", R"({"model":"gpt-4o","path":"/v1/chat/completions","script":{"status":500}})");
  EXPECT_EQ(plain_status(sim), 500);
  EXPECT_EQ(plain_status(sim, R"({"model":"m","messages":[{"role":"user","content":"x"}]})"), 200);
  EXPECT_EQ(sim.chat(kHello, "{}").status, 200);  // the header goes first
  sim.call("PUT", "/_sim/script", R"({"model":"gpt-4o","path":"/v1/chat/completions","script":{"status":503}})");
  EXPECT_EQ(plain_status(sim), 503);
}

TEST(Control, APutScriptLastsForItsTimes) {
  TestSim sim;
  sim.call("PUT", "/_sim/script", R"({"script":{"times":2,"sequence":[{"status":500},{"status":503}]}})");
  EXPECT_EQ(plain_status(sim), 500);
  EXPECT_EQ(plain_status(sim), 503);
  EXPECT_EQ(plain_status(sim), 200);
}

TEST(Control, PutRefusesWhatIsNoScript) {
  TestSim sim;
  EXPECT_EQ(sim.call("PUT", "/_sim/script", "{").status, 400);
  EXPECT_EQ(sim.call("PUT", "/_sim/script", R"({"script":{"delay_ms":-1}})").status, 400);
  EXPECT_EQ(sim.call("PUT", "/_sim/script", R"({"sript":{}})").status, 400);
}

TEST(Control, DeleteForgetsScriptsLedgerAndCounters) {
  TestSim sim({.record = SimOptions::Record::kOn});
  sim.call("PUT", "/_sim/script", R"({"script":{"status":500}})");
  EXPECT_EQ(plain_status(sim), 500);
  EXPECT_EQ(sim.call("DELETE", "/_sim").status, 200);
  EXPECT_TRUE(sim.ledger().empty());
  EXPECT_EQ(sim.stats().at("requests").as_int64(), 0);
  EXPECT_EQ(plain_status(sim), 200);
}

TEST(Control, ARequestFromBeforeADeleteIsNotCountedAfterIt) {
  TestSim sim({.record = SimOptions::Record::kOn});
  TestPeer peer(sim.port);
  peer.request("POST", "/v1/chat/completions", kHello, "x-sim: {\"delay_ms\":200}\r\n");
  ASSERT_TRUE(sim.reaches("in_flight", 1));
  sim.call("DELETE", "/_sim");
  EXPECT_EQ(peer.answer().status, 200);
  ASSERT_TRUE(sim.reaches("in_flight", 0));
  EXPECT_EQ(sim.stats().at("completed").as_int64(), 0);
  EXPECT_TRUE(sim.ledger().empty());
}

TEST(Control, OtherControlPathsAre404) {
  TestSim sim;
  EXPECT_EQ(sim.call("GET", "/_sim/else").status, 404);
  EXPECT_EQ(sim.call("POST", "/_sim/stats").status, 404);
}

}  // namespace
}  // namespace sluice::sim::control_test
