// What the model would say: the text, reasoning and calls of one answer, how its stream is cut, and its usage.
//
// Thread rule: plain values; functions are pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/ask.h"
#include "sim/script.h"

namespace sluice::sim {

// How much was read and said, in tokens: one per four bytes.
struct Counts {
  std::size_t prompt = 0;
  std::size_t completion = 0;  // reasoning and calls included
  std::size_t reasoning = 0;
};

struct Reply {
  std::string text;
  bool says_text = true;  // false: the content is null, there are only calls
  std::string reasoning;
  std::string redacted;  // reasoning that comes without its text; where an API has such
  std::vector<ScriptCall> calls;
  std::string finish_reason;         // the script's; empty: by the answer, in the word of the API
  std::optional<std::string> usage;  // JSON text; nothing: it reports none
};

// `spell` writes a usage as the API has it.
Reply make_reply(const Ask& ask, const Script& script, std::string (*spell)(const Counts&));

// One token per four bytes, rounded up.
constexpr std::size_t tokens(std::size_t bytes) {
  return (bytes + 3) / 4;
}

// Where a text is cut into its events: the ends of the pieces. Without a number it is one word per piece; with one it
// is so many pieces, cut at words if there are enough, else at characters, else with empty pieces at the end.
std::vector<std::size_t> cuts(std::string_view text, std::optional<std::size_t> pieces);

}  // namespace sluice::sim
