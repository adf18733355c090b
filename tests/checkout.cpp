#include "checkout.h"

namespace sluice {

// The path is in this object alone: all others are the same in every checkout, so that the compiler's cache knows them.
std::string in_checkout(std::string_view path) {
  return std::string(SLUICE_SOURCE_DIR "/") + std::string(path);
}

}  // namespace sluice
