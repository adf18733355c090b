// Gives memory back that was needed once.
//
// Thread rule: the owner's.
#pragma once

#include <utility>

namespace sluice {

// Empties `value` and frees what it has, which assigning an empty string does not.
template <class T>
void release(T& value) {
  const T freed = std::exchange(value, T());
}

}  // namespace sluice
