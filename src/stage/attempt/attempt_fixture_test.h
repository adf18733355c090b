// What tests of the stage `attempt` share: a route over some candidates, and providers whose tries end as told.
//
// Thread rule: one thread.
#pragma once

#include "dialect/openai/endpoint.h"
#include "exchange/scene_test.h"
#include "stage/attempt/attempt.h"

namespace sluice::stage {

inline Fault lost(FaultKind kind = FaultKind::kConnectionLost, Retry retry = Retry::kSame) {
  return Fault{.kind = kind, .told = "it failed", .retry = retry};
}
inline Fault refused(Meaning meaning) {
  auto fault = lost(FaultKind::kProviderStatus, Retry::kNo);
  fault.meaning = meaning;
  return fault;
}
inline Fault sealed_elsewhere() {
  auto fault = refused(Meaning::kForeignState);
  fault.retry = Retry::kSame;
  return fault;
}
inline Fault asks_for(Ms time) {
  auto fault = lost(FaultKind::kProviderStatus);
  fault.retry_after = time;
  return fault;
}

inline chat::Event event(chat::EventKind kind, std::string_view wire) {
  return {kind, wire};
}

// A route over some candidates, and providers whose attempts end as told, one after the other.
class AttemptTest : public ::testing::Test {
 protected:
  AttemptTest() {
    route_.name = "r";
    route_.backoff = Ms(4);
    route_.max_backoff = Ms(40);
    route_.retries = 2;
    scene_.x.timeouts.total = Ms(5000);
    scene_.x.endpoint = &dialect::openai::facts(dialect::openai::Kind::kChat);
  }

  void candidates(int count) {
    for (int i = 0; i < count; ++i) {
      route_.deployments.push_back(make_deployment(*provider_, std::string(1, static_cast<char>('a' + i))));
      scene_.x.candidates.push_back({route_.deployments.back().get(), route_.deployments.back()->model});
    }
    scene_.x.match = {&route_, {}};
  }

  // The faults in order; after them every attempt serves. Returns the models tried, then " ok" or the fault's name.
  std::string tried(std::vector<Fault> faults) {
    faults_ = std::move(faults);
    scene_.rest.set([this](Exchange& x, Sink& out) { return serve(x, out); });
    Attempt stage(budget_);
    status_ = scene_.run(stage);
    for (const auto& deployment : route_.deployments) EXPECT_EQ(deployment->health->in_flight.load(), 0);
    return order_ + " " + (status_ ? std::string("ok") : std::string(name(status_.error().kind)));
  }
  Task<Status> serve(Exchange& x, Sink& out) {
    auto index = order_.size();
    order_ += x.current->target.model;
    if (index < faults_.size()) co_return fail(faults_[index]);
    co_await out.begin({});
    auto whole = event(chat::EventKind::kContent, "answer");
    co_return co_await out.push({&whole, 1});
  }

  Scene scene_;
  RetryBudget budget_;
  std::unique_ptr<provider::Provider> provider_ = make_provider("p");
  provider::Route route_;
  std::vector<Fault> faults_;
  std::string order_;
  Status status_;
};

inline std::vector<Fault> times(int count, Fault fault) {
  return std::vector<Fault>(static_cast<std::size_t>(count), fault);
}

}  // namespace sluice::stage
