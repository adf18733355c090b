// A model API of no one, spoken as server and as client: it proves that a dialect is one folder and one line.
//
//   POST {base}/v1/talk  {"model", "stream"?, "lines": [{"who": "user"|"model"|"system", "says": "…"}], "words"?: N}
//   an answer            {"says": "…", "why": "done"|"full", "cost": [in, out]}
//   a stream             data: {"says": "piece"} … data: {"why": "done", "cost": [1, 2]}
//   an error             {"oops": "message"} with a status, or as an event
//
// Thread rule: constants.
#pragma once

#include "dialect/offer.h"

namespace sluice::dialect::toy {

inline constexpr std::string_view kName = "toy";

const Dialect& dialect();

}  // namespace sluice::dialect::toy
