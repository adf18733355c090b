// The fields of a row (store/row.h) as columns: their names, their values to bind, and back.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "store/row.h"
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

// From the columns of columns_of(), the first of which is `column`. Tags stay as they are.
template <class Fields>
void read_fields(const Row& from, int column, Fields& row) {
  each_field(row, [&](int, const char*, auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    if constexpr (std::is_same_v<Member, std::string>) {
      member = from.text(column);
    } else if constexpr (std::is_same_v<Member, std::optional<std::int64_t>>) {
      if (!from.is_null(column)) member = from.number(column);
    } else if constexpr (std::is_same_v<Member, bool>) {
      member = from.number(column) != 0;
    } else if constexpr (std::is_same_v<Member, std::int64_t>) {
      member = from.number(column);
    }
    ++column;
  });
}

}  // namespace sluice::store::sqlite
