// ${NAME} in configuration values. `${NAME:-default}` stands in for a variable that is unset or empty, `$$` is a
// dollar.
//
// Values are replaced after the YAML was read, so a variable cannot change the file's structure. Thread rule: pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/config.h"

namespace sluice::app {

struct Expanded {
  std::string text;
  std::vector<std::pair<std::string, std::string>> used;  // variables and their values
};

// The text with every reference replaced, or what is wrong with it, in words that hold no variable's value.
std::expected<Expanded, std::string> expand(std::string_view text, const Environment& environment);

}  // namespace sluice::app
