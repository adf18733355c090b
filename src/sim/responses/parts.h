// What the parts of a content may point to: URLs, data and files.
//
// Thread rule: pure. Source: what the provider refuses.
#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "sim/shape.h"

namespace sluice::sim {

// `path` is that of the list: "input[0].content".
std::optional<Problem> check_parts(const boost::json::array& parts, std::string_view path, std::string_view model);

// A name with other characters than letters, digits, '_' and '-'.
Problem bad_name(std::string path);

}  // namespace sluice::sim
