// Tries the candidates one after the other until one answers: retry, then fallback, until something was sent out.
//
// One deadline spans all attempts. The first events of an answer are held back until one of them is content, so that a
// provider that fails before it said anything is replaced without the client noticing.
//
// Thread rule: stateless; the jitter comes from a generator per thread.
#pragma once

#include "exchange/stage.h"

namespace sluice::stage {

class Attempt final : public Stage {
 public:
  Task<Status> run(Exchange& x, Sink& out, Next next) override;
};

}  // namespace sluice::stage
