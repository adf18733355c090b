#include "provider/choose/rank.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <tuple>

#include "dialect/prompt.h"
#include "provider/choose/expected_cost.h"
#include "provider/choose/moves.h"

namespace sluice::provider {

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// Where a choice stands before its strategy is asked.
enum Tier : int { kDrawn, kConditional, kPlain, kNotDrawn };

std::minstd_rand& dice() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return generator;
}
double uniform() {
  return std::uniform_real_distribution<double>(1e-12, 1.0)(dice());
}

// The smaller, the earlier; drawn so that each weight has its share of first places.
double by_weight(double weight, double random) {
  return weight > 0 ? -std::log(random) / weight : kNever;
}

// A number between 0 and 1 that is the same for the same two.
double hashed(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t both = a ^ b;  // hashes themselves
  const auto hash = dialect::hash_of({reinterpret_cast<const char*>(&both), sizeof both});
  return (static_cast<double>(hash >> 11) + 0.5) * 0x1p-53;
}

double in_flight(const Leaf& leaf) {
  return std::max(0, leaf.deployment->health->in_flight.load(std::memory_order_relaxed));
}

// Of a group, the best of its deployments that is no last resort.
template <class Measure>
double least(const Ranked& item, Measure measure) {
  double best = kNever;
  for (const auto& leaf : item.leaves) {
    if (!item.ready || !leaf.last) best = std::min(best, measure(leaf));
  }
  return best;
}

// One of which nothing is known is tried at once, but not by everybody: not while a first request is under way.
double latency(const Leaf& leaf, Instant at) {
  constexpr double kWhileUnknown = 1e6;
  const double busy = in_flight(leaf);
  const auto first_piece = static_cast<double>(leaf.health().first_piece(at).count());
  return first_piece > 0 ? first_piece * (busy + 1) : kWhileUnknown * busy;
}

double key_of(const Ranked& item, Strategy strategy, const Routes::Match& match, const Asking& asking, Instant at) {
  const double weight = item.choice->weight;
  switch (strategy) {
    case Strategy::kPriority:
      return 0;
    case Strategy::kWeighted:
      return by_weight(weight, uniform());
    case Strategy::kLeastBusy: {
      // The last digits are a draw among equals.
      const double busy = least(item, in_flight) + 1 + uniform() * 1e-6;
      return weight > 0 ? busy / weight : kNever;
    }
    case Strategy::kLeastLatency:
      if (weight == 0) return kNever;
      return least(item, [at](const Leaf& leaf) { return latency(leaf, at); }) + uniform() * 1e-6;
    case Strategy::kLeastCost: {
      if (weight == 0) return kNever;
      // One whose price is not known comes after all others, for it may be the dearest.
      const double cost = least(item, [&](const Leaf& leaf) {
        return expected_cost(*leaf.deployment, match, asking, wall_now()).value_or(kNever);
      });
      return cost + uniform() * 1e-6;
    }
    case Strategy::kUsage: {
      const double used = least(item, [at](const Leaf& leaf) { return 1 - leaf.health().headroom(at); });
      return by_weight(weight * (1 - used), uniform());
    }
    case Strategy::kSticky:
      return by_weight(weight, asking.session == 0 ? uniform() : hashed(asking.session, item.choice->id));
  }
  return 0;
}

// Draws among the choices with a percentage. A conversation that the client named stays with what it was drawn.
void set_tiers(std::span<Ranked> items, const Group& group, const Asking& asking) {
  std::optional<double> drawn;
  double sum = 0;
  for (auto& item : items) {
    if (!item.choice->percent) {
      item.tier = item.choice->when ? kConditional : kPlain;
      continue;
    }
    if (!drawn) drawn = 100 * (asking.session_named ? hashed(asking.session, group.id) : uniform());
    const double from = sum;
    sum += *item.choice->percent;
    item.tier = *drawn >= from && *drawn < sum ? kDrawn : kNotDrawn;
  }
}

// How many items stand in the first one's tier and are as ready as it is.
std::size_t peers(std::span<const Ranked> items) {
  auto other = std::ranges::find_if(
      items, [&](const Ranked& item) { return item.tier != items.front().tier || item.ready != items.front().ready; });
  return static_cast<std::size_t>(other - items.begin());
}

void move_to_front(std::span<Ranked> items, std::size_t index) {
  const auto first = items.begin();
  std::rotate(first, first + static_cast<std::ptrdiff_t>(index), first + static_cast<std::ptrdiff_t>(index) + 1);
}

// All take the quicker one of two, instead of all the quickest one.
void draw_two(std::span<Ranked> items) {
  std::size_t count = peers(items);
  while (count > 0 && items[count - 1].key == kNever) --count;  // without a share
  if (count < 3) return;
  const auto one = std::uniform_int_distribution<std::size_t>(0, count - 1)(dice());
  auto other = std::uniform_int_distribution<std::size_t>(0, count - 2)(dice());
  if (other >= one) ++other;
  move_to_front(items, std::min(one, other));
}

// A conversation that had to move stays where it went.
void keep_moved(std::span<Ranked> items, const Group& group, const Route& route, const Asking& asking, Instant at) {
  if (asking.session == 0 || !asking.moves || !items.front().ready) return;
  const std::uint64_t session = asking.session ^ group.id;
  const int tier = items.front().tier;
  auto moved = asking.moves->find(session, at);
  if (moved != 0) {
    auto place = std::ranges::find_if(
        items, [&](const Ranked& item) { return item.choice->id == moved && item.ready && item.tier == tier; });
    if (place == items.end()) moved = 0;
    if (moved != 0) move_to_front(items, static_cast<std::size_t>(place - items.begin()));
  }
  const auto& first = items.front();
  const bool is_away = std::ranges::any_of(
      items, [&](const Ranked& item) { return item.tier == tier && !item.ready && item.key < first.key; });
  if (moved != 0 || is_away) asking.moves->remember(session, first.choice->id, at, at + route.sticky_for);
}

}  // namespace

void rank(std::span<Ranked> items, const Group& group, const Routes::Match& match, const Asking& asking, Instant at) {
  set_tiers(items, group, asking);
  for (auto& item : items) item.key = key_of(item, group.strategy, match, asking, at);
  std::ranges::sort(items, [](const Ranked& a, const Ranked& b) {
    return std::tuple(a.tier, !a.ready, a.key, a.choice) < std::tuple(b.tier, !b.ready, b.key, b.choice);
  });
  if (items.empty()) return;
  if (group.strategy == Strategy::kLeastLatency) draw_two(items);
  if (group.strategy == Strategy::kSticky) keep_moved(items, group, *match.route, asking, at);
}

}  // namespace sluice::provider
