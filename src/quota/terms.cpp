#include "quota/terms.h"

#include "base/text.h"

namespace sluice::quota {

std::string to_text(const Window& window) {
  constexpr std::string_view kNames[] = {"total", "day", "week", "month"};
  if (window.kind != Window::Kind::kRolling) return std::string(kNames[static_cast<std::size_t>(window.kind)]);
  return "rolling " + format_duration(window.rolling.count());
}

}  // namespace sluice::quota
