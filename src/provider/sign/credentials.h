// What a provider is shown to let us in, where it comes from, and what getting it needs.
//
// Thread rule: Credentials are plain values; a source is immutable and asked by one loop at a time. Lifetime: SignTools
// refers to things of the request that is being signed; a source lives as long as its signer.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/task.h"
#include "base/workers.h"
#include "http/url.h"
#include "net/client.h"
#include "net/loop.h"

namespace sluice::provider {

// A bearer token, or a key of AWS: `bearer` is empty or all that counts.
struct Credentials {
  Secret bearer;
  std::string key_id;
  Secret secret_key;
  Secret session_token;          // of temporary keys
  std::optional<WallTime> ends;  // nothing: they do not
};

// What a loop lends to the signing of one request.
struct SignTools {
  net::Loop& loop;
  net::Client& client;
  Workers& workers;
  Cancel& cancel;  // of the request
  WallTime now;    // when it is signed
};

class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // How long a fetch may take.
  virtual Ms limit() const = 0;
  // Faults have Retry::kOther and name what could not be had and from which host or file; or the cancel's reason.
  virtual Task<Result<Credentials>> fetch(SignTools& tools, Ms limit) const = 0;
};

using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// What is given to signers when they are built.
struct Surroundings {
  Environment environment;
  // The way to a token end point: with TLS and the proxy that are configured. Metadata servers are never asked through
  // a proxy.
  std::function<Result<net::Origin>(const http::Url& url)> origin;
};

// The variable's value; empty when it is not set.
std::string variable(const Surroundings& surroundings, std::string_view name);

}  // namespace sluice::provider
