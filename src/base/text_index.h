// Finds the numbers of texts that are kept elsewhere, of very many of them: a table of 32-bit numbers, at least half of
// it free, without a piece of memory for each.
//
// `text_of(number)` gives the text of a number that was added, the same each time. Thread rule: a plain value.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace sluice {

class TextIndex {
 public:
  TextIndex() : TextIndex(0) {}
  // For no more texts than `most`.
  explicit TextIndex(std::size_t most) : places_(std::bit_ceil(2 * most + 1)) {}

  // The number of the first text that is the same; `number` where it is the first.
  std::size_t add(std::string_view text, std::size_t number, const auto& text_of) {
    auto& place = places_[place_of(text, text_of)];
    if (place == 0) place = static_cast<std::uint32_t>(number + 1);
    return place - 1;
  }
  std::optional<std::size_t> find(std::string_view text, const auto& text_of) const {
    const auto place = places_[place_of(text, text_of)];
    return place == 0 ? std::nullopt : std::optional<std::size_t>(place - 1);
  }

 private:
  // Where the text is, or would be.
  std::size_t place_of(std::string_view text, const auto& text_of) const {
    auto at = std::hash<std::string_view>()(text);
    while (true) {
      const auto index = at++ & (places_.size() - 1);
      if (places_[index] == 0 || text_of(places_[index] - 1) == text) return index;
    }
  }

  std::vector<std::uint32_t> places_;  // numbers + 1; 0: free
};

}  // namespace sluice
