// Records of any bytes: what is read as a row is written and read as the same row again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "store/record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto row = sluice::store::from_record({reinterpret_cast<const char*>(data), size});
  if (row && sluice::store::from_record(sluice::store::to_record(*row)) != row) std::abort();
  return 0;
}
