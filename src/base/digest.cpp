#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdexcept>
#include <vector>

#include "base/secret.h"

namespace sluice {

namespace {

// OpenSSL looks an algorithm up by name each time it is not handed over ready.
class Hasher {
 public:
  Hasher() : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
    if (!algorithm_ || !context_) throw std::runtime_error("OpenSSL has no SHA-256");
  }
  ~Hasher() {
    EVP_MD_CTX_free(context_);
    EVP_MD_free(algorithm_);
  }
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  Sha256 hash(std::string_view bytes) {
    Sha256 digest;
    bool done = EVP_DigestInit_ex2(context_, algorithm_, nullptr) == 1 &&
                EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1 &&
                EVP_DigestFinal_ex(context_, digest.data(), nullptr) == 1;
    if (!done) throw std::runtime_error("SHA-256 failed");
    return digest;
  }

 private:
  EVP_MD* algorithm_;
  EVP_MD_CTX* context_;
};

}  // namespace

Sha256 sha256(std::string_view bytes) {
  thread_local Hasher hasher;
  return hasher.hash(bytes);
}

bool constant_time_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_token(std::size_t bytes) {
  std::vector<unsigned char> raw(bytes);
  if (RAND_bytes(raw.data(), static_cast<int>(bytes)) != 1) throw std::runtime_error("the system gives no randomness");
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (unsigned char byte : raw) {
    text.push_back(kHex[byte >> 4]);
    text.push_back(kHex[byte & 15]);
  }
  return text;
}

std::string base64(std::string_view bytes) {
  std::string coded((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a zero
  auto length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()),
                                reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  coded.resize(static_cast<std::size_t>(length));
  return coded;
}

void Secret::wipe() noexcept {
  text_.resize(text_.capacity());
  OPENSSL_cleanse(text_.data(), text_.size());
  text_.clear();
}

}  // namespace sluice
