// Lets a try in where its deployment and its provider have room; else it waits in their queues, or goes back at once
// when it may not wait.
//
// Called once a try. Room is kept until the try is over, so a stream counts as long as it lasts. A deployment's room is
// taken before its provider's, always in this order. Among those that wait, priority and fair shares decide: those of
// the caller's key and team; x-sluice-priority may lower a request's priority, never raise it.
//
// Thread rule: stateless; the gates are shared by all loops.
#pragma once

#include "exchange/stage.h"

namespace sluice::stage {

class Admit final : public Stage {
 public:
  // Faults of its own: kInvalidRequest (x-sluice-priority), those of Gate::enter() and Gate::no_room().
  Task<Status> run(Exchange& x, Sink& out, Next next) override;
};

}  // namespace sluice::stage
