#include "dialect/gemini/model.h"

#include <algorithm>

#include "base/text.h"
#include "http/url.h"

namespace sluice::dialect::gemini {

namespace {

using enum ModelFacts::Thinking;

constexpr std::string_view kFamily = "gemini-";

// 25 for "gemini-2.5-pro"; 0 when the name says none.
int generation_of(std::string_view model) {
  if (!model.starts_with(kFamily)) return 0;
  model.remove_prefix(kFamily.size());
  const auto end = std::min(model.find('-'), model.size());
  const auto number = to_number<double>(model.substr(0, end));
  if (!number || *number < 1 || *number > 99) return 0;
  return static_cast<int>(*number * 10 + 0.5);
}

ModelFacts budget_facts(std::string_view model) {
  ModelFacts facts;
  facts.json_with_tools = false;
  facts.ids = false;
  facts.most_budget = 24576;
  if (model.contains("pro")) {
    facts.may_be_off = false;
    facts.least_budget = 128;
    facts.most_budget = 32768;
  } else if (model.contains("lite")) {
    facts.least_budget = 512;
  }
  return facts;
}

std::string coded(std::string_view resource) {
  std::string path;
  for (const std::string_view segment : split(resource, '/')) {
    path += '/';
    path += http::percent_encode(segment);
  }
  return path;
}

std::string path_of(std::string_view model, std::string_view folder) {
  const std::string_view bare = bare_model(model);
  if (bare.contains('/')) return coded(bare);
  return std::string(folder) + http::percent_encode(bare);
}

}  // namespace

ModelFacts facts_of(std::string_view model) {
  model = bare_model(model);
  const int generation = generation_of(model);
  ModelFacts facts;
  if (generation >= 30) {
    facts.thinking = kLevel;
    facts.signatures = true;
    facts.result_media = true;
    facts.minimal = !model.contains("pro");
  } else if (generation >= 25) {
    facts = budget_facts(model);
  } else if (generation > 0 || model.starts_with("gemma")) {
    facts.thinking = kNone;
    facts.json_with_tools = false;
    facts.ids = false;
  } else if (model.starts_with(kFamily)) {
    facts.thinking = kLevel;  // gemini-flash-latest
    facts.signatures = true;
    facts.result_media = true;
    facts.minimal = !model.contains("pro");
  }
  return facts;
}

std::string_view bare_model(std::string_view model) {
  for (const std::string_view prefix : {"publishers/google/models/", "models/"}) {
    if (model.starts_with(prefix)) return model.substr(prefix.size());
  }
  return model;
}

std::string model_path(std::string_view model) {
  return path_of(model, "/models/");
}

std::string vertex_model_path(std::string_view model) {
  return path_of(model, "/publishers/google/models/");
}

}  // namespace sluice::dialect::gemini
