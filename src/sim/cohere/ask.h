// Reads what a request to Cohere asks, leniently: strictness is another's job.
//
// Thread rule: pure.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "sim/ask.h"

namespace sluice::sim {

// Parses the body into ask.body; what is no JSON leaves it empty.
void read_cohere(std::string_view body, Ask& ask);

// The text of a message's content: a string, or the text parts of a list, joined.
std::string text_of_content(const boost::json::value* content);

}  // namespace sluice::sim
