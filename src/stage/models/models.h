// GET /v1/models and /v1/models/{id}: the public names this caller may use, as the client's dialect lists models. The
// end of its pipeline.
//
// Thread rule: immutable.
#pragma once

#include "exchange/stage.h"

namespace sluice::stage {

class Models final : public Stage {
 public:
  explicit Models(const provider::Routes& routes) : routes_(routes) {}
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  const provider::Routes& routes_;
};

}  // namespace sluice::stage
