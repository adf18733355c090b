// Refuses what is more than the process is to serve at once, quickly and before anything else is done for it.
//
// Thread rule: any loop; the gate is shared by all of them and outlives the stage.
#pragma once

#include "exchange/stage.h"
#include "provider/gate/gate.h"

namespace sluice::stage {

class Overload final : public Stage {
 public:
  void set(provider::Gate& gate) { gate_ = &gate; }  // before the first run(); without one all come in
  // Fault of its own: kOverloaded, code overloaded, with retry_after.
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  provider::Gate* gate_ = nullptr;
};

}  // namespace sluice::stage
