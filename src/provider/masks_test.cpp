#include "provider/masks.h"

#include <gtest/gtest.h>

#include "provider/sign/signer.h"

namespace sluice::provider::masks_test {
namespace {

class MasksTest : public ::testing::Test {
 protected:
  MasksTest() {
    provider_.signer = header_signer("authorization", "Bearer ", Secret("5ec7e7abcdef0123"));
    provider_.headers.add("x-tenant", "tenant-secret-1");
    provider_.headers.add("proxy-token", "Token hidden-0815");
    provider_.headers.add("anthropic-version", "2023-06-01");
    provider_.headers.add("x-region", "eu");
  }
  std::string masked(std::string text) {
    mask(provider_, text);
    return text;
  }

  Provider provider_;
};

TEST_F(MasksTest, HideTheKeyAndWhatConfiguredHeadersHold) {
  EXPECT_EQ(masked("no access with 5ec7e7abcdef0123"), "no access with ***");
  EXPECT_EQ(masked("tenant 'tenant-secret-1' is unknown"), "tenant '***' is unknown");
  EXPECT_EQ(masked("bad hidden-0815, or Token hidden-0815"), "bad ***, or ***");
}

TEST_F(MasksTest, LeaveWhatIsNoSecret) {
  EXPECT_EQ(masked("version 2023-06-01 in eu"), "version 2023-06-01 in eu");
  EXPECT_EQ(masked(""), "");
}

TEST_F(MasksTest, LeaveWhatMayBePartOfAnyWord) {
  for (std::string_view key : {"x", "1", "none", "sevench"}) {
    provider_.signer = header_signer("authorization", "Bearer ", Secret(std::string(key)));
    const std::string said = R"({"code":"context_length_exceeded","n":128,"is":"none","of":"sevench"})";
    EXPECT_EQ(masked(said), said) << key;
  }
}

TEST_F(MasksTest, AreOfWhatTheProviderSaid) {
  auto fault = [](FaultKind kind) {
    return Fault{.kind = kind,
                 .told = "tenant-secret-1",
                 .detail = "tenant-secret-1",
                 .param = "tenant-secret-1",
                 .code = "tenant-secret-1"};
  };
  for (auto kind : {FaultKind::kProviderError, FaultKind::kProviderStatus, FaultKind::kProviderProtocol}) {
    auto its = fault(kind);
    mask(provider_, its);
    for (const auto& text : {its.told, its.detail, its.param, its.code}) EXPECT_EQ(text, "***");
  }
  auto ours = fault(FaultKind::kOverloaded);
  mask(provider_, ours);
  EXPECT_EQ(ours.told, "tenant-secret-1");
}

}  // namespace
}  // namespace sluice::provider::masks_test
