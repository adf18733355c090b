#include "sim/visit.h"

#include <utility>

#include "base/time_text.h"
#include "sim/encode.h"

namespace sluice::sim {

Visit::Visit(Instance& instance, net::Request& request)
    : instance_(instance),
      request_(request),
      epoch_(instance.counters.epoch),
      noticed_(request.cancel(), [this] { gone_us_ = wall_us(); }) {
  ++instance_.counters.requests;
  ++instance_.counters.in_flight;
  entry_.id = instance_.name + "-" + std::to_string(instance_.next_id++);
  if (!instance_.recording) return;
  entry_.head = request.head();
  entry_.began_us = wall_us();
}

Visit::~Visit() {
  if (!settled()) lost();
}

void Visit::received(std::string_view body) {
  if (instance_.recording) entry_.body = body;
}

void Visit::asked(const Ask& ask) {
  if (!instance_.recording) return;
  entry_.model = ask.model;
  entry_.stream = ask.stream;
}

void Visit::answered(const Answer& answer) {
  if (!instance_.recording) return;
  entry_.status = answer.head.status;
  entry_.usage = answer.usage;
  entry_.told = answer.stream ? answer.told : is_utf8(answer.body) ? answer.body : "";
}

void Visit::lost() {
  const Cancel& cancel = request_.cancel();
  bool by_peer = !cancel.cancelled() || cancel.reason().kind == FaultKind::kClientGone;
  settle(by_peer ? Outcome::kAborted : Outcome::kBroken);
}

void Visit::settle(Outcome outcome) {
  Outcome before = std::exchange(settled_, outcome);
  auto& counters = instance_.counters;
  if (before == Outcome::kOpen) --counters.in_flight;
  if (epoch_ != counters.epoch || before == outcome) return;
  if (before != Outcome::kOpen) --counters.of(before);
  ++counters.of(outcome);
  if (outcome == Outcome::kAborted) counters.last_abort_us = gone_us_ != 0 ? gone_us_ : wall_us();
  if (!instance_.recording) return;
  if (before != Outcome::kOpen) {
    instance_.ledger.amend(entry_.id, outcome);
    return;
  }
  entry_.outcome = outcome;
  entry_.ended_us = wall_us();
  instance_.ledger.add(entry_);
}

}  // namespace sluice::sim
