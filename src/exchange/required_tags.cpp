#include "exchange/required_tags.h"

#include <algorithm>
#include <iterator>

#include "exchange/fixed_tag.h"

namespace sluice {

namespace {

bool has_tag(const Exchange& x, std::string_view name) {
  if (x.caller && !fixed_tag(*x.caller, name).empty()) return true;
  return std::ranges::any_of(x.tags, [&](const auto& tag) { return tag.first == name && !tag.second.empty(); });
}

}  // namespace

std::vector<std::string> missing_tags(const Exchange& x, const provider::Route& route) {
  std::vector<std::string> missing;
  std::ranges::copy_if(route.required_tags, std::back_inserter(missing),
                       [&](const auto& name) { return !has_tag(x, name); });
  return missing;
}

}  // namespace sluice
