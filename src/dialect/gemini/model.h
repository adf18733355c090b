// What Gemini models differ in, by their names, and where they are found.
//
// Source: the model pages of the Gemini API: thinking budgets of the 2.5 models, thinking levels and thought signatures
// from 3 on. Names that say no generation (tuned models, aliases such as gemini-flash-latest) are taken for what the
// API serves under new names. Thread rule: pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::dialect::gemini {

struct ModelFacts {
  enum class Thinking : std::uint8_t { kNone, kBudget, kLevel } thinking = Thinking::kBudget;
  bool signatures = false;      // calls must carry a thought signature
  bool json_with_tools = true;  // JSON output and functions in one request
  bool ids = true;              // calls have ids
  bool result_media = false;    // functionResponse.parts
  // kBudget
  bool may_be_off = true;
  std::uint64_t least_budget = 0;
  std::uint64_t most_budget = 32768;
  // kLevel
  bool minimal = true;  // knows the level MINIMAL
};

ModelFacts facts_of(std::string_view model);

// The model without what stands before it in resource names: "models/x", "publishers/google/models/x".
std::string_view bare_model(std::string_view model);
// "/models/x", "/tunedModels/x".
std::string model_path(std::string_view model);
// "/publishers/google/models/x", "/endpoints/x".
std::string vertex_model_path(std::string_view model);

}  // namespace sluice::dialect::gemini
