// The fields of Converse requests. Source: ConverseRequest, ConverseStreamRequest and CountTokensRequest of the AWS SDK
// and what they hold. Thread rule: constants.
#pragma once

#include <string_view>

#include "dialect/fields.h"

namespace sluice::dialect::bedrock {

FieldTable chat_fields();

// The names of fields in requests that were written by a client of this dialect. kModelId tells them from others.
inline constexpr std::string_view kModelId = "modelId";
inline constexpr std::string_view kGuardrail = "guardrailConfig";
inline constexpr std::string_view kMetadata = "requestMetadata";
inline constexpr std::string_view kResponsePaths = "additionalModelResponseFieldPaths";
inline constexpr std::string_view kModelFields = "additionalModelRequestFields";
inline constexpr std::string_view kEffort = "outputConfig.effort";

// Whether a request was read by this dialect's server.
bool is_own(const chat::Request& request);

}  // namespace sluice::dialect::bedrock
