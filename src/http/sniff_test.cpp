#include "http/sniff.h"

#include <gtest/gtest.h>

namespace sluice::http::sniff_test {
namespace {

using namespace std::string_view_literals;

TEST(Sniff, TellsTypesByTheirFirstBytes) {
  EXPECT_EQ(sniff_type("\x89PNG\r\n\x1a\n\0\0\0\r"sv), "image/png");
  EXPECT_EQ(sniff_type("\xff\xd8\xff\xe0"sv), "image/jpeg");
  EXPECT_EQ(sniff_type("GIF89a"sv), "image/gif");
  EXPECT_EQ(sniff_type("GIF87a"sv), "image/gif");
  EXPECT_EQ(sniff_type("RIFF\x10\0\0\0WEBPVP8 "sv), "image/webp");
  EXPECT_EQ(sniff_type("%PDF-1.7\n"sv), "application/pdf");
}

TEST(Sniff, TakesNothingElseForOne) {
  for (auto bytes :
       {""sv, "\x89PNG"sv, "\xff\xd8"sv, "GIF88a"sv, "RIFF"sv, "RIFF\x10\0\0\0WAVE"sv, "RIFF\x10\0\0\0WEB"sv,
        "<html>%PDF-"sv, "{}"sv, "PDF-"sv, "<svg xmlns=\"http://www.w3.org/2000/svg\">"sv}) {
    EXPECT_EQ(sniff_type(bytes), "") << bytes;
  }
}

}  // namespace
}  // namespace sluice::http::sniff_test
