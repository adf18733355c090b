// A query and documents in, an order out: the canonical form of reranking.
//
// Thread rule: one thread. Lifetime: views point into the body that was read and into `texts`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chat/request.h"
#include "chat/usage.h"

namespace sluice::chat {

struct RerankRequest {
  Texts texts;
  std::string model;
  Escaped query;
  std::vector<Escaped> documents;
  std::string_view top_n;  // a number as written; empty: all
  bool return_documents = false;
  std::string_view max_tokens_per_doc;
  std::vector<Request::Lost> lost;
};

struct Ranking {
  struct Place {
    std::size_t index = 0;   // of the document
    std::string_view score;  // a number as written
  };
  std::vector<Place> places;  // best first
  Usage usage;
  std::string id;
};

}  // namespace sluice::chat
