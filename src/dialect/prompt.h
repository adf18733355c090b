// What the prompt of a request holds, as far as it matters for where it is sent: what it needs of a model, how long it
// is, and which conversation it belongs to.
//
// Found by one walk over the body's strings and brackets, in any of the dialects' forms. Where a form is told apart by
// more than one field, all of them are asked for: what is missed here is refused by the provider, but what is seen
// wrongly would keep a request from a model that can serve it.
//
// Thread rule: pure. A walk takes time in proportion to the body: bodies beyond json::kLoopLimit belong on a worker.
#pragma once

#include <cstdint>
#include <string_view>

#include "chat/estimate.h"
#include "dialect/needs.h"

namespace sluice::dialect {

struct Prompt {
  Needs needs;
  std::uint64_t tokens = 0;  // estimated: a fourth of the body's bytes, those of images and files left out
  // A hash of what does not change while a conversation goes on: the texts of the system prompt and of the messages up
  // to the first of a user. Marks of caching are left out, for clients move them. 0: there is no such text.
  std::uint64_t beginning = 0;
  std::uint64_t cache_key = 0;  // a hash of prompt_cache_key; 0: not given
};

// `body` is an object and was proven to be JSON (read_asked). Hashes are the same in every process and replica.
Prompt read_prompt(std::string_view body);

// The hash of a session's name as read_prompt makes it; never 0.
std::uint64_t hash_of(std::string_view text);

// A prompt of so many bytes, when nothing else is known of it.
constexpr std::uint64_t estimated_tokens(std::uint64_t bytes) {
  return bytes / chat::kBytesPerToken;
}

}  // namespace sluice::dialect
