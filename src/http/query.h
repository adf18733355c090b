// Queries of request targets.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

namespace sluice::http {

// Without the pairs that callers show their keys in, however their names are coded.
std::string without_keys(std::string_view query);

}  // namespace sluice::http
