// Which of OpenAI's models reason, and how much: what both of its APIs refuse.
//
// Source: the API's reference and its model pages. Thread rule: pure.
#pragma once

#include <optional>
#include <string_view>

#include "sim/shape.h"

namespace sluice::sim {

// o1, o3-mini, gpt-5…
bool reasons(std::string_view model);
// Nothing: the model has this effort, or is not one that is known. `path` is the effort's.
std::optional<Problem> check_effort(std::string_view model, std::string_view effort, std::string_view path);

// Whether it takes another temperature or top_p than 1: not while it reasons.
bool samples(std::string_view model, std::string_view effort);

}  // namespace sluice::sim
