#include "quota/terms.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace sluice::quota {

std::optional<Unpriced> find_unpriced(std::string_view name) {
  const auto* found = std::ranges::find(kUnpricedNames, name);
  if (found == std::end(kUnpricedNames)) return std::nullopt;
  return static_cast<Unpriced>(found - std::begin(kUnpricedNames));
}

std::string to_text(const Window& window) {
  constexpr std::string_view kNames[] = {"total", "day", "week", "month"};
  if (window.kind == Window::Kind::kRolling) return "rolling " + format_duration(window.rolling.count());
  std::string text(kNames[static_cast<std::size_t>(window.kind)]);
  if (window.kind != Window::Kind::kTotal && window.zone != Window().zone) text += " " + window.zone;
  return text;
}

}  // namespace sluice::quota
