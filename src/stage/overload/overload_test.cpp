#include "stage/overload/overload.h"

#include "exchange/scene_test.h"
#include "provider/gate/gate_book.h"

namespace sluice::stage::overload_test {
namespace {

class OverloadTest : public ::testing::Test {
 protected:
  Metrics metrics_;
  provider::GateBook book_{metrics_};
  provider::Gate& gate_ = book_.find("limits.in_flight", {.concurrency = 1, .queue = 0});
  Scene scene_;
  Overload stage_;
};

TEST_F(OverloadTest, WithoutALimitAllComeIn) {
  EXPECT_TRUE(scene_.run(stage_));
  EXPECT_EQ(scene_.rest.calls, 1);
}

TEST_F(OverloadTest, CountsARequestAsLongAsItIsServed) {
  stage_.set(gate_);
  std::uint32_t seen = 0;
  scene_.rest.set([&](Exchange&, Sink&) -> Task<Status> {
    seen = gate_.in_use();
    co_return Status{};
  });
  EXPECT_TRUE(scene_.run(stage_));
  EXPECT_EQ(seen, 1u);
  EXPECT_EQ(gate_.in_use(), 0u);
}

TEST_F(OverloadTest, RefusesAtOnceWhatIsMore) {
  stage_.set(gate_);
  auto taken = gate_.try_enter();
  auto status = scene_.run(stage_);
  EXPECT_EQ(status.error().kind, FaultKind::kOverloaded);
  EXPECT_EQ(status.error().code, "overloaded");
  EXPECT_TRUE(status.error().retry_after);
  EXPECT_EQ(scene_.rest.calls, 0);
}

}  // namespace
}  // namespace sluice::stage::overload_test
