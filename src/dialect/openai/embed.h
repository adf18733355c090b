// Embeddings of the OpenAI API, both sides.
//
// Source: the API's reference; vectors are JSON numbers or base64 of little-endian 32-bit floats. Thread rule: pure.
// Lifetime: what is read points into the body.
#pragma once

#include "dialect/dialect.h"

namespace sluice::dialect::openai {

// As the members of Server and Client in dialect/dialect.h.
Result<chat::EmbedRequest> read_embed(std::string_view body, json::Reader& reader);
std::string write_embeddings(const chat::Embeddings& embeddings, const chat::EmbedRequest& request,
                             const chat::Learned& learned);
Result<Outgoing> write_embed(const chat::EmbedRequest& request, const Target& target);
Result<chat::Embeddings> read_embeddings(std::string_view body, json::Reader& reader);

}  // namespace sluice::dialect::openai
