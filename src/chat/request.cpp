#include "chat/request.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>

namespace sluice::chat {

namespace {

struct EffortFacts {
  Effort effort;
  std::string_view name;
  std::uint64_t budget;  // tokens, where an API has no words for it
};
constexpr std::array<EffortFacts, 8> kEfforts{{
    {Effort::kUnset, "", 0},
    {Effort::kOff, "none", 0},
    {Effort::kMinimal, "minimal", 512},
    {Effort::kLow, "low", 1024},
    {Effort::kMedium, "medium", 8192},
    {Effort::kHigh, "high", 24576},
    {Effort::kXHigh, "xhigh", 32768},
    {Effort::kMax, "max", 65536},
}};

// A call that waits for its result.
struct Open {
  Escaped id;
  Escaped name;
  bool answered = false;
};

void link(Part& result, std::vector<Open>& calls) {
  auto found = calls.end();
  if (!result.id.empty()) {
    // The last one: ids that were made up may come again in a later turn.
    const auto last =
        std::find_if(calls.rbegin(), calls.rend(), [&](const Open& call) { return call.id == result.id; });
    if (last != calls.rend()) found = last.base() - 1;
  } else {
    found = std::ranges::find_if(calls, [&](const Open& call) { return !call.answered && call.name == result.name; });
    if (found == calls.end()) found = std::ranges::find(calls, false, &Open::answered);
  }
  if (found == calls.end()) return;
  found->answered = true;
  if (result.id.empty()) result.id = found->id;
  if (result.name.empty()) result.name = found->name;
}

}  // namespace

std::vector<Tool> tools_named(const std::vector<Tool>& tools, const std::vector<Escaped>& names) {
  std::unordered_set<std::string_view> named;
  for (const Escaped name : names) named.insert(name.raw);
  std::vector<Tool> found;
  std::ranges::copy_if(tools, std::back_inserter(found),
                       [&](const Tool& tool) { return named.contains(tool.name.raw); });
  return found;
}

std::string_view name(Effort effort) {
  return kEfforts[static_cast<std::size_t>(effort)].name;
}

std::optional<Effort> find_effort(std::string_view name) {
  if (name.empty()) return std::nullopt;
  const auto found = std::ranges::find(kEfforts, name, &EffortFacts::name);
  return found == kEfforts.end() ? std::nullopt : std::optional(found->effort);
}

Effort effort_of_budget(std::uint64_t tokens) {
  if (tokens == 0) return Effort::kOff;
  const auto above = std::ranges::find_if(kEfforts.begin() + 2, kEfforts.end(),
                                          [&](const EffortFacts& facts) { return facts.budget >= tokens; });
  return above == kEfforts.end() ? Effort::kMax : above->effort;
}

std::uint64_t budget_of_effort(Effort effort) {
  return kEfforts[static_cast<std::size_t>(effort)].budget;
}

void Request::give(Field field, std::string_view path, std::string_view value) {
  const auto index = static_cast<std::size_t>(field);
  given_.set(index);
  paths_[index] = path;
  values_[index] = value;
}

void Request::forget(Field field) {
  const auto place = static_cast<std::size_t>(field);
  given_.reset(place);
  values_[place] = paths_[place] = {};
}

void link_results(Request& request) {
  std::vector<Open> calls;
  for (Turn& turn : request.turns) {
    for (Part& part : turn.parts) {
      if (part.kind == PartKind::kCall) calls.push_back({part.id, part.name});
      if (part.kind == PartKind::kResult) link(part, calls);
    }
  }
}

void name_calls(Request& request) {
  for (std::size_t turn = 0; turn < request.turns.size(); ++turn) {
    std::size_t count = 0;
    for (Part& part : request.turns[turn].parts) {
      if (part.kind != PartKind::kCall) continue;
      if (part.id.empty()) part.id = {request.texts.keep("call_" + std::to_string(turn) + "_" + std::to_string(count))};
      ++count;
    }
  }
  link_results(request);
}

}  // namespace sluice::chat
