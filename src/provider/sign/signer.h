// How a request to a provider is given its credentials: the one interface that dispatch uses.
//
//   auto signed_ = co_await signer.sign(head, body, tools);   // the last thing that changes head or body
//
// What is at hand is added at once, without a coroutine; what has to be fetched first, or hashed on a worker, is waited
// for.
//
// Thread rule: immutable but for what is cached (renewed.h) and a clock's correction: used by all loops at once.
// Lifetime: of its provider; outlives the requests it signs.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/message.h"
#include "provider/sign/aws_credentials.h"
#include "provider/sign/credentials.h"
#include "provider/sign/google_token.h"

namespace sluice::provider {

class Signer {
 public:
  virtual ~Signer() = default;

  // co_await sign(head, body, tools) is a Status. Fields of the same names are replaced. `body` is what is sent, in
  // pieces; all arguments stay valid until it returns. Faults: with Retry::kOther, what could not be fetched and from
  // where; or the cancel's reason.
  virtual Task<Status> sign(http::RequestHead& head, std::span<const std::string_view> body,
                            SignTools& tools) const = 0;

  // Looks at the head of the provider's answer to what was sent. kSignAgain: the request was refused because of how it
  // was signed, and would now be signed otherwise: try the same once more, and no more often.
  enum class Again { kNo, kSignAgain };
  virtual Again learn(const http::RequestHead& sent, const http::ResponseHead& answer, WallTime now) const;

  // Replaces the credentials that are in use by "***": for a provider's error that repeats them.
  virtual void mask(std::string& text) const = 0;
};

// A field that is always the same: "authorization: Bearer KEY", "api-key: KEY". `key` is the part of the value that is
// secret.
std::unique_ptr<const Signer> header_signer(std::string name, std::string_view before_key, Secret key);

// SigV4, or the bearer token that is among the credentials. `origin` is the provider's, `service` as in "bedrock".
// Faults: kInvalidConfig: of the credentials, or no region.
Result<std::unique_ptr<const Signer>> aws_signer(const AwsSettings& settings, const net::Origin& origin,
                                                 std::string service, const Surroundings& surroundings,
                                                 RenewRules rules = {});

// A bearer token of Google Cloud. Faults: kInvalidConfig.
Result<std::unique_ptr<const Signer>> google_signer(const GoogleSettings& settings, const Surroundings& surroundings,
                                                    RenewRules rules = {});
std::unique_ptr<const Signer> google_signer(GoogleCredentials credentials);  // when its project was needed too

// Replaces each occurrence of the secret by "***". One of less than 8 characters stays: it may be a part of any word,
// and what is said would be no longer what it is.
void mask_secret(std::string& text, std::string_view secret);

// The Host field of requests to the origin, as net::Client writes it.
std::string host_field(const net::Origin& origin);

}  // namespace sluice::provider
