// What an image is, whatever its client says: APIs refuse one that is said to be another.
//
// Thread rule: pure.
#pragma once

#include <string_view>

#include "chat/request.h"

namespace sluice::dialect {

// By its first bytes, else by its type: "image/jpeg", "image/png", "image/gif" or "image/webp"; empty: none of them.
std::string_view image_type(const chat::Media& image);

}  // namespace sluice::dialect
