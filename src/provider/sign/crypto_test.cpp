#include "provider/sign/crypto.h"

#include <gtest/gtest.h>

#include <vector>

#include "provider/sign/test_key_test.h"

namespace sluice::provider::crypto_test {
namespace {

TEST(Crypto, HashesPiecesAsOneText) {
  const std::vector<std::string_view> pieces{"a", "", "bc"};
  EXPECT_EQ(hex(sha256_of(pieces)), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256_of({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// RFC 4231, 4.3 and 4.7: a short key and one longer than a block.
TEST(Crypto, HmacOfTheRfc) {
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Crypto, SignsWithRsa) {
  const TestKey key;
  const auto loaded = RsaKey::from_pem(key.pem());
  ASSERT_TRUE(loaded);
  const auto signature = loaded->sign("text");
  EXPECT_TRUE(key.verifies("text", signature));
  EXPECT_FALSE(key.verifies("another", signature));
}

TEST(Crypto, RefusesWhatIsNoRsaKey) {
  EXPECT_FALSE(RsaKey::from_pem(""));
  EXPECT_FALSE(RsaKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
  // Encrypted: nobody is asked for a password.
  EXPECT_FALSE(
      RsaKey::from_pem("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                       "DEK-Info: AES-128-CBC,00000000000000000000000000000000\n\nAAAA\n"
                       "-----END RSA PRIVATE KEY-----\n"));
}

}  // namespace
}  // namespace sluice::provider::crypto_test
