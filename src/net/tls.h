// TLS contexts: certificates of ours for the server side, trust for the client side.
//
// Thread rule: made on any thread; used by connections of all loops (OpenSSL's contexts are shared safely once set up).
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace sluice::net {

// A certificate chain and key from PEM files. reload() reads the files again; connections from then on use the new one,
// a bad file changes nothing. Faults: kInvalidConfig naming the file and OpenSSL's reason.
class ServerTls {
 public:
  static Result<std::shared_ptr<ServerTls>> load(std::string certificate_file, std::string key_file);
  Status reload();
  ~ServerTls();

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  explicit ServerTls(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// What a client trusts: the system's authorities, or only those of a PEM file. Host names are always verified.
class ClientTls {
 public:
  static Result<std::shared_ptr<ClientTls>> load(const std::string& ca_file);  // empty: the system's
  ~ClientTls();

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  explicit ClientTls(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::net
