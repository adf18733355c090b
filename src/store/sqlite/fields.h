// The fields of a struct that has each_field() as columns: their names, and back.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "store/sqlite/database.h"

namespace sluice::store::sqlite {

template <class Fields>
std::vector<std::string> columns_of() {
  std::vector<std::string> names;
  const Fields row{};
  each_field(row, [&](int, const char* name, const auto&) { names.emplace_back(name); });
  return names;
}

inline std::string quoted(const std::string& name) {
  return '"' + name + '"';
}

// "a, b, c", each through `format`.
inline std::string joined(const std::vector<std::string>& names, std::string (*format)(const std::string&)) {
  std::string list;
  for (const auto& name : names) {
    if (!list.empty()) list += ", ";
    list += format(name);
  }
  return list;
}

// From the columns of columns_of(), the first of which is `column`. Views are good until the next row.
template <class Fields>
void read_fields(const Row& from, int column, Fields& row) {
  each_field(row, [&](int, const char*, auto& member) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(member)>, std::string_view>) {
      member = from.view(column);
    } else {
      member = from.number(column);
    }
    ++column;
  });
}

}  // namespace sluice::store::sqlite
