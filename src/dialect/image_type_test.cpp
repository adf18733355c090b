#include "dialect/image_type.h"

#include <gtest/gtest.h>

namespace sluice::dialect::image_type_test {
namespace {

std::string_view told(std::string_view type, std::string_view data) {
  return image_type({.type = {type}, .data = {data}});
}

TEST(ImageType, IsToldByTheFirstBytes) {
  EXPECT_EQ(told("image/png", "/9j/4AAQ"), "image/jpeg");
  EXPECT_EQ(told("", R"(\/9j\/4AAQ)"), "image/jpeg");
  EXPECT_EQ(told("image/jpeg", "iVBORw0KGgoAAA"), "image/png");
  EXPECT_EQ(told("image/png", "R0lGODlh"), "image/gif");
  EXPECT_EQ(told("image/png", "UklGRhoA"), "image/webp");
}

TEST(ImageType, IsElseWhatItIsSaidToBe) {
  EXPECT_EQ(told("Image/PNG", "AAAA"), "image/png");
  EXPECT_EQ(told("image/jpg", "AAAA"), "image/jpeg");
  EXPECT_EQ(told("image/heic", "AAAA"), "");
  EXPECT_EQ(told("", "AAAA"), "");
}

}  // namespace
}  // namespace sluice::dialect::image_type_test
