#include "stage/admit/admit.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "provider/gate/gate.h"

namespace sluice::stage {

namespace {

using provider::Gate;
using provider::Priority;
using provider::Room;

constexpr std::string_view kPriorityField = "x-sluice-priority";

// The key's, or less where the request asks for less.
Result<Priority> priority_of(const Exchange& x) {
  auto own = x.caller ? x.caller->priority : Priority::kNormal;
  auto asked = x.request.head().headers.get(kPriorityField);
  if (!asked) return own;
  auto named = provider::find_priority(*asked);
  if (named) return std::max(own, *named);
  return fail(Fault{
      .kind = FaultKind::kInvalidRequest,
      .told = fmt::format("The header {} is high, normal or low, not '{}'.", kPriorityField, printable(*asked, 30)),
      .param = std::string(kPriorityField),
      .code = "invalid_priority"});
}

// Notes when an answer begins: how long that takes is what a limit that adapts goes by.
class Beginning final : public Sink {
 public:
  explicit Beginning(Sink& out) : out_(out) {}

  Task<Status> begin(AnswerHead head) override {
    after_us_ = micros_between(sent_, now());
    return out_.begin(std::move(head));
  }
  Task<Status> push(std::span<const chat::Event> events) override { return out_.push(events); }

  std::optional<std::int64_t> after_us() const { return after_us_; }

 private:
  Sink& out_;
  Instant sent_ = now();
  std::optional<std::int64_t> after_us_;
};

bool has_no_room(const Fault& fault) {
  return fault.meaning == Meaning::kRateLimit || fault.meaning == Meaning::kOverloaded ||
         fault.kind == FaultKind::kProviderTimeout;
}

void teach(Room& room, const Beginning& beginning, const Status& status) {
  if (beginning.after_us()) return room.first_byte_after(*beginning.after_us());
  if (!status && has_no_room(status.error())) room.provider_refused();
}

Task<Result<Room>> enter(Exchange& x, Try& t, Gate& gate, provider::Visitor visitor) {
  if (auto room = gate.try_enter()) co_return std::move(*room);
  if (!t.may_queue) co_return fail(gate.no_room());
  auto began = now();
  auto room = co_await gate.enter(x.tools.loop, t.cancel, visitor);
  // The try begins when it is let in: how long the deployment takes is told from then on.
  t.began = now();
  t.queued_us += micros_between(began, t.began);
  x.queued_us += micros_between(began, t.began);
  co_return room;
}

Task<Status> admit(Exchange& x, Sink& out, Next next) {
  auto& t = *next.tried();
  const auto& deployment = *t.target.deployment;
  auto priority = priority_of(x);
  if (!priority) co_return fail_from(priority);
  provider::Visitor visitor{.priority = *priority};
  if (x.caller) {
    visitor.share = x.caller->share;
    visitor.weight = x.caller->weight;
  }
  std::optional<Room> own, shared;  // of the deployment, of its provider
  for (auto [gate, place] : {std::pair(deployment.gate, &own), std::pair(deployment.provider->gate, &shared)}) {
    if (!gate) continue;
    auto room = co_await enter(x, t, *gate, visitor);
    if (!room) co_return fail_from(room);
    place->emplace(std::move(*room));
  }
  bool adapts = (own && deployment.gate->adapts()) || (shared && deployment.provider->gate->adapts());
  if (!adapts) co_return co_await next(x, out);
  Beginning watched(out);
  auto status = co_await next(x, watched);
  if (own) teach(*own, watched, status);
  if (shared) teach(*shared, watched, status);
  co_return status;
}

}  // namespace

Task<Status> Admit::run(Exchange& x, Sink& out, Next next) {
  const auto& deployment = *next.tried()->target.deployment;
  bool limited = deployment.gate || deployment.provider->gate;
  if (!limited && !x.request.head().headers.has(kPriorityField)) return next(x, out);
  return admit(x, out, next);
}

}  // namespace sluice::stage
