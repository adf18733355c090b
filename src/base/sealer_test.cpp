#include "base/sealer.h"

#include <gtest/gtest.h>

#include <set>

namespace sluice::sealer_test {
namespace {

const Sealer kSealer(Secret("a key of the test, long enough"));

TEST(Sealer, OpensWhatItSealed) {
  for (const std::string& text : {std::string(), std::string("sk-provider-key"), std::string(100'000, 'x')}) {
    auto opened = kSealer.open("openai", kSealer.seal("openai", Secret(text)));
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->reveal(), text);
  }
}

TEST(Sealer, NeverLooksTheSame) {
  std::set<std::string> all;
  for (int i = 0; i < 100; ++i) all.insert(kSealer.seal("openai", Secret("sk-provider-key")));
  EXPECT_EQ(all.size(), 100u);
  for (const auto& sealed : all) EXPECT_EQ(sealed.find("sk-provider-key"), std::string::npos);
}

TEST(Sealer, OpensNothingElse) {
  const auto sealed = kSealer.seal("openai", Secret("sk-provider-key"));
  EXPECT_FALSE(kSealer.open("anthropic", sealed));
  EXPECT_FALSE(Sealer(Secret("another key, as long as it")).open("openai", sealed));
  EXPECT_FALSE(kSealer.open("openai", ""));
  EXPECT_FALSE(kSealer.open("openai", "not base64!"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto damaged = sealed;
    damaged[i] = damaged[i] == 'A' ? 'Q' : 'A';  // of the last character not all bits count
    EXPECT_FALSE(kSealer.open("openai", damaged)) << i;
    if (i + 1 < sealed.size()) {  // the last character is padding
      EXPECT_FALSE(kSealer.open("openai", sealed.substr(0, i))) << i;
    }
  }
}

}  // namespace
}  // namespace sluice::sealer_test
