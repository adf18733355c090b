// Which items of a conversation belong together: calls and what they gave, reasoning and what it led to.
//
// Thread rule: pure. Source: what the provider refuses.
#pragma once

#include <boost/json.hpp>
#include <optional>

#include "sim/responses/errors.h"
#include "sim/stored.h"

namespace sluice::sim {

enum class Seen { kPart, kWhole };

// Of a part (what it goes on from is kept elsewhere) a result whose call is not there is no mistake.
std::optional<Problem> check_order(const boost::json::array& items, Seen seen);

// A conversation with what is kept of it.
struct History {
  boost::json::array items;  // with the items that were only referred to
  std::size_t before = 0;    // how many of them are from earlier requests and answers
};

// Nothing but the mistake when something that is named is not kept.
std::optional<Refusal> recall(const boost::json::object& body, const Stored& stored, History& history);

// What only they know who keep the answers: reasoning that was dropped, changed or is not where it was.
std::optional<Refusal> check_kept(const History& history, const Stored& stored);

}  // namespace sluice::sim
