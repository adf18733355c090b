#include "base/sealer.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "base/base64.h"
#include "base/digest.h"

namespace sluice {

namespace {

constexpr char kFormat = 1;
constexpr std::size_t kNonceBytes = 12, kTagBytes = 16;
constexpr std::size_t kHeadBytes = 1 + kNonceBytes;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* raw(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

// The input has entropy of its own: one hash, which also says what it is for, is all the derivation it needs.
Secret derive(const Secret& key) {
  const auto digest = sha256("sluice seal 1\n" + std::string(key.reveal()));
  return Secret(std::string(digest.begin(), digest.end()));
}

Cipher make_cipher() {
  Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  if (!cipher) throw std::runtime_error("OpenSSL gives no cipher");
  return cipher;
}

}  // namespace

Sealer::Sealer(const Secret& key) : key_(derive(key)) {}

std::string Sealer::seal(std::string_view name, const Secret& text) const {
  const auto plain = text.reveal();
  std::string sealed(kHeadBytes + plain.size() + kTagBytes, kFormat);
  auto cipher = make_cipher();
  int length = 0;
  const bool done =
      RAND_bytes(raw(sealed) + 1, kNonceBytes) == 1 &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, raw(key_.reveal()), raw(sealed) + 1) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &length, raw(name), static_cast<int>(name.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), raw(sealed) + kHeadBytes, &length, raw(plain), static_cast<int>(plain.size())) ==
          1 &&
      EVP_EncryptFinal_ex(cipher.get(), raw(sealed) + kHeadBytes + length, &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, raw(sealed) + kHeadBytes + plain.size()) == 1;
  if (!done) throw std::runtime_error("AES-256-GCM failed");
  return base64(sealed);
}

std::optional<Secret> Sealer::open(std::string_view name, std::string_view sealed) const {
  auto bytes = base64_decode(sealed);
  if (!bytes || bytes->size() < kHeadBytes + kTagBytes || bytes->front() != kFormat) return std::nullopt;
  const std::size_t size = bytes->size() - kHeadBytes - kTagBytes;
  std::string plain(size, '\0');
  auto cipher = make_cipher();
  int length = 0;
  const bool opened =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, raw(key_.reveal()), raw(*bytes) + 1) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &length, raw(name), static_cast<int>(name.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), raw(plain), &length, raw(*bytes) + kHeadBytes, static_cast<int>(size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, raw(*bytes) + kHeadBytes + size) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), raw(plain) + length, &length) == 1;
  Secret text(std::move(plain));  // wiped also where it is not authentic
  return opened ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace sluice
