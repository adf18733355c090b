// Access tokens of Google Cloud (OAuth 2.0, scope cloud-platform): for a service account's key, for a user who logged
// in with gcloud, or for the workload this runs in.
//
// Source: RFC 7523 (a signed JWT as grant), RFC 6749 6 (refresh tokens), Google Cloud, "Application Default
// Credentials" and "About VM metadata". Hosts come from the file and the environment alone. Thread rule: sources are
// immutable; find_google_credentials() reads a file: for start and reload.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "provider/sign/credentials.h"
#include "provider/sign/renewed.h"

namespace sluice::provider {

// Of the configuration; what is empty is looked for elsewhere.
struct GoogleSettings {
  Secret access_token;           // a ready token: never renewed
  std::string credentials_file;  // JSON
};

struct GoogleCredentials {
  std::unique_ptr<Renewed> token;  // never null
  std::string project;             // that the file names; empty: none
  std::string quota_project;       // to be billed for a user's requests; empty: none
};

// In this order: the configuration; the file of GOOGLE_APPLICATION_CREDENTIALS; that of gcloud (CLOUDSDK_CONFIG or
// below HOME); the metadata server (GCE_METADATA_HOST). Faults: kInvalidConfig naming the file with the line or member.
Result<GoogleCredentials> find_google_credentials(const GoogleSettings& settings, const Surroundings& surroundings,
                                                  RenewRules rules = {});

// The same for the text of a file; `file` is used in messages.
Result<GoogleCredentials> read_google_file(std::string_view text, const std::string& file,
                                           const Surroundings& surroundings, RenewRules rules = {});

// {"access_token", "expires_in"}: nothing when it is not that.
std::optional<Credentials> read_token_answer(std::string_view json, WallTime now);

}  // namespace sluice::provider
