// The paths of the OpenAI API, plain and as Azure spells them.
//
// Thread rule: pure.
#pragma once

#include <string_view>

#include "sim/place.h"

namespace sluice::sim {

Place openai_place(std::string_view target);

// The endpoints that take a form (multipart/form-data) instead of JSON.
bool takes_form(Endpoint endpoint);

}  // namespace sluice::sim
