// JSON Schemas of tools and of answers: what the provider refuses in them.
//
// Thread rule: pure. Source: the provider's guide to structured outputs, and its errors.
#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "sim/shape.h"

namespace sluice::sim {

// The parameters of a function; `path` is that of the tool: "tools[0]".
std::optional<Problem> check_parameters(const boost::json::object& tool, const std::string& path);

// The schema of an answer; `path` is that of the format: "text.format".
std::optional<Problem> check_answer_schema(const boost::json::object& format, const std::string& path);

}  // namespace sluice::sim
