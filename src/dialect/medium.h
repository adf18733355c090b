// What a file in a prompt is to those who count its tokens: by the type it is said to have, and by how it begins.
//
// Thread rule: pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::dialect {

enum class Medium : std::uint8_t {
  kText,    // of no more tokens than bytes
  kImage,   // of as many as an image can have
  kAudio,   // by its bytes: no second of it is shorter than what kBytesOfSecond says
  kWindow,  // packed, or not known: of as many as the model reads
};

// The least that one second of kAudio has, before base64.
inline constexpr std::uint64_t kBytesOfSecond = 1'000;

// `type`: "image/png"; empty: nobody says. `base64` as it stands in JSON.
Medium medium_of(std::string_view type, std::string_view base64);
// Of "data:image/png;base64,…"; kWindow of all other URLs.
Medium medium_of_url(std::string_view url);

}  // namespace sluice::dialect
