// Errors as the Responses API spells them.
//
// Thread rule: pure. Source: the provider's answers.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "sim/script.h"
#include "sim/shape.h"

namespace sluice::sim {

// A refusal that is not always a 400.
struct Refusal {
  int status = 400;
  Problem problem;
};

// A problem the provider tells in a sentence that does not name the place.
Problem told(std::string sentence, std::string_view path, std::string_view code = "");

// The body of a refusal.
std::string response_error(const Problem& problem);

// What the provider says with a status.
std::string response_error(int status);

// The error in the middle of a stream: the script's or the provider's own. `number` is its place among the events.
std::string response_error_event(const Script& script, std::optional<std::size_t> number);

}  // namespace sluice::sim
