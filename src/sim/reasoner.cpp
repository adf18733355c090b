#include "sim/reasoner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

namespace sluice::sim {

namespace {

constexpr std::string_view kEfforts[] = {"none", "minimal", "low", "medium", "high", "xhigh"};
using Efforts = std::span<const std::string_view>;

bool is_o_series(std::string_view model) {
  return model.size() >= 2 && model[0] == 'o' && model[1] >= '0' && model[1] <= '9';
}

// "none" came when "minimal" went.
Efforts efforts_of(std::string_view model) {
  static constexpr std::string_view kNewer[] = {"none", "low", "medium", "high"};
  static constexpr std::string_view kNewest[] = {"none", "low", "medium", "high", "xhigh"};
  const Efforts all(kEfforts);
  if (is_o_series(model)) return all.subspan(2, 3);
  if (!model.starts_with("gpt-5.")) return all.subspan(1, 4);
  return model.starts_with("gpt-5.1") ? Efforts(kNewer) : Efforts(kNewest);
}

}  // namespace

bool reasons(std::string_view model) {
  return (is_o_series(model) || model.starts_with("gpt-5")) && !model.ends_with("-chat-latest");
}

std::optional<Problem> check_effort(std::string_view model, std::string_view effort, std::string_view path) {
  if (effort.empty() || !reasons(model)) return std::nullopt;
  const Efforts efforts = efforts_of(model);
  if (std::ranges::find(efforts, effort) != efforts.end()) return std::nullopt;
  return Problem{"Unsupported value: ", std::string(path),
                 fmt::format(" does not support '{}' with this model. Supported values are: '{}'.", effort,
                             fmt::join(efforts, "', '")),
                 "unsupported_value"};
}

bool samples(std::string_view model, std::string_view effort) {
  return !reasons(model) || effort == "none";
}

}  // namespace sluice::sim
