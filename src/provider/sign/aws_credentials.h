// Where AWS credentials come from, in this order: the configuration; a profile it names; the environment; web identity
// (EKS); the shared files; the container's server; the instance's metadata.
//
// The first that has something is chosen when the signer is built; temporary ones are then fetched from it again and
// again. Source: AWS SDKs and Tools Reference Guide, "Standardized credential providers". Thread rule: for start and
// reload: reads files.
#pragma once

#include <memory>
#include <string>

#include "provider/sign/credentials.h"
#include "provider/sign/renewed.h"

namespace sluice::provider {

// Of the configuration; what is empty is looked for elsewhere.
struct AwsSettings {
  Secret bearer_token;  // a Bedrock API key
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;
  std::string profile;  // of the shared files
  std::string region;
};

// Faults: kInvalidConfig: half of a key, a profile that is not there, a file with a mistake (named with its line), or
// no place to get credentials from.
Result<std::unique_ptr<Renewed>> find_aws_credentials(const AwsSettings& settings, const Surroundings& surroundings,
                                                      RenewRules rules = {});

// The configuration's, AWS_REGION, AWS_DEFAULT_REGION, the profile's; empty when none says. Faults: kInvalidConfig.
Result<std::string> find_aws_region(const AwsSettings& settings, const Surroundings& surroundings);

}  // namespace sluice::provider
