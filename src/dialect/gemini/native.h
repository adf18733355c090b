// Bodies that pass through: only the names of models in them change.
//
// Thread rule: pure.
#pragma once

#include <string_view>

#include "dialect/asked.h"

namespace sluice::dialect::gemini {

// Requests for embeddings and counts, unlike others, name the model in the body too, and it must be the path's.
OutgoingBody rename_models(std::string_view body, std::string_view model);

}  // namespace sluice::dialect::gemini
