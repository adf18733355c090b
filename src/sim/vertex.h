// The paths of Google's APIs: a model and what is to be done with it, and the same on Vertex AI.
//
// Thread rule: pure. Lifetime: views of the path that was given.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/url.h"

namespace sluice::sim {

// Takes `mark` from the front of a path; false when it does not begin with it.
inline bool take(std::string_view& path, std::string_view mark) {
  if (!path.starts_with(mark)) return false;
  path.remove_prefix(mark.size());
  return true;
}

// Takes a segment that is not empty, and the slash behind it.
inline bool take_segment(std::string_view& path) {
  auto slash = path.find('/');
  if (slash == 0 || slash == std::string_view::npos) return false;
  path.remove_prefix(slash + 1);
  return true;
}

// Takes "projects/…/locations/…/publishers/PUBLISHER/models/".
inline bool take_vertex(std::string_view& path, std::string_view publisher) {
  return take(path, "projects/") && take_segment(path) && take(path, "locations/") && take_segment(path) &&
         take(path, "publishers/") && take(path, publisher) && take(path, "/models/");
}

struct ModelVerb {
  std::string model;  // decoded; empty when it cannot be
  std::string_view verb;
};

// "MODEL:verb"
inline std::optional<ModelVerb> model_verb(std::string_view tail) {
  auto colon = tail.rfind(':');
  if (colon == 0 || colon == std::string_view::npos || tail.contains('/')) return std::nullopt;
  return ModelVerb{http::percent_decode(tail.substr(0, colon)).value_or(""), tail.substr(colon + 1)};
}

}  // namespace sluice::sim
