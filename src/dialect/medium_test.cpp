#include "dialect/medium.h"

#include <gtest/gtest.h>

#include "base/digest.h"

namespace sluice::dialect::medium_test {
namespace {

std::string little(std::uint32_t number, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i));
  return out;
}

std::string wave(std::uint32_t format, std::uint32_t rate, std::uint32_t bits) {
  return base64("RIFF" + little(1000, 4) + "WAVEfmt " + little(16, 4) + little(format, 2) + little(1, 2) +
                little(rate, 4) + little(rate * bits / 8, 4) + little(bits / 8, 2) + little(bits, 2) +
                std::string(100, '\0'));
}

TEST(Medium, IsWhatTheBytesAndTheTypeSay) {
  EXPECT_EQ(medium_of("", base64("\xFF\xD8\xFF\xE0 jpeg")), Medium::kImage);
  EXPECT_EQ(medium_of("", base64("%PDF-1.7 and so on")), Medium::kWindow);
  EXPECT_EQ(medium_of("image/png", base64("%PDF-1.7 and so on")), Medium::kWindow);
  EXPECT_EQ(medium_of("application/pdf", base64("whatever this is")), Medium::kWindow);
  EXPECT_EQ(medium_of("image/heic", base64("whatever this is")), Medium::kImage);
  EXPECT_EQ(medium_of("image/svg+xml", base64("<svg/>")), Medium::kText);
  EXPECT_EQ(medium_of("text/plain; charset=utf-8", base64("whatever this is")), Medium::kText);
  EXPECT_EQ(medium_of("", base64("whatever this is")), Medium::kText);
  EXPECT_EQ(medium_of("", "/9j/4A"), Medium::kImage);
  EXPECT_EQ(medium_of("", "\\/9j\\/4A"), Medium::kImage) << "as some write JSON";
}

// What a second of sound has at least is known of few formats.
TEST(Medium, SoundIsBoundByItsBytesWhereNoSecondIsShort) {
  EXPECT_EQ(medium_of("audio/wav", wave(1, 16'000, 16)), Medium::kAudio);
  EXPECT_EQ(medium_of("audio/wav", wave(1, 1, 16)), Medium::kWindow) << "a sample a second";
  EXPECT_EQ(medium_of("audio/wav", wave(49, 16'000, 16)), Medium::kWindow) << "packed samples";
  const std::string frame("\xFF\xFB\x90\x64 frame", 10);
  const std::string tag("ID3\x04\0\0\0\0\x01\x02", 10);
  EXPECT_EQ(medium_of("", base64(frame)), Medium::kAudio);
  EXPECT_EQ(medium_of("audio/mpeg", base64(tag + std::string(130, 't') + frame)), Medium::kAudio);
  EXPECT_EQ(medium_of("audio/mpeg", base64(tag + std::string(130, 't') + "fLaC and silence")), Medium::kWindow);
  for (auto begin : {"fLaC silence", "OggS silence", "silence of some sort"})
    EXPECT_EQ(medium_of("audio/x", base64(begin)), Medium::kWindow) << begin;
}

TEST(Medium, OfUrlsThatHoldTheirData) {
  EXPECT_EQ(medium_of_url("data:image/png;base64," + base64("\x89PNG\r\n\x1A\n")), Medium::kImage);
  EXPECT_EQ(medium_of_url("data:video/mp4;base64,AAAA"), Medium::kWindow);
  EXPECT_EQ(medium_of_url("DATA:application/pdf;base64,AAAA"), Medium::kWindow);
  EXPECT_EQ(medium_of_url("https://x/y"), Medium::kWindow);
}

}  // namespace
}  // namespace sluice::dialect::medium_test
