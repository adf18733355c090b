// Tool-call ids and tool names within the alphabets that providers take.
//
// A text outside the alphabet is replaced by one inside it that depends on the text alone, so a call and its result
// stay together and the same history always gives the same bytes. Thread rule: pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chat/request.h"

namespace sluice::chat {

struct Alphabet {
  std::size_t longest = 64;
  std::size_t exactly = 0;               // 0: any length up to `longest`
  std::string_view beside_alphanumeric;  // "_-"
  bool starts_with_letter = false;       // or '_'
};

bool fits(std::string_view text, const Alphabet& alphabet);
// The text itself when it fits; else what stands for it.
Escaped fitted(Escaped text, const Alphabet& alphabet, Texts& texts);

// Names that were replaced, to be put back into the answer: what the provider got → what the client said.
using Renamed = std::vector<std::pair<std::string, std::string>>;

// Makes the names of tools, tool choice, calls and results fit; ids of calls and results too, and no two calls have the
// same.
Renamed fit_names(Request& request, const Alphabet& names, const Alphabet& ids);

}  // namespace sluice::chat
