// Usage files of any bytes, as every format.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "app/reconcile/usage_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  for (const std::string_view format : {"", "openai", "anthropic", "aws", "csv"}) {
    auto file = sluice::app::read_usage(text, format);
    if (!file) continue;
    for (const auto& line : file->lines) {
      if (line.from_us <= 0 || line.to_us <= line.from_us) std::abort();
    }
  }
  sluice::app::bedrock_name(text);
  return 0;
}
