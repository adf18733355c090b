// Where the files that tests and fuzzers read are: in the checkout they were built from. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// The absolute path of a file of the checkout: in_checkout("tests/fixtures/sse/openai.sse").
[[nodiscard]] std::string in_checkout(std::string_view path);

}  // namespace sluice
