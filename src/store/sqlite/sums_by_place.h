// What the rows of a batch add to the sums of the shortest spans.
//
// Thread rule: a value; one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "store/sums.h"

namespace sluice::store::sqlite {

struct SumPlace {
  std::string dimension, value;
  std::int64_t span = 0;
};

class SumsByPlace {
  struct View {
    std::string_view dimension, value;
    std::int64_t span;

    bool operator==(const View&) const = default;
  };
  // Found by views: most places are there already.
  struct ByPlace {
    using is_transparent = void;
    static View view(const SumPlace& place) { return {place.dimension, place.value, place.span}; }
    static View view(const View& place) { return place; }
    std::size_t operator()(const auto& place) const {
      const std::hash<std::string_view> hash;
      const auto seen = view(place);
      return hash(seen.value) ^ (hash(seen.dimension) + static_cast<std::size_t>(seen.span)) * 0x9e3779b97f4a7c15ULL;
    }
    bool operator()(const auto& a, const auto& b) const { return view(a) == view(b); }
  };
  using Sums = std::unordered_map<SumPlace, Sum, ByPlace, ByPlace>;

 public:
  SumsByPlace() = default;
  SumsByPlace(const SumsByPlace&) = delete;
  SumsByPlace& operator=(const SumsByPlace&) = delete;

  const Sums& all() const { return sums_; }
  // The shares of another row are asked for next.
  void begin_row() { share_ = 0; }
  Sum& of(std::string_view dimension, std::string_view value, std::int64_t span) {
    const View place{dimension, value, span};
    auto& last = last_[share_++ % last_.size()];
    if (last.second && last.first == place) return *last.second;
    auto at = sums_.find(place);
    if (at == sums_.end()) at = sums_.emplace(SumPlace{std::string(dimension), std::string(value), span}, Sum()).first;
    last = {ByPlace::view(at->first), &at->second};  // which stay where they are
    return at->second;
  }

 private:
  Sums sums_;
  // Where the shares of the last row went, in their order: those of the next one mostly go to the same.
  std::array<std::pair<View, Sum*>, 16> last_{};
  std::size_t share_ = 0;
};

}  // namespace sluice::store::sqlite
