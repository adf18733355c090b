// ${NAME} in configuration values: an environment variable. `${NAME:-default}` stands in for one that is unset or
// empty, `${file:/run/secrets/key}` is the text of a file without the line end behind it, `${secret:NAME}` what was put
// into the gateway's own store, `$$` is a dollar. References cannot be nested.
//
// Values are replaced after the YAML was read, so a variable cannot change the file's structure. Thread rule: pure but
// for reading files.
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
  std::vector<std::pair<std::string, std::string>> used;  // references and their values
};

// The text with every reference replaced, or what is wrong with it, in words that hold no variable's value.
std::expected<Expanded, std::string> expand(std::string_view text, const Environment& environment,
                                            const SecretSource& secrets);

// The paths of all ${file:PATH} in the text, the names of all ${secret:NAME}, in their order.
std::vector<std::string> files_in(std::string_view text);
std::vector<std::string> secrets_in(std::string_view text);

}  // namespace sluice::app
