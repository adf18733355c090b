// What a file is, told by its first bytes: servers and names of files lie.
//
// Source: the formats' own specifications. Thread rule: pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace sluice::http {

inline constexpr std::size_t kSniffed = 12;  // bytes that tell all types

// "image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"; empty: none of them.
std::string_view sniff_type(std::string_view bytes);

}  // namespace sluice::http
