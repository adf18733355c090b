// check: allow libraries because signatures of requests are made here and nowhere else
#include "provider/sign/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <stdexcept>

namespace sluice::provider {

namespace {

constexpr std::size_t kBlock = 64;  // of SHA-256

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeDigest {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

// OpenSSL looks an algorithm up by name each time it is not handed over ready.
class Hasher {
 public:
  Hasher() : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
    if (!algorithm_ || !context_) throw std::runtime_error("OpenSSL has no SHA-256");
  }

  void begin() { check(EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr)); }
  void add(std::string_view bytes) { check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size())); }
  Sha256 end() {
    Sha256 digest;
    check(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
    return digest;
  }

 private:
  static void check(int done) {
    if (done != 1) throw std::runtime_error("SHA-256 failed");
  }

  std::unique_ptr<EVP_MD, FreeDigest> algorithm_;
  Context context_;
};

Hasher& hasher() {
  thread_local Hasher own;
  return own;
}

int no_password(char*, int, int, void*) {
  return 0;  // OpenSSL would ask at the terminal
}

}  // namespace

std::string_view bytes_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Sha256 sha256_of(std::span<const std::string_view> pieces) {
  auto& hash = hasher();
  hash.begin();
  for (auto piece : pieces) hash.add(piece);
  return hash.end();
}

Sha256 hmac_sha256(std::string_view key, std::string_view text) {
  std::array<char, kBlock> pad{};
  const Sha256 short_key = key.size() > kBlock ? sha256(key) : Sha256{};
  if (key.size() > kBlock) key = bytes_of(short_key);
  auto padded = [&](char with) {
    for (std::size_t i = 0; i < kBlock; ++i) pad[i] = static_cast<char>((i < key.size() ? key[i] : 0) ^ with);
    return std::string_view(pad.data(), pad.size());
  };
  auto& hash = hasher();
  hash.begin();
  hash.add(padded(0x36));
  hash.add(text);
  const Sha256 inner = hash.end();
  hash.begin();
  hash.add(padded(0x5c));
  hash.add(bytes_of(inner));
  OPENSSL_cleanse(pad.data(), pad.size());
  return hash.end();
}

std::string hex(const Sha256& digest) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(digest.size() * 2);
  for (auto byte : digest) {
    text.push_back(kHex[byte >> 4]);
    text.push_back(kHex[byte & 15]);
  }
  return text;
}

struct RsaKey::Impl {
  std::unique_ptr<EVP_PKEY, FreeKey> key;
};

RsaKey::RsaKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RsaKey::~RsaKey() = default;

std::unique_ptr<const RsaKey> RsaKey::from_pem(std::string_view pem) {
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) return nullptr;
  auto impl = std::make_unique<Impl>();
  impl->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_password, nullptr));
  if (!impl->key || EVP_PKEY_get_base_id(impl->key.get()) != EVP_PKEY_RSA) return nullptr;
  return std::unique_ptr<const RsaKey>(new RsaKey(std::move(impl)));
}

std::string RsaKey::sign(std::string_view text) const {
  const Context context(EVP_MD_CTX_new());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(impl_->key.get())), '\0');
  std::size_t size = signature.size();
  const bool done =
      context &&
      EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, impl_->key.get(), nullptr) == 1 &&
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  if (!done) throw std::runtime_error("RSA with SHA-256 failed");
  signature.resize(size);
  return signature;
}

}  // namespace sluice::provider
