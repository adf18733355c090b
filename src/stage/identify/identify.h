// What is the request for? Gives it its tags, by which it is counted, limited and found again.
//
// Thread rule: immutable.
#pragma once

#include "exchange/stage.h"

namespace sluice::stage {

class Identify final : public Stage {
 public:
  Task<Status> run(Exchange& x, Sink& out, Next next) override;
};

}  // namespace sluice::stage
