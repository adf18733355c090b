#include "base/text_index.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::text_index_test {
namespace {

TEST(TextIndex, FindsWhatWasAdded) {
  std::vector<std::string> texts;
  auto text_of = [&](std::size_t number) -> std::string_view { return texts[number]; };
  TextIndex index(1000);
  EXPECT_FALSE(index.find("", text_of));
  for (std::size_t i = 0; i < 1000; ++i) {
    texts.push_back(i == 0 ? "" : "text " + std::to_string(i));
    EXPECT_EQ(index.add(texts[i], i, text_of), i);
  }
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(index.find(texts[i], text_of), i);
  EXPECT_FALSE(index.find("text 1000", text_of));
}

TEST(TextIndex, ATextIsThatOfTheFirst) {
  auto text_of = [](std::size_t) -> std::string_view { return "a"; };
  TextIndex index(2);
  EXPECT_EQ(index.add("a", 7, text_of), 7u);
  EXPECT_EQ(index.add("a", 8, text_of), 7u);
}

TEST(TextIndex, AnEmptyOneHoldsNothing) {
  EXPECT_FALSE(TextIndex().find("a", [](std::size_t) -> std::string_view { return "a"; }));
}

}  // namespace
}  // namespace sluice::text_index_test
