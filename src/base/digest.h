// Hashes and randomness from OpenSSL's libcrypto. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);
bool constant_time_equal(std::string_view a, std::string_view b);  // time depends on the lengths only
std::string random_token(std::size_t bytes);                       // from the system's CSPRNG, in base62-safe hex
std::string base64(std::string_view bytes);                        // RFC 4648, padded

}  // namespace sluice
