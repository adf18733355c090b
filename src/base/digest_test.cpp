#include "base/digest.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace sluice::digest_test {
namespace {

std::string hex(const Sha256& digest) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (auto byte : digest) {
    text.push_back(kHex[byte >> 4]);
    text.push_back(kHex[byte & 15]);
  }
  return text;
}

// FIPS 180-4 examples.
TEST(Digest, Sha256OfKnownTexts) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, Sha256TakesZeroBytes) {
  EXPECT_NE(sha256(std::string_view("a\0b", 3)), sha256("a"));
}

TEST(Digest, Sha256OnEveryThread) {
  auto expected = sha256("abc");
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 100; ++round) EXPECT_EQ(sha256("abc"), expected);
    });
  }
}

TEST(Digest, ComparesInConstantTimeByContent) {
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_TRUE(constant_time_equal("same", "same"));
  EXPECT_FALSE(constant_time_equal("same", "sama"));
  EXPECT_FALSE(constant_time_equal("same", "same "));
  EXPECT_FALSE(constant_time_equal(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

// RFC 4648, 10.
TEST(Digest, Base64OfKnownTexts) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64(std::string_view("\xff\xfe\0", 3)), "//4A");
}

TEST(Digest, RandomTokensAreHexOfTheAskedLengthAndDiffer) {
  std::set<std::string> tokens;
  for (int i = 0; i < 200; ++i) {
    auto token = random_token(16);
    EXPECT_EQ(token.size(), 32u);
    EXPECT_EQ(token.find_first_not_of("0123456789abcdef"), std::string::npos);
    tokens.insert(std::move(token));
  }
  EXPECT_EQ(tokens.size(), 200u);
  EXPECT_EQ(random_token(0), "");
}

}  // namespace
}  // namespace sluice::digest_test
