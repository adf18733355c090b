// What the Gemini API refuses in a request whose shape is right: values out of range, settings that exclude each
// other, tools that are not as they must be, and turns that do not belong together.
//
// Thread rule: pure.
#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "sim/ask.h"
#include "sim/gemini/proto.h"

namespace sluice::sim {

// All rules for a body that check() of proto.h has nothing against.
std::optional<Problem> check_gemini_rules(const Ask& ask, Service on);

// A problem the validator tells: "* REQUEST.path: what\n".
Problem invalid(std::string_view path, std::string_view what, std::string_view request = "GenerateContentRequest");
// One that is told without a place.
Problem refused(std::string message);

// ---- the rules by their subject, in files of their own ----

std::optional<Problem> check_turns(const boost::json::object& body, const Ask& ask);
std::optional<Problem> check_signatures(const boost::json::object& body, const Ask& ask);
std::optional<Problem> check_parts(const boost::json::object& content, const std::string& path);
std::optional<Problem> check_tools(const boost::json::object& body, const Ask& ask);
std::optional<Problem> check_schema(const boost::json::object& schema, const std::string& path);
std::optional<Problem> check_generation_config(const boost::json::object& body, const Ask& ask);

}  // namespace sluice::sim
