// The innermost stage: writes the request for the current target, sends it, and passes the answer on as it arrives.
//
// Thread rule: immutable. Same dialect in and out: the client's bytes go out with only the model (and what a quirk of
// the provider demands) changed; the provider's bytes come back as they came.
#pragma once

#include "exchange/stage.h"

namespace sluice::stage {

struct DispatchLimits {
  std::size_t event_bytes = 16 << 20;   // one event of a stream
  std::size_t answer_bytes = 64 << 20;  // a whole answer
};

class Dispatch final : public Stage {
 public:
  explicit Dispatch(DispatchLimits limits) : limits_(limits) {}
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  using UsageView = dialect::openai::UsageView;
  Task<Status> pass_on(Exchange& x, net::Call& call, UsageView view, Sink& out) const;
  Task<Status> pass_events(Exchange& x, net::Call& call, UsageView view, Sink& out) const;
  Task<Status> pass_whole(Exchange& x, net::Call& call, Sink& out) const;
  Task<Status> pass_raw(Exchange& x, net::Call& call, Sink& out) const;

  DispatchLimits limits_;
};

}  // namespace sluice::stage
