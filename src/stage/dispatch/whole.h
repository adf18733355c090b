// A provider's whole answer: what it tells, and for another dialect's client what it says.
//
// Thread rule: read() may run on a worker; nothing else touches the exchange meanwhile. Lifetime: the event points into
// this object.
#pragma once

#include <memory>
#include <string>

#include "exchange/exchange.h"

namespace sluice::stage {

struct WholeAnswer {
  const dialect::Client& client;
  dialect::ReadOptions options;
  std::string body;  // with json::kPadding spare bytes
  chat::Event event{};
  std::unique_ptr<dialect::AnswerReader> answer{};
  std::string written{};  // what is no message, in the client's dialect

  // Fills in t.learned and the event to push. `reader` is the thread's own.
  Status read(Exchange& x, Try& t, json::Reader& reader);

 private:
  Status read_other(Exchange& x, Try& t, json::Reader& reader);
};

}  // namespace sluice::stage
