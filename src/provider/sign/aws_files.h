// The files that the AWS tools share: ~/.aws/credentials and ~/.aws/config.
//
// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files". Thread rule: plain values; load()
// blocks: for start or a worker. Errors name file and line, or file and profile, and never a value.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "provider/sign/credentials.h"

namespace sluice::provider {

using AwsProfile = std::map<std::string, Secret, std::less<>>;  // names in lower case
using AwsProfiles = std::map<std::string, AwsProfile, std::less<>>;

// In the config file a profile's section is called "profile NAME" (but for "default"), and others mean something else.
enum class AwsFile { kCredentials, kConfig };

// Faults: kInvalidConfig with "FILE:LINE: …".
Result<AwsProfiles> parse_aws_file(std::string_view text, const std::string& file, AwsFile kind);

struct AwsFiles {
  std::string credentials;  // paths; empty: there is none
  std::string config;

  // AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, else those below HOME.
  static AwsFiles find(const Surroundings& surroundings);

  // The profile's settings, those of the credentials file first; nothing when no file has it. A file that is not there
  // is an empty one. Faults: kInvalidConfig.
  Result<std::optional<AwsProfile>> load(const std::string& profile) const;
  // The key of a profile; nothing when it has none. Faults: kInvalidConfig: half of a key, or a way to get one that is
  // not known here.
  Result<std::optional<Credentials>> load_key(const std::string& profile) const;

  std::string names() const;  // for messages
};

}  // namespace sluice::provider
