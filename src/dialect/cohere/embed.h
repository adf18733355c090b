// Embeddings of Cohere. Source: POST /v2/embed of the API's reference. Thread rule: pure.
#pragma once

#include <string_view>

#include "dialect/dialect.h"

namespace sluice::dialect::cohere {

Result<Outgoing> write_embed(const chat::EmbedRequest& request, const Target& target);
Result<chat::Embeddings> read_embeddings(std::string_view body, json::Reader& reader);

}  // namespace sluice::dialect::cohere
