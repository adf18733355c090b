#include <cstdint>
#include <cstdlib>

#include "app/config.h"

using namespace sluice::app;

// Any bytes are either a configuration or problems in line order that show no variable's value.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kSecret = "topsecret-value";
  auto environment = [&](std::string_view name) -> std::optional<std::string> {
    if (name.size() > 8) return std::nullopt;
    return std::string(kSecret);
  };
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.find(kSecret) != std::string_view::npos) return 0;
  Loaded loaded = parse_config(text, "f", environment);
  int line = 0;
  for (const Problem& problem : loaded.problems) {
    bool last = &problem == &loaded.problems.back();
    if (problem.message.empty() || (problem.line < line && !last)) std::abort();
    if (to_text(problem).find(kSecret) != std::string::npos) std::abort();
    line = problem.line;
  }
  return 0;
}
