#include "base/hmac.h"

#include <gtest/gtest.h>

namespace sluice::hmac_test {
namespace {

TEST(Hmac, HexIsReadBack) {
  auto digest = sha256("abc");
  EXPECT_EQ(hex(digest), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(parse_sha256(hex(digest)), digest);
  for (const auto& text :
       {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g'), std::string(64, 'A')})
    EXPECT_FALSE(parse_sha256(text)) << text;
}

// RFC 4231, 4.2, 4.3, 4.7 and 4.8.
TEST(Hmac, OfKnownTexts) {
  EXPECT_EQ(hex(Hmac(std::string(20, '\x0b')).of("Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(Hmac("Jefe").of("what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(Hmac(std::string(131, '\xaa')).of("Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(hex(Hmac(std::string(131, '\xaa'))
                    .of("This is a test using a larger than block-size key and a larger than block-size data. The key "
                        "needs to be hashed before being used by the HMAC algorithm.")),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(Hmac, LongTextsAreHashedWhole) {
  const std::string text(10'000, 'k');
  EXPECT_NE(Hmac("s").of(text), Hmac("s").of(text + "k"));
}

}  // namespace
}  // namespace sluice::hmac_test
