#include "exchange/name_list.h"

namespace sluice {

std::string name_list(const std::vector<std::string>& names) {
  constexpr std::size_t kLongest = 1024;
  std::string list;
  for (const auto& name : names) {
    if (list.size() + name.size() > kLongest) return list + ", ...";
    if (!list.empty()) list += ", ";
    for (char c : name) list += c >= 0x20 && c < 0x7f && c != ',' ? c : '?';
  }
  return list;
}

}  // namespace sluice
