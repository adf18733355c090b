// Certificates for tests, made with OpenSSL when they are needed, and a TLS peer over a raw socket.
//
// Thread rule: the test's thread.
#pragma once

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "net/raw_peer_test.h"

namespace sluice::net {

// A directory that goes with its owner.
class TestDirectory {
 public:
  TestDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TestDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

struct KeyPair {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(), X509_free};

  void write(const std::string& certificate_file, const std::string& key_file) const {
    FILE* out = std::fopen(certificate_file.c_str(), "w");
    PEM_write_X509(out, certificate.get());
    std::fclose(out);
    out = std::fopen(key_file.c_str(), "w");
    PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
  }
};

// `names` as OpenSSL writes them: "DNS:localhost,IP:127.0.0.1". Without an issuer it signs itself and is an authority.
inline KeyPair make_certificate(const std::string& common_name, const std::string& names,
                                const KeyPair* issuer = nullptr, long valid_days = 1) {
  KeyPair made;
  X509* certificate = made.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * 86400);
  X509_gmtime_adj(X509_getm_notAfter(certificate), valid_days * 86400);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.c_str()),
                             -1, -1, 0);
  X509_set_issuer_name(certificate, issuer ? X509_get_subject_name(issuer->certificate.get()) : subject);
  auto extend = [&](int id, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, issuer ? "CA:FALSE" : "critical,CA:TRUE");
  if (!names.empty()) extend(NID_subject_alt_name, names);
  X509_sign(certificate, issuer ? issuer->key.get() : made.key.get(), EVP_sha256());
  return made;
}

// TLS on a raw socket, blocking.
class TlsPeer {
 public:
  enum class Side { kServer, kClient };

  TlsPeer(RawPeer peer, Side side, const KeyPair* own = nullptr, int latest = TLS1_3_VERSION)
      : peer_(std::move(peer)),
        context_(SSL_CTX_new(side == Side::kServer ? TLS_server_method() : TLS_client_method()), SSL_CTX_free),
        ssl_(nullptr, SSL_free) {
    if (own) {
      SSL_CTX_use_certificate(context_.get(), own->certificate.get());
      SSL_CTX_use_PrivateKey(context_.get(), own->key.get());
    }
    SSL_CTX_set_max_proto_version(context_.get(), latest);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_mode(ssl_.get(), SSL_MODE_RELEASE_BUFFERS);
    SSL_set_fd(ssl_.get(), peer_.descriptor());
    connected_ = side == Side::kServer ? SSL_accept(ssl_.get()) == 1 : SSL_connect(ssl_.get()) == 1;
    ERR_clear_error();
  }

  bool connected() const { return connected_; }
  SSL* ssl() { return ssl_.get(); }
  bool send(std::string_view bytes) {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
  }
  // What send() would put on the wire, and behind it the notice of the end where it is the last; for raw().
  enum class Last { kNo, kYes };
  std::string sealed(std::string_view bytes, Last last = Last::kNo) {
    BIO* const wire = SSL_get_wbio(ssl_.get());
    BIO_up_ref(wire);
    BIO* const memory = BIO_new(BIO_s_mem());
    SSL_set0_wbio(ssl_.get(), memory);
    EXPECT_TRUE(send(bytes));
    if (last == Last::kYes) SSL_shutdown(ssl_.get());
    char* made = nullptr;
    const auto size = BIO_get_mem_data(memory, &made);
    std::string copy(made, static_cast<std::size_t>(size));
    SSL_set0_wbio(ssl_.get(), wire);
    return copy;
  }
  RawPeer& raw() { return peer_; }

  std::string read_to(std::string_view marker) {
    while (!input_.contains(marker) && more()) {
    }
    return std::exchange(input_, {});
  }
  std::string read_to_end() {
    while (more()) {
    }
    return std::exchange(input_, {});
  }
  // After the end: the other side said that it is one, so nothing was cut off.
  bool was_told_of_the_end() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  void close() {
    ssl_.reset();
    peer_.close();
  }
  std::string subject() {
    std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(ssl_.get()), X509_free);
    char name[200] = "";
    if (shown) X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name, sizeof name);
    return name;
  }

 private:
  bool more() {
    char buffer[16384];
    int got = SSL_read(ssl_.get(), buffer, sizeof buffer);
    if (got > 0) input_.append(buffer, static_cast<std::size_t>(got));
    ERR_clear_error();
    return got > 0;
  }

  RawPeer peer_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  std::string input_;
  bool connected_ = false;
};

}  // namespace sluice::net
