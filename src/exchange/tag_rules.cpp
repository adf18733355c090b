#include "exchange/tag_rules.h"

#include <algorithm>

namespace sluice {

bool is_tag_name(std::string_view name) {
  auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == '/' || c == ':';
  };
  return !name.empty() && name.size() <= kLongestTagName && std::ranges::all_of(name, fits);
}

bool is_tag_value(std::string_view value) {
  return value.size() <= kLongestTagValue &&
         std::ranges::none_of(value, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace sluice
