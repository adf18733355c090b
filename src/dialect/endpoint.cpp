#include "dialect/endpoint.h"

#include "http/url.h"

namespace sluice::dialect {

std::optional<PathMatch> match_path(std::string_view pattern, std::string_view path) {
  const auto open = pattern.find('{');
  if (open == std::string_view::npos) return pattern == path ? std::optional(PathMatch{}) : std::nullopt;
  const auto close = pattern.find('}', open);
  const auto before = pattern.substr(0, open);
  const auto behind = pattern.substr(close + 1);
  if (path.size() <= before.size() + behind.size() || !path.starts_with(before) || !path.ends_with(behind))
    return std::nullopt;
  const auto between = path.substr(before.size(), path.size() - before.size() - behind.size());
  const bool is_model = pattern.substr(open, close + 1 - open) == "{model}";
  if (!is_model && between.find('/') != std::string_view::npos) return std::nullopt;
  return is_model ? PathMatch{.model = between, .id = {}} : PathMatch{.model = {}, .id = between};
}

std::string fill_path(std::string_view pattern, std::string_view model, std::string_view id) {
  const auto open = pattern.find('{');
  if (open == std::string_view::npos) return std::string(pattern);
  const auto close = pattern.find('}', open);
  std::string path(pattern.substr(0, open));
  path += pattern.substr(open, close + 1 - open) == "{model}" ? http::percent_encode(model) : std::string(id);
  path += pattern.substr(close + 1);
  return path;
}

}  // namespace sluice::dialect
