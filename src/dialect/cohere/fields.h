// The fields of Cohere requests. Source: the API's reference of version 2: chat, embed, rerank; of rerank also what
// Jina and Voyage call the same. Thread rule: constants.
#pragma once

#include <string_view>

#include "dialect/endpoint.h"
#include "dialect/fields.h"

namespace sluice::dialect::cohere {

inline constexpr std::string_view kName = "cohere";

FieldTable fields_of(Operation operation);

}  // namespace sluice::dialect::cohere
