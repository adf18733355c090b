// Tokens that are fetched, kept and fetched anew, with a metadata server played by the test.
#include "provider/sign/renewed.h"

#include "provider/sign/sign_fixture_test.h"

namespace sluice::provider::renewed_test {
namespace {

using std::chrono::seconds;

class RenewedTest : public SignTest {
 protected:
  void start() {
    variables_["GCE_METADATA_HOST"] = address();
    auto made = google_signer(GoogleSettings{}, surroundings(), rules_);
    ASSERT_TRUE(made);
    signer_ = std::move(*made);
    SignTest::start();
  }
  PendingSign sign(WallTime at = kTime) { return SignTest::sign(*signer_, at); }
  static std::string token(std::string_view name, int seconds = 3600) {
    return net::answer_with("{\"access_token\":\"" + std::string(name) +
                            "\",\"expires_in\":" + std::to_string(seconds) + ",\"token_type\":\"Bearer\"}");
  }
  // The first token, valid for an hour from kTime.
  net::RawPeer begin_with(std::string_view name) {
    auto first = sign();
    auto peer = listener_.accept();
    peer.read_head();
    peer.send(token(name));
    EXPECT_EQ(first.get().field("authorization"), "Bearer " + std::string(name));
    return peer;
  }

  RenewRules rules_;
  std::unique_ptr<const Signer> signer_;
};

TEST_F(RenewedTest, FetchesOnceForFifty) {
  start();
  std::vector<PendingSign> requests;
  for (int i = 0; i < 50; ++i) requests.push_back(sign());
  auto peer = listener_.accept();
  EXPECT_EQ(peer.read_head(), "GET /computeMetadata/v1/instance/service-accounts/default/token HTTP/1.1\r\nHost: " +
                                  address() + "\r\nmetadata-flavor: Google\r\n\r\n");
  on_loop([] {});
  EXPECT_FALSE(requests.front().done());
  peer.send(token("ya29.one"));
  for (auto& request : requests) EXPECT_EQ(request.get().field("authorization"), "Bearer ya29.one");
  EXPECT_EQ(sign().get().field("authorization"), "Bearer ya29.one");
  EXPECT_FALSE(listener_.is_called(Ms(50)));
}

TEST_F(RenewedTest, OneRenewsEarlyWhileOthersGoOn) {
  start();
  auto peer = begin_with("old");
  EXPECT_EQ(sign(kTime + kHour - seconds(301)).get().field("authorization"), "Bearer old");
  auto renewing = sign(kTime + kHour - seconds(299));
  EXPECT_NE(peer.read_head(), "");
  EXPECT_EQ(sign(kTime + kHour - seconds(298)).get().field("authorization"), "Bearer old");
  EXPECT_FALSE(renewing.done());
  peer.send(token("new"));
  EXPECT_EQ(renewing.get().field("authorization"), "Bearer new");
  EXPECT_EQ(sign(kTime + kHour + seconds(1)).get().field("authorization"), "Bearer new");
}

TEST_F(RenewedTest, AShortTokenIsNotRenewedBeforeHalfOfItsLife) {
  start();
  auto first = sign();
  auto peer = listener_.accept();
  peer.read_head();
  peer.send(token("short", 200));
  first.get();
  EXPECT_EQ(sign(kTime + seconds(99)).get().field("authorization"), "Bearer short");
  auto renewing = sign(kTime + seconds(101));
  peer.read_head();
  peer.send(token("new"));
  EXPECT_EQ(renewing.get().field("authorization"), "Bearer new");
}

TEST_F(RenewedTest, AFailedRenewalLeavesTheOldWhileItIsValid) {
  start();
  auto peer = begin_with("old");
  auto renewing = sign(kTime + kHour - seconds(200));
  peer.read_head();
  peer.send("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(renewing.get().field("authorization"), "Bearer old");
  // It rests: nobody asks again yet.
  EXPECT_EQ(sign(kTime + kHour - seconds(100)).get().field("authorization"), "Bearer old");
  EXPECT_FALSE(listener_.is_called(Ms(20)));
}

TEST_F(RenewedTest, EarlyRenewalHoldsARequestUpForAMomentOnly) {
  rules_.early_limit = Ms(100);
  start();
  auto peer = begin_with("old");
  auto renewing = sign(kTime + kHour - seconds(200));
  peer.read_head();
  auto outcome = renewing.get();
  EXPECT_EQ(outcome.field("authorization"), "Bearer old");
  EXPECT_LT(outcome.took, net::kLate);
}

TEST_F(RenewedTest, AnExpiredTokenIsNotUsed) {
  start();
  auto peer = begin_with("old");
  auto first = sign(kTime + kHour);
  auto second = sign(kTime + kHour);
  peer.read_head();
  on_loop([] {});
  EXPECT_FALSE(first.done());
  EXPECT_FALSE(second.done());
  peer.send(token("new"));
  EXPECT_EQ(first.get().field("authorization"), "Bearer new");
  EXPECT_EQ(second.get().field("authorization"), "Bearer new");
}

TEST_F(RenewedTest, AFailureIsToldToAllAndRests) {
  rules_.rest = Ms(300);
  start();
  auto first = sign();
  auto second = sign();
  auto peer = listener_.accept();
  peer.read_head();
  on_loop([] {});
  peer.send("HTTP/1.1 503 No\r\nContent-Length: 31\r\n\r\n{\"error\":\"unavailable\",\"x\":\"tok\"}");
  for (auto* request : {&first, &second}) {
    auto fault = fault_of(request->get());
    EXPECT_EQ(fault.kind, FaultKind::kUnreachable);
    EXPECT_EQ(fault.retry, Retry::kOther);
    EXPECT_EQ(fault.told, "A Google access token could not be fetched from 127.0.0.1: the answer was 503.");
  }
  EXPECT_EQ(fault_of(sign().get()).kind, FaultKind::kUnreachable);  // at once
  std::this_thread::sleep_for(Ms(350));
  auto third = sign();
  auto again = listener_.is_called(Ms(500)) ? listener_.accept() : std::move(peer);
  again.read_head();
  again.send(token("late"));
  EXPECT_EQ(third.get().field("authorization"), "Bearer late");
}

TEST_F(RenewedTest, WhenTheOneThatFetchesLeavesAnotherTakesOver) {
  start();
  auto first = sign();
  auto peer = listener_.accept();
  peer.read_head();
  auto second = sign();
  auto third = sign();
  on_loop([] {});
  leave(first);
  EXPECT_EQ(fault_of(first.get()).kind, FaultKind::kClientGone);
  auto other = listener_.accept();
  other.read_head();
  other.send(token("other"));
  EXPECT_EQ(second.get().field("authorization"), "Bearer other");
  EXPECT_EQ(third.get().field("authorization"), "Bearer other");
}

TEST_F(RenewedTest, OneThatWaitsMayLeave) {
  start();
  auto first = sign();
  auto peer = listener_.accept();
  peer.read_head();
  auto second = sign();
  on_loop([] {});
  leave(second);
  auto outcome = second.get();
  EXPECT_EQ(fault_of(outcome).kind, FaultKind::kClientGone);
  EXPECT_LT(outcome.took, net::kLate);
  peer.send(token("one"));
  EXPECT_EQ(first.get().field("authorization"), "Bearer one");
}

TEST_F(RenewedTest, ASlowServerHasOneLimitForAll) {
  start();
  auto request = sign();
  auto peer = listener_.accept();
  peer.read_head();
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  while (!request.done(Ms(100))) peer.send(" ");
  auto outcome = request.get();
  auto fault = fault_of(outcome);
  EXPECT_EQ(fault.kind, FaultKind::kProviderTimeout);
  EXPECT_EQ(fault.told, "A Google access token could not be fetched from 127.0.0.1: there was no answer within 2s.");
  EXPECT_LT(outcome.took, Ms(2'000) + net::kLate);
}

TEST_F(RenewedTest, NobodyListens) {
  start();
  listener_.close();
  auto fault = fault_of(sign().get());
  EXPECT_EQ(fault.kind, FaultKind::kUnreachable);
  EXPECT_EQ(fault.told, "A Google access token could not be fetched from 127.0.0.1: it cannot be reached.");
}

TEST_F(RenewedTest, AnswersThatAreNoToken) {
  rules_.rest = Ms(0);
  start();
  auto first = sign();
  auto peer = listener_.accept();
  peer.read_head();
  const std::string_view bodies[] = {"secret-not-json",
                                     R"(["a"])",
                                     R"({"access_token":"","expires_in":10})",
                                     R"({"access_token":"a b","expires_in":10})",
                                     R"({"access_token":"a","expires_in":-1})",
                                     R"({"access_token":"a\r\nx: y","expires_in":10})"};
  for (auto body : bodies) {
    peer.send(net::answer_with(body));
    auto fault = fault_of(first.get());
    EXPECT_EQ(fault.kind, FaultKind::kProviderProtocol) << body;
    EXPECT_FALSE((fault.told + fault.detail).contains("secret")) << fault.told;
    first = sign();
    peer.read_head();
  }
  peer.send(net::answer_with(std::string(80 << 10, 'x')));
  EXPECT_EQ(fault_of(first.get()).kind, FaultKind::kProviderProtocol);
}

TEST_F(RenewedTest, RedirectsAreNotFollowed) {
  start();
  auto request = sign();
  auto peer = listener_.accept();
  peer.read_head();
  peer.send("HTTP/1.1 302 Found\r\nLocation: http://" + address() + "/x\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(fault_of(request.get()).kind, FaultKind::kUnreachable);
  EXPECT_FALSE(listener_.is_called(Ms(50)));
}

TEST_F(RenewedTest, ARefusedTokenIsFetchedAnewOnceItIsOldEnough) {
  start();
  auto peer = begin_with("revoked");
  const http::ResponseHead refusal{401, {}};
  const auto sent = sign().get().head;
  EXPECT_EQ(signer_->learn(sent, refusal, kTime + seconds(59)), Signer::Again::kNo);
  EXPECT_EQ(signer_->learn(sent, {403, {}}, kTime + seconds(61)), Signer::Again::kNo);
  EXPECT_EQ(signer_->learn(sent, refusal, kTime + seconds(61)), Signer::Again::kSignAgain);
  EXPECT_EQ(signer_->learn(sent, refusal, kTime + seconds(62)), Signer::Again::kSignAgain);  // another one's
  auto again = sign(kTime + seconds(62));
  peer.read_head();
  peer.send(token("fresh"));
  const auto fresh = again.get();
  EXPECT_EQ(fresh.field("authorization"), "Bearer fresh");
  EXPECT_EQ(signer_->learn(sent, refusal, kTime + seconds(63)), Signer::Again::kSignAgain);  // sent with the old one
  EXPECT_EQ(signer_->learn(fresh.head, refusal, kTime + seconds(63)), Signer::Again::kNo);
}

TEST_F(RenewedTest, LoopsShareOneFetch) {
  start();
  net::Loop loop;
  net::Client client(loop, *workers_, {});
  TaskGroup tasks;
  std::jthread thread([&] { loop.run(); });
  auto first = sign();
  auto peer = listener_.accept();
  peer.read_head();
  std::vector<PendingSign> others;
  for (int i = 0; i < 20; ++i) others.push_back(sign_on(loop, client, tasks, *signer_, kTime));
  std::promise<void> there;
  loop.post([&] { there.set_value(); });
  there.get_future().wait();
  peer.send(token("shared"));
  for (auto& other : others) EXPECT_EQ(other.get().field("authorization"), "Bearer shared");
  EXPECT_EQ(first.get().field("authorization"), "Bearer shared");
  EXPECT_FALSE(listener_.is_called(Ms(50)));
  loop.post([&] { loop.stop(); });
}

// A source that has a new token each time, at once.
class Ready final : public CredentialSource {
 public:
  Ms limit() const override { return Ms(1000); }
  Task<Result<Credentials>> fetch(SignTools& tools, Ms) const override {
    Credentials made;
    made.bearer = Secret("token of a length that is allocated");
    made.ends = tools.now + kHour;
    co_return made;
  }
};

TEST_F(RenewedTest, ThreadsReadWhileItChanges) {
  start();
  Renewed renewed(std::make_unique<const Ready>());
  std::atomic<bool> stop{false};
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        auto held = renewed.ready(kTime);
        if (held) EXPECT_EQ(held->bearer.reveal(), "token of a length that is allocated");
      }
    });
  }
  auto renew = [&]() -> Task<void> {
    Cancel cancel;
    for (int i = 0; i < 2000; ++i) {
      SignTools tools{loop_, *client_, *workers_, cancel, kTime + i * kHour};
      auto held = co_await renewed.get(tools);
      EXPECT_TRUE(held && (**held).ends == tools.now + kHour);
    }
    stop = true;
  };
  on_loop([&] { spawn(renew(), tasks_); });
  readers.clear();
}

TEST_F(RenewedTest, MasksWhatAnErrorRepeats) {
  start();
  auto peer = begin_with("ya29.secret");
  std::string text = "Bad token ya29.secret, really: ya29.secret";
  signer_->mask(text);
  EXPECT_EQ(text, "Bad token ***, really: ***");
}

}  // namespace
}  // namespace sluice::provider::renewed_test
