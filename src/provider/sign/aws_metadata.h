// Temporary AWS keys from the servers that stand beside a workload: containers (ECS, EKS Pod Identity) and instances
// (EC2, IMDSv2).
//
// Source: AWS SDKs and Tools Reference Guide, "Container credential provider" and "IMDS credential provider". Their
// hosts come from the environment alone. Thread rule: immutable.
#pragma once

#include <memory>
#include <string_view>

#include "provider/sign/credentials.h"

namespace sluice::provider {

// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI; null when neither is set. Faults: kInvalidConfig: a URI that is
// none, or plain HTTP to a host that is neither this machine nor a known metadata server.
Result<std::unique_ptr<const CredentialSource>> container_source(const Surroundings& surroundings);

// Null with AWS_EC2_METADATA_DISABLED. Faults: kInvalidConfig: AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL.
Result<std::unique_ptr<const CredentialSource>> instance_source(const Surroundings& surroundings);

// {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}, as both servers write it. Nothing when it is not that.
std::optional<Credentials> read_temporary_key(std::string_view json, WallTime now);

// "2026-11-22T10:11:12Z", with or without a fraction.
std::optional<WallTime> parse_iso_time(std::string_view text);

}  // namespace sluice::provider
