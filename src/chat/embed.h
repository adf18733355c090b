// Texts in, vectors out: the canonical form of embeddings.
//
// Thread rule: one thread. Lifetime: views point into the body that was read and into `texts`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chat/request.h"
#include "chat/usage.h"

namespace sluice::chat {

struct EmbedRequest {
  Texts texts;
  std::string model;
  std::vector<Escaped> inputs;    // texts, in order
  std::string_view token_inputs;  // JSON as written where the inputs are token numbers, which no other dialect takes
  bool single = false;            // one text was given as such, not as a list
  std::string_view dimensions;    // a number as written; empty: not given
  enum class Encoding : std::uint8_t { kFloat, kBase64 } encoding = Encoding::kFloat;
  Escaped purpose;  // as the client wrote it: "RETRIEVAL_QUERY", "search_query"; empty: not given
  Escaped title;
  std::vector<Request::Lost> lost;
};

struct Embeddings {
  // One for each input: a JSON array of numbers as the provider wrote it, or base64 of little-endian 32-bit floats.
  struct Vector {
    std::string_view numbers;
    std::string_view base64;
  };
  Texts texts;
  std::vector<Vector> vectors;
  Usage usage;
  std::string model;
};

// Between the two codings. numbers_of() writes the shortest text that gives the same 32-bit float.
std::string base64_of(const Embeddings::Vector& vector);
std::string numbers_of(const Embeddings::Vector& vector);

}  // namespace sluice::chat
