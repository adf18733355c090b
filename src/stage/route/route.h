// Model → deployments, in the order they will be tried. Also decides whether this caller may use them.
//
// Thread rule: immutable; the random order of weighted routes comes from a generator per thread.
#pragma once

#include "exchange/stage.h"
#include "provider/provider.h"

namespace sluice::stage {

class Route final : public Stage {
 public:
  explicit Route(const provider::Routes& routes) : routes_(routes) {}
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  Status route_call(Exchange& x) const;
  Status route_owner(Exchange& x) const;
  Status route_passthrough(Exchange& x) const;

  const provider::Routes& routes_;
};

}  // namespace sluice::stage
