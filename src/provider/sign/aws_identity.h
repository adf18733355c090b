// Temporary AWS keys for a web identity: a file with a token that an orchestrator writes (EKS service accounts) is
// exchanged for the key of a role.
//
// Source: AWS STS API Reference, AssumeRoleWithWebIdentity. Thread rule: immutable.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "provider/sign/credentials.h"

namespace sluice::provider {

// AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN (and AWS_ROLE_SESSION_NAME); null when the file is not named. Asks
// AWS_ENDPOINT_URL_STS, else the region's sts.REGION.amazonaws.com. Faults: kInvalidConfig: no role, no region, an end
// point that is no URL.
Result<std::unique_ptr<const CredentialSource>> web_identity_source(const Surroundings& surroundings,
                                                                    std::string_view region);

// The key in an answer in JSON; nothing when it holds none.
std::optional<Credentials> read_assumed_role(std::string_view json, WallTime now);

}  // namespace sluice::provider
