#include "stage/attempt/holdback.h"

#include <algorithm>

namespace sluice::stage {

Task<Status> Holdback::begin(AnswerHead head) {
  head_ = std::move(head);
  return Task<Status>::ready({});
}

Task<Status> Holdback::let_go() {
  if (claim_ && !claim_()) {
    return Task<Status>::ready(
        fail(Fault{.kind = FaultKind::kSuperseded, .told = "Another deployment answered first."}));
  }
  released_ = true;
  return out_.begin(std::move(*head_));
}

Task<Status> Holdback::push(std::span<const chat::Event> events) {
  if (released_) return out_.push(events);
  const bool shows_nothing = std::ranges::all_of(events, [](const chat::Event& event) {
    using enum chat::EventKind;
    return (event.kind == kPreamble || event.kind == kOther) && event.pieces.empty();
  });
  if (shows_nothing && held_.size() < kMaxHeld) {
    for (const auto& event : events) held_ += event.wire;
    return Task<Status>::ready({});
  }
  auto begun = let_go();
  if (!held_.empty() || !begun.await_ready()) return push_first(std::move(begun), events);
  auto status = begun.await_resume();
  return status ? out_.push(events) : Task<Status>::ready(std::move(status));
}

Task<Status> Holdback::push_first(Task<Status> begun, std::span<const chat::Event> events) {
  if (auto status = co_await begun; !status) co_return status;
  if (held_.empty()) co_return co_await out_.push(events);
  std::vector<chat::Event> all{{chat::EventKind::kPreamble, held_, {}}};
  all.insert(all.end(), events.begin(), events.end());
  co_return co_await out_.push(all);
}

Task<Status> Holdback::release() {
  return released_ || !head_ ? Task<Status>::ready({}) : release_held();
}

Task<Status> Holdback::release_held() {
  if (auto begun = co_await let_go(); !begun) co_return begun;
  if (held_.empty()) co_return Status{};
  chat::Event event{chat::EventKind::kPreamble, held_, {}};
  co_return co_await out_.push({&event, 1});
}

}  // namespace sluice::stage
