// What a request of the right shape is refused for: fields that do not go together, or not with its model.
//
// Thread rule: pure. Source: what the provider refuses.
#pragma once

#include <optional>
#include <string_view>

#include "json/cursor.h"
#include "sim/ask.h"
#include "sim/shape.h"

namespace sluice::sim {

std::optional<Problem> check_responses(json::Cursor body, const Ask& ask);

}  // namespace sluice::sim
