// Reads what a request to the Responses API asks for, leniently.
//
// Thread rule: pure.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "sim/ask.h"

namespace sluice::sim {

void read_responses(std::string_view body, Ask& ask);

// The text of the last user message of a list of items; empty: there is none.
std::string last_user_text(const boost::json::array& items);

// The bytes of all text of an item the model would read.
std::size_t text_bytes(const boost::json::object& item);

// The last item is what a tool gave.
bool ends_with_result(const boost::json::array& items);

}  // namespace sluice::sim
