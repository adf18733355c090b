#include "sim/anthropic/models.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace sluice::sim::anthropic {

namespace {

constexpr std::string_view kMark = "claude-";
constexpr std::array<std::string_view, 5> kFamilies{"opus", "sonnet", "haiku", "fable", "mythos"};

}  // namespace

bool Model::takes_budget() const {
  return family != "fable" && family != "mythos" && !(family == "opus" && from(4, 7));
}

bool Model::can_stop_thinking() const {
  return family != "fable" && !(family == "opus" && from(5, 5));
}

bool Model::takes_effort() const {
  return !before(4, 6) || (family == "opus" && from(4, 5));
}

bool Model::takes_forced_calls() const {
  if (family == "fable") return !from(5, 1);
  return !((family == "opus" || family == "sonnet") && from(5, 5));
}

bool Model::takes_system_turns() const {
  return !before(4, 8);
}

Model model_of(std::string_view name) {
  auto begin = name.find(kMark);
  if (begin == std::string_view::npos) return {};
  std::string_view rest = name.substr(begin + kMark.size());
  rest = rest.substr(0, rest.find_first_of("@:"));
  Model model;
  std::vector<int> numbers;
  for (auto word : split(rest, '-')) {
    auto number = to_number<int>(word);
    if (number && word.size() <= 2 && numbers.size() < 2) numbers.push_back(*number);
    if (std::ranges::find(kFamilies, word) != kFamilies.end()) model.family = word;
  }
  if (numbers.empty() && model.family == "mythos") numbers = {5};  // its preview has no number
  if (numbers.empty()) return {};
  model.major = numbers[0];
  model.minor = numbers.size() > 1 ? numbers[1] : 0;
  return model;
}

std::string plain_name(std::string_view id) {
  auto begin = id.find(kMark);
  std::string name(begin == std::string_view::npos ? id : id.substr(begin));
  auto end = name.rfind("-v");
  if (end != std::string::npos && name.size() > end + 2 && name[end + 2] >= '0' && name[end + 2] <= '9') {
    name.resize(end);
  }
  std::ranges::replace(name, '@', '-');
  return name;
}

}  // namespace sluice::sim::anthropic
