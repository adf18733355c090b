// The cases of tests/fixtures/openai-responses for the tests of this folder, and JSON compared by what it says.
// Thread rule: one thread. Lifetime: a Case owns its texts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dialect/fixture_test.h"
#include "json/reader.h"

namespace sluice::dialect::responses::testing {

namespace dom = fixtures::dom;
using fixtures::at;
using fixtures::Case;
using fixtures::padded;
using fixtures::read_file;
using fixtures::sorted;

inline const fixtures::Cases& cases() {
  static const fixtures::Cases kCases = fixtures::load_cases({"openai-responses"});
  return kCases;
}
inline const Case& find_case(std::string_view id) {
  return fixtures::find_in(cases(), id);
}

}  // namespace sluice::dialect::responses::testing
