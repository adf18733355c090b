// How many files and sockets this process may have open at once (RLIMIT_NOFILE).
//
// Thread rule: any.
#pragma once

#include <cstddef>
#include <string>

namespace sluice::net {

std::size_t descriptor_limit();

// Raises the limit to what is wanted, as far as the system allows; returns what it is then.
std::size_t raise_descriptor_limit(std::size_t wanted);

// What is told where none is left, behind "…: ".
std::string why_no_descriptor();

}  // namespace sluice::net
