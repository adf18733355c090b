// CRC-32C (Castagnoli), which finds bytes that a disk or a crash has changed. Not a defence against people.
//
// Thread rule: pure; any thread. Source: RFC 3720, 12.1 and B.4.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice {

// crc32c(b, crc32c(a)) is that of a and b behind each other.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace sluice
