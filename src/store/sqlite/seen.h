// Which values some columns of rows had in which second: who asks for the rows of one key reads those of the seconds in
// which it asked for something. An index of rows would grow with each of them in as many places, and a batch of
// hundreds has few values.
//
// Thread rule: plain values and functions of their arguments alone.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "store/sqlite/stored_row.h"

namespace sluice::store::sqlite {

// Columns of `record`, those first that mostly have the fewest rows of a value.
inline constexpr std::array<std::string_view, 4> kSeen{"key", "user", "fault", "team"};
inline constexpr std::int64_t kSecondUs = 1'000'000;

// As the table `seen` has it. No value is empty.
struct SeenRow {
  std::string_view dimension, value;
  std::int64_t second = 0;

  auto operator<=>(const SeenRow&) const = default;
};

template <class Row, class Visit>
  requires std::same_as<std::remove_const_t<Row>, SeenRow>
void each_field(Row& row, Visit&& visit) {
  visit(0, "dimension", row.dimension);
  visit(0, "value", row.value);
  visit(0, "second", row.second);
}

// Each once, in the table's order. Views of the rows' texts.
std::vector<SeenRow> seen_in(std::span<const StoredRow> rows);

}  // namespace sluice::store::sqlite
