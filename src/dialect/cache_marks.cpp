#include "dialect/cache_marks.h"

#include <algorithm>
#include <utility>

namespace sluice::dialect {

using chat::CacheMark;
using chat::Part;

void lift_marks(Part& result) {
  for (Part& part : result.content) {
    if (part.cache != CacheMark::kNone)
      result.cache = std::max(result.cache, std::exchange(part.cache, CacheMark::kNone));
  }
}

std::vector<std::string> fit_marks(const std::vector<CacheMark*>& marks) {
  constexpr std::ptrdiff_t kMostMarks = 4;
  const auto count = std::ranges::count_if(marks, [](const CacheMark* mark) { return *mark != CacheMark::kNone; });
  // The later a mark stands, the more it keeps.
  std::ptrdiff_t excess = std::max<std::ptrdiff_t>(count - kMostMarks, 0);
  std::vector<std::string> lost;
  if (excess > 0) lost.emplace_back("cache_control");
  bool short_seen = false;
  bool shortened = false;
  for (CacheMark* mark : marks) {
    if (*mark == CacheMark::kNone) continue;
    if (excess > 0) {
      *mark = CacheMark::kNone;
      --excess;
      continue;
    }
    if (*mark == CacheMark::kLong && short_seen) {
      *mark = CacheMark::kShort;
      shortened = true;
    }
    short_seen = short_seen || *mark == CacheMark::kShort;
  }
  if (shortened) lost.emplace_back("cache_control.ttl");
  return lost;
}

}  // namespace sluice::dialect
