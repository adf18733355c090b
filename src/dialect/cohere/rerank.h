// Reranking in Cohere's form, which Jina, Voyage and others share but for a few names.
//
// Source: POST /v2/rerank of the API's reference; `top_k`, `return_documents`, `data` and objects as documents are of
// the others and of version 1. Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "dialect/dialect.h"

namespace sluice::dialect::cohere {

Result<chat::RerankRequest> read_rerank(std::string_view body, json::Reader& reader);
std::string write_ranking(const chat::Ranking& ranking, const chat::RerankRequest& request);

Result<Outgoing> write_rerank(const chat::RerankRequest& request, const Target& target);
Result<chat::Ranking> read_ranking(std::string_view body, json::Reader& reader);

}  // namespace sluice::dialect::cohere
