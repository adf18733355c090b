// Reads a request: what it asks, which script it follows, and whether the provider would refuse it.
//
// Thread rule: any thread (large bodies are examined on a worker). The reader is the caller's.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "http/message.h"
#include "json/reader.h"
#include "sim/ask.h"
#include "sim/script.h"
#include "sim/shelf.h"

namespace sluice::sim {

struct Examined {
  Ask ask;
  std::shared_ptr<const Script> script;  // null: none
  std::optional<Problem> problem;        // what the provider refuses with 400
};

// `body` has json::kPadding readable bytes behind its end.
Examined examine(json::Reader& reader, ScriptShelf& shelf, const http::RequestHead& head, std::string_view body);

}  // namespace sluice::sim
