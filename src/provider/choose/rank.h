// The strategies: in which order the choices of one group are tried.
//
// Sources: a random order by weight is Efraimidis & Spirakis, "Weighted random sampling with a reservoir" (2006); the
// same with a hash for the random number is rendezvous hashing by weight (Schindelhauer & Schomaker, "Weighted
// distributed hash tables", 2005); the quicker of two at random is Mitzenmacher, "The power of two choices in
// randomized load balancing" (2001), with the moving average of the time to the first piece times the requests in
// flight as cost.
//
// Thread rule: any thread; draws from a generator of the thread.
// check: allow shared-pointers because a model is forgotten while tries at it may be under way
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "provider/choose/judge.h"

namespace sluice::provider {

// A deployment that may be tried.
struct Leaf {
  const Deployment* deployment = nullptr;
  std::shared_ptr<Health> of_model;  // as in Target
  std::optional<LastResort> last;
  std::size_t place = 0;  // in the order of the strategies

  const Health& health() const { return of_model ? *of_model : *deployment->health; }
};

// A choice of the group and its deployments, in their own order.
struct Ranked {
  const Choice* choice = nullptr;
  std::size_t end = 0;           // of its leaves in the list of all
  std::span<const Leaf> leaves;  // not empty
  bool ready = false;            // one of them is no last resort
  int tier = 0;                  // lower ones first
  double key = 0;                // within the tier
};

// Sorts `items`. Those of equal rank keep the order in which they are written.
void rank(std::span<Ranked> items, const Group& group, const Routes::Match& match, const Asking& asking, Instant at);

}  // namespace sluice::provider
