// The cases of tests/fixtures for the tests of this folder. Thread rule: one thread. Lifetime: a Case owns its texts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dialect/fixture_test.h"

namespace sluice::dialect::openai::testing {

namespace dom = fixtures::dom;
using fixtures::at;
using fixtures::Case;
using fixtures::padded;
using fixtures::read_file;
using fixtures::sorted;

// By folder and name: "mistral/model_length_stop".
inline const fixtures::Cases& cases() {
  static const fixtures::Cases kCases = [] {
    auto loaded = fixtures::load_cases({"openai-chat", "azure-openai", "mistral", "openrouter"});
    for (auto& test : loaded) test->id.insert(0, test->folder + "/");
    return loaded;
  }();
  return kCases;
}
inline const Case& find_case(std::string_view id) {
  return fixtures::find_in(cases(), id);
}

}  // namespace sluice::dialect::openai::testing
