#include "chat/embed.h"

#include <gtest/gtest.h>

namespace sluice::chat::embed_test {
namespace {

TEST(Embeddings, AreTheSameInBothCodings) {
  EXPECT_EQ(base64_of({.numbers = "[1, -0.5,2.5e-1]"}), "AACAPwAAAL8AAIA+");
  EXPECT_EQ(numbers_of({.base64 = "AACAPwAAAL8AAIA+"}), "[1,-0.5,0.25]");
  EXPECT_EQ(base64_of({.base64 = "AACAPw=="}), "AACAPw==");
  EXPECT_EQ(numbers_of({.numbers = "[0.10,1e2]"}), "[0.10,1e2]");
  const std::string numbers = numbers_of({.base64 = base64_of({.numbers = "[0.0023064255,-0.009327292,3.4e38]"})});
  EXPECT_EQ(numbers, "[0.0023064255,-0.009327292,3.4e+38]");
}

TEST(Embeddings, SurviveWhatIsNone) {
  EXPECT_EQ(base64_of({.numbers = "[]"}), "");
  EXPECT_EQ(base64_of({}), "");
  EXPECT_EQ(base64_of({.numbers = "[1e-400]"}), "AAAAAA==");
  EXPECT_EQ(base64_of({.numbers = "[-]"}), "");
  EXPECT_EQ(numbers_of({.base64 = "AACAfwAAwH8="}), "[0,0]") << "infinite and no number at all";
  EXPECT_EQ(numbers_of({.base64 = "!"}), "[]");
  EXPECT_EQ(numbers_of({.base64 = "AACA"}), "[]");
}

}  // namespace
}  // namespace sluice::chat::embed_test
