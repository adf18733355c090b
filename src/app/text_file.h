// Reads a file that somebody wrote: a configuration, a list of prices.
//
// Thread rule: pure but for reading the file.
#pragma once

#include <cstddef>
#include <expected>
#include <string>

namespace sluice::app {

inline constexpr std::size_t kLargestTextFile = 16 << 20;

// The whole text. The error is what a message about the file goes on with: "cannot be read: …".
std::expected<std::string, std::string> read_text_file(const std::string& file);

}  // namespace sluice::app
