// Gives memory back that was needed once.
//
// Thread rule: the owner's.
#pragma once

#include <string>

namespace sluice {

// Empties `text` and frees what it has, which assigning an empty string does not.
inline void release(std::string& text) {
  std::string().swap(text);
}

}  // namespace sluice
