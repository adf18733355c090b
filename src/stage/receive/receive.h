// Reads the request's body and finds in it what routing needs: the model, whether the answer is streamed.
//
// Thread rule: stateless. A large body is scanned on a worker.
#pragma once

#include "exchange/stage.h"

namespace sluice::stage {

class Receive final : public Stage {
 public:
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  static Task<Status> wait(Exchange& x, Sink& out, Next next, Task<Result<std::string>> body);
  static Task<Status> take(Exchange& x, Sink& out, Next next, std::string body);
  static Task<Status> read_aside(Exchange& x, Sink& out, Next next);
};

}  // namespace sluice::stage
