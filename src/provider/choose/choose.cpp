#include "provider/choose/choose.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "base/text.h"
#include "dialect/prompt.h"
#include "provider/choose/judge.h"
#include "provider/choose/moves.h"
#include "provider/choose/rank.h"

namespace sluice::provider {

namespace {

std::string_view reason_of(Why why) {
  switch (why) {
    case Why::kLength:
      return "a last resort: the prompt seems longer than its context window";
    case Why::kDoubtful:
      return "a last resort: the catalogue says that it lacks a capability which the request needs";
    case Why::kResting:
      return "a last resort: it asked to be left alone for a while";
    default:
      return "a last resort: its breaker is open";
  }
}

class Choosing {
 public:
  Choosing(const Routes::Match& match, const Asking& asking, Instant at) : match_(match), asking_(asking), at_(at) {}

  Chosen run() {
    leaves_.reserve(match_.route->deployments.size());
    add(match_.route->tree);
    put_last_resorts_last();
    chosen_.order.reserve(leaves_.size());
    for (auto& leaf : leaves_) {
      if (leaf.last)
        chosen_.excluded.push_back(
            {.deployment = leaf.deployment, .why = leaf.last->why, .reason = reason_of(leaf.last->why)});
      auto& target = chosen_.order.emplace_back(target_of(*leaf.deployment, match_, asking_.model));
      target.of_model = std::move(leaf.of_model);
    }
    return std::move(chosen_);
  }

 private:
  // Those that are well keep their order; of the others the one that will be well soonest comes first.
  void put_last_resorts_last() {
    if (std::ranges::none_of(leaves_, [](const Leaf& leaf) { return leaf.last.has_value(); })) return;
    for (std::size_t i = 0; i < leaves_.size(); ++i) leaves_[i].place = i;
    std::ranges::sort(leaves_, [](const Leaf& a, const Leaf& b) {
      const Ms none{-1};
      const Ms a_wait = a.last ? a.last->wait : none;
      const Ms b_wait = b.last ? b.last->wait : none;
      return std::tuple(a_wait, a.place) < std::tuple(b_wait, b.place);
    });
  }

  // Appends the deployments of a group in the order in which they are tried.
  void add(const Group& group) {
    if (group.choices.size() <= kFew) {
      std::array<Ranked, kFew> items;
      add(group, items);
    } else {
      std::vector<Ranked> items(group.choices.size());
      add(group, items);
    }
  }

  // `items`: room for one of each choice.
  void add(const Group& group, std::span<Ranked> items) {
    const std::size_t begin = leaves_.size();
    std::size_t count = 0;
    for (const auto& choice : group.choices) {
      if (add(choice)) items[count++] = {.choice = &choice, .end = leaves_.size()};
    }
    items = items.first(count);
    // Only now, for leaves_ may have moved while it grew.
    std::size_t from = begin;
    for (auto& item : items) {
      item.leaves = std::span(leaves_).subspan(from, item.end - from);
      item.ready = std::ranges::any_of(item.leaves, [](const Leaf& leaf) { return !leaf.last; });
      from = item.end;
    }
    rank(items, group, match_, asking_, at_);
    if (std::ranges::is_sorted(items, {}, &Ranked::end)) return;
    std::vector<Leaf> sorted;
    sorted.reserve(leaves_.size() - begin);
    for (const auto& item : items) sorted.insert(sorted.end(), item.leaves.begin(), item.leaves.end());
    std::ranges::copy(sorted, leaves_.begin() + static_cast<std::ptrdiff_t>(begin));
  }

  // False: nothing of it is left.
  bool add(const Choice& choice) {
    if (choice.when) {
      if (auto reason = mismatch(*choice.when, asking_); !reason.empty()) {
        leave_out(choice, reason);
        return false;
      }
    }
    const std::size_t before = leaves_.size();
    if (choice.group) {
      add(*choice.group);
    } else {
      add(*choice.deployment);
    }
    return leaves_.size() > before;
  }

  void add(const Deployment& choice) {
    const auto& deployment = meant_by(choice, match_, asking_.model);
    auto excluded = judge(deployment, match_, asking_);
    if (excluded) return chosen_.excluded.push_back(*excluded);
    Leaf leaf{
        .deployment = &deployment, .of_model = health_of_model(deployment, match_, asking_.model, at_), .last = {}};
    leaf.last = last_resort(deployment, leaf.health(), *match_.route, asking_, at_);
    leaves_.push_back(std::move(leaf));
  }

  void leave_out(const Choice& choice, std::string_view reason) {
    if (choice.deployment) chosen_.excluded.push_back({choice.deployment, Why::kCondition, reason});
    if (!choice.group) return;
    for (const auto& inner : choice.group->choices) leave_out(inner, reason);
  }

  static constexpr std::size_t kFew = 8;  // choices need no memory of their own

  const Routes::Match& match_;
  const Asking& asking_;
  Instant at_;
  std::vector<Leaf> leaves_;
  Chosen chosen_;
};

std::string list(dialect::Needs needs) {
  std::string names;
  for (auto name : dialect::kNeedNames) {
    if (needs.has(*dialect::find_need(name))) names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return names;
}

Fault refused(FaultKind kind, std::string told, std::string_view code) {
  return Fault{.kind = kind, .told = std::move(told), .param = "model", .code = std::string(code)};
}

}  // namespace

Chosen choose(const Routes::Match& match, const Asking& asking, Instant at) {
  return Choosing(match, asking, at).run();
}

namespace {

// Whether the deployment is below the group; on the way back each sticky group notes which choice led there.
bool keep_below(const Group& group, const Route& route, const Asking& asking, const Deployment& served, Instant at) {
  for (const auto& choice : group.choices) {
    const bool leads =
        choice.group ? keep_below(*choice.group, route, asking, served, at) : choice.deployment == &served;
    if (!leads) continue;
    if (group.strategy == Strategy::kSticky)
      asking.moves->remember(asking.session ^ group.id, choice.id, at, at + route.sticky_for);
    return true;
  }
  return false;
}

}  // namespace

void keep_served(const Routes::Match& match, const Asking& asking, const Deployment& served, Instant at) {
  if (asking.session == 0 || !asking.moves) return;
  keep_below(match.route->tree, *match.route, asking, served, at);
}

Fault nothing_left(const Routes::Match& match, const Asking& asking, const Chosen& chosen) {
  auto has = [&](Why why) {
    return std::ranges::any_of(chosen.excluded, [why](const Excluded& excluded) { return excluded.why == why; });
  };
  const auto model = printable(asking.model);
  if (has(Why::kDrained))
    return refused(FaultKind::kOverloaded,
                   fmt::format("The deployments behind the model '{}' were drained by an administrator.", model),
                   "drained");
  if (has(Why::kSpent))
    return refused(FaultKind::kOverloaded,
                   fmt::format("The budgets of the deployments behind the model '{}' are spent.", model), "spend_cap");
  if (has(Why::kCapability)) {
    dialect::Needs lacking;
    for (const auto& excluded : chosen.excluded) lacking = lacking.with(excluded.lacking);
    return refused(
        FaultKind::kInvalidRequest,
        fmt::format("No deployment behind the model '{}' can do what this request needs: {}.", model, list(lacking)),
        "unsupported_capability");
  }
  if (has(Why::kEndpoint))
    return refused(FaultKind::kInvalidRequest,
                   fmt::format("No provider behind the model '{}' can serve '{}': none has such an endpoint or a form "
                               "for what it asks.",
                               model, asking.endpoint->name),
                   "unsupported_endpoint");
  if (has(Why::kResidency)) {
    const auto& regions =
        asking.residency.empty() ? std::span<const std::string>(match.route->residency) : asking.residency;
    std::string names;
    for (const auto& region : regions) names += (names.empty() ? "" : ", ") + region;
    return refused(
        FaultKind::kForbidden,
        fmt::format("No deployment behind the model '{}' is in the regions it may be served from: {}.", model, names),
        "residency");
  }
  return refused(FaultKind::kInvalidRequest,
                 fmt::format("No deployment behind the model '{}' is meant for this request: the condition of none "
                             "holds.",
                             model),
                 "no_matching_deployment");
}

bool reads_prompt(const Route& route, std::uint64_t body_bytes) {
  if (route.reads_prompt || dialect::estimated_tokens(body_bytes) > route.smallest_window) return true;
  for (const auto* fallbacks :
       {&route.fallbacks.context_window, &route.fallbacks.content_policy, &route.fallbacks.any}) {
    auto reads = [&](const Route* other) { return reads_prompt(*other, body_bytes); };
    if (std::ranges::any_of(*fallbacks, reads)) return true;
  }
  return false;
}

}  // namespace sluice::provider
