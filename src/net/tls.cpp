#include "net/tls.h"

#include <mutex>

#include "net/tls_impl.h"

namespace sluice::net {

namespace {

constexpr unsigned char kAlpn[] = "\x08http/1.1";

std::string openssl_reason(const error_code& error) {
  return error.message();
}

void harden(ssl::context& context) {
  context.set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                      ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  SSL_CTX_set_mode(context.native_handle(), SSL_MODE_RELEASE_BUFFERS);
}

// RFC 7301, 3.2: one who offers others only is told no_application_protocol.
int choose_http11(SSL*, const unsigned char** out, unsigned char* length, const unsigned char* offered,
                  unsigned int offered_length, void*) {
  auto* chosen = const_cast<unsigned char**>(out);
  auto found = SSL_select_next_proto(chosen, length, kAlpn, sizeof kAlpn - 1, offered, offered_length);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Result<std::shared_ptr<ssl::context>> server_context(const std::string& certificate, const std::string& key) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  harden(*context);
  error_code error;
  context->use_certificate_chain_file(certificate, error);
  if (error) {
    return fail(FaultKind::kInvalidConfig,
                "The certificate file '" + certificate + "' cannot be used: " + openssl_reason(error) + ".");
  }
  context->use_private_key_file(key, ssl::context::pem, error);
  if (error)
    return fail(FaultKind::kInvalidConfig, "The key file '" + key + "' cannot be used: " + openssl_reason(error) + ".");
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return fail(FaultKind::kInvalidConfig,
                "The key in '" + key + "' does not belong to the certificate in '" + certificate + "'.");
  }
  SSL_CTX_set_alpn_select_cb(context->native_handle(), choose_http11, nullptr);
  return context;
}

}  // namespace

ServerTls::ServerTls(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ServerTls::~ServerTls() = default;

Result<std::shared_ptr<ServerTls>> ServerTls::load(std::string certificate_file, std::string key_file) {
  auto impl = std::make_unique<Impl>();
  impl->certificate_file = std::move(certificate_file);
  impl->key_file = std::move(key_file);
  std::shared_ptr<ServerTls> tls(new ServerTls(std::move(impl)));
  if (auto loaded = tls->reload(); !loaded) return fail_from(loaded);
  return tls;
}

Status ServerTls::reload() {
  auto context = server_context(impl_->certificate_file, impl_->key_file);
  if (!context) return fail_from(context);
  std::lock_guard lock(impl_->mutex);
  impl_->context = std::move(*context);
  return {};
}

std::shared_ptr<ssl::context> ServerTls::Impl::current() {
  std::lock_guard lock(mutex);
  return context;
}

ClientTls::ClientTls(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ClientTls::~ClientTls() = default;

Result<std::shared_ptr<ClientTls>> ClientTls::load(const std::string& ca_file) {
  auto impl = std::make_unique<Impl>();
  harden(impl->context);
  error_code error;
  if (ca_file.empty()) {
    impl->context.set_default_verify_paths(error);
  } else {
    impl->context.load_verify_file(ca_file, error);
  }
  if (error) {
    return fail(FaultKind::kInvalidConfig,
                "The authorities in '" + ca_file + "' cannot be used: " + openssl_reason(error) + ".");
  }
  SSL_CTX_set_alpn_protos(impl->context.native_handle(), kAlpn, sizeof kAlpn - 1);
  return std::shared_ptr<ClientTls>(new ClientTls(std::move(impl)));
}

}  // namespace sluice::net
