// What Amazon puts around the APIs it hosts: paths, events and refusals.
//
// Thread rule: pure. Source: the API reference of the Bedrock Runtime.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/answer.h"

namespace sluice::sim {

struct ModelAction {
  std::string model;        // decoded
  std::string_view action;  // all behind the model
};

// "/model/MODEL/ACTION"; nothing of another path.
std::optional<ModelAction> aws_action(std::string_view path);

// A frame of the event stream that is instead of server-sent events; `kind` is "event" or "exception", `name` which of
// them.
std::string aws_frame(std::string_view kind, std::string_view name, std::string_view payload);

// A refusal that names its exception.
Answer aws_refusal(int status, std::string_view exception, std::string_view message);

}  // namespace sluice::sim
