#include "stage/receive/receive.h"

#include "dialect/openai/endpoint.h"
#include "exchange/scene_test.h"

namespace sluice::stage::receive_test {
namespace {

class ReceiveTest : public ::testing::Test {
 protected:
  ReceiveTest() {
    scene_.x.endpoint = &dialect::openai::facts(dialect::openai::Kind::kChat);
    scene_.request.mutable_head().headers.add("content-type", "application/json");
  }
  Status receive(std::string body) {
    body.reserve(body.size() + net::kBodySlack);
    scene_.request.body_result = std::move(body);
    Receive stage;
    return scene_.run(stage);
  }
  Scene scene_;
};

TEST_F(ReceiveTest, FindsTheModelAndWhetherToStream) {
  ASSERT_TRUE(receive(R"({"model":"fast","stream":true,"messages":[]})"));
  EXPECT_EQ(scene_.x.asked.model, "fast");
  EXPECT_TRUE(scene_.x.asked.stream);
  EXPECT_EQ(scene_.x.body, R"({"model":"fast","stream":true,"messages":[]})");
  EXPECT_EQ(scene_.rest.calls, 1);
}

TEST_F(ReceiveTest, ReadsALargeBodyOnAWorker) {
  ASSERT_TRUE(
      receive(R"({"messages":[{"role":"user","content":")" + std::string(1 << 20, 'x') + R"("}],"model":"large"})"));
  EXPECT_EQ(scene_.x.asked.model, "large");
}

TEST_F(ReceiveTest, RefusesWhatIsNoRequest) {
  auto status = receive("{\"model\":");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, FaultKind::kInvalidRequest);
  EXPECT_EQ(scene_.rest.calls, 0);
}

TEST_F(ReceiveTest, PassesOnWhyThereIsNoBody) {
  scene_.request.body_result = fail(FaultKind::kTooLarge, "too large");
  Receive stage;
  EXPECT_EQ(scene_.run(stage).error().told, "too large");
}

TEST_F(ReceiveTest, TakesAnyBodyForAPassthrough) {
  scene_.x.endpoint = nullptr;
  ASSERT_TRUE(receive("\x01 not json"));
  EXPECT_EQ(scene_.x.body, "\x01 not json");
}

}  // namespace
}  // namespace sluice::stage::receive_test
