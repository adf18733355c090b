// What an answer used, where its provider did not say: estimated from how much it has shown, and from the request.
//
// Four bytes of UTF-8 are taken for a token, of what was read as of what was written. Source: the rule of thumb that
// OpenAI ("What are tokens and how to count them") and Google ("Understand and count tokens") give for English. It
// holds within about a quarter for English prose, and within a factor of two for most code, JSON and other languages.
// What a model thought without showing it is not in it, nor is what images and audio are worth. It is never zero where
// anything was read or shown, and never in place of what the provider counted.
//
// Thread rule: pure.
#pragma once

#include <cstdint>

#include "chat/learned.h"

namespace sluice::chat {

inline constexpr std::uint64_t kBytesPerToken = 4;

constexpr std::uint64_t tokens_of(std::uint64_t bytes) {
  return bytes / kBytesPerToken + (bytes % kBytesPerToken > 0 ? 1 : 0);
}

// What a request gives a model to read. No prompt of text is of no tokens: an input of 0 beside an answer that was
// counted is one that was not told.
enum class Reads : std::uint8_t { kAnything, kText };

// Whether the provider's usage counts what was read, and all that the answer has shown. Usage of nothing but zeros
// counts nothing: servers send it where they do not count.
bool is_counted(const Learned& learned, Reads reads);

// Fills in what the provider did not count. `input_tokens`: of the request, for where it told nothing of what was read.
void estimate(Learned& learned, std::uint64_t input_tokens, Reads reads);

}  // namespace sluice::chat
