// A request of the Responses API, read into the canonical form.
//
// Items that an answer consists of (reasoning, messages of the assistant, calls) become one assistant turn, outputs of
// tools that follow each other one tool turn; `instructions` the first system turn. Part::raw and Tool::raw hold the
// item or tool as the client wrote it. Thread rule: one thread. Lifetime: views point into the body.
#pragma once

#include <string_view>

#include "base/result.h"
#include "chat/request.h"
#include "json/fwd.h"

namespace sluice::dialect::responses {

// The body has json::kPadding readable bytes behind it. Faults: kInvalidRequest with param.
Result<chat::Request> read_request(std::string_view body, json::Reader& reader);

}  // namespace sluice::dialect::responses
