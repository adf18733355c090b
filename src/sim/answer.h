// What a request is answered: a head, and either a whole body or a stream of events.
//
// Thread rule: pure. Ownership: an Answer owns all it needs.
#pragma once

#include <memory>
#include <string>

#include "http/message.h"
#include "sim/stream.h"

namespace sluice::sim {

struct Body {
  std::string bytes;
  std::string content_type = "application/json";
};

struct Answer {
  http::ResponseHead head;
  std::string body;
  std::unique_ptr<Stream> stream;  // instead of the body
  std::string stream_error;        // the error a script puts into the stream, as it stands on the wire
  std::string usage;               // JSON text for the ledger; empty: none
  std::string told;                // of a stream, for the ledger: the body that says the same as a whole
};

// An answer that is all there.
Answer whole(Body body);

// An answer with a JSON body.
Answer refuse_with(int status, std::string body);

// Makes an answer a stream of server-sent events.
void send_as_events(Answer& answer, std::unique_ptr<Stream> stream);

}  // namespace sluice::sim
