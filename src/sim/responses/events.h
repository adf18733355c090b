// The events of a streamed answer of the Responses API.
//
//   response.created, response.in_progress
//   of every item: output_item.added, what is said of it in pieces, the whole of it, output_item.done
//   response.completed, .incomplete or .failed
//
// Thread rule: pure. Source: the provider's streams.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/ask.h"
#include "sim/responses/output.h"
#include "sim/script.h"
#include "sim/stream.h"

namespace sluice::sim {

struct Streamed {
  std::unique_ptr<Stream> stream;
  boost::json::object last;  // the answer as the last event tells it
  std::string error;         // the error the script puts into the stream
};

// `response` is the answer while nothing is said. The text of a message grows by a nonce with every piece.
Streamed stream_response(const Ask& ask, const Script& script, boost::json::object response,
                         std::vector<OutputItem> items, const std::optional<std::string>& usage);

}  // namespace sluice::sim
