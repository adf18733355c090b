// What is wrong with a request, in the words of the Messages API: "messages.0.content.1.text.text: Field required".
//
// Thread rule: pure.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "sim/shape.h"

namespace sluice::sim::anthropic {

inline constexpr std::string_view kSpelled = "invalid_request_error";  // the code of a problem in the API's words
inline constexpr std::string_view kTooLarge = "request_too_large";

// A problem of a place; an empty path: of no place in particular.
Problem wrong(std::string path, std::string why);
Problem too_large();

// A problem that check() found, in the API's words; `body` is what was checked.
Problem respelled(const Problem& problem, const boost::json::object& body);

// All of a problem as one text, whoever found it.
std::string message_of(const Problem& problem);

}  // namespace sluice::sim::anthropic
