#include "store/sqlite/seen.h"

#include <algorithm>

namespace sluice::store::sqlite {

std::vector<SeenRow> seen_in(std::span<const StoredRow> rows) {
  std::vector<SeenRow> seen;
  for (std::size_t i = 0; i < kSeen.size(); ++i) {
    SeenRow last;
    for (const auto& row : rows) {
      const std::string_view values[] = {row.key, row.user, row.fault, row.team};
      static_assert(std::size(values) == kSeen.size());
      const SeenRow one{kSeen[i], values[i], row.arrived_us / kSecondUs};
      if (one.value.empty() || one == last) continue;
      last = one;
      seen.push_back(one);
    }
  }
  std::ranges::sort(seen);
  const auto twice = std::ranges::unique(seen);
  seen.erase(twice.begin(), twice.end());
  return seen;
}

}  // namespace sluice::store::sqlite
