#include "admin/model_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "provider/known.h"

namespace sluice::admin {

namespace {

// Globs may stand for what is to come, and a known provider needs no configuration to be named.
bool is_model(const provider::Routes& routes, std::string_view name) {
  if (name.contains('*') || routes.find(name)) return true;
  const auto slash = name.find('/');
  if (slash != std::string_view::npos && slash + 1 < name.size() && provider::find_known(name.substr(0, slash)))
    return true;
  return routes.all().empty() && routes.providers().empty();
}

Failure no_model(const provider::Routes& routes, std::string_view field, std::string_view name) {
  const auto near = routes.nearest_name(name);
  return invalid(field, fmt::format("'{}' names '{}', which is no model of this gateway{}", field, printable(name, 100),
                                    near.empty() ? "." : fmt::format("; did you mean '{}'?", near)));
}

}  // namespace

Status check_models(const provider::Routes& routes, const store::Texts& before, const store::Texts& after) {
  for (const auto& name : after) {
    if (std::ranges::find(before, name) == before.end() && !is_model(routes, name))
      return no_model(routes, "models", name);
  }
  return {};
}

Status check_aliases(const provider::Routes& routes, const store::Pairs& before, const store::Pairs& after) {
  for (const auto& alias : after) {
    if (std::ranges::find(before, alias) == before.end() &&
        (alias.second.contains('*') || !is_model(routes, alias.second)))
      return no_model(routes, "aliases", alias.second);
  }
  return {};
}

}  // namespace sluice::admin
