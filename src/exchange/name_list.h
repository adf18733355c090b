// Names as one line of text: for a header field and for the log.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <vector>

namespace sluice {

// "a, b, c" of plain characters, about a kilobyte at most; what is left out is told as "...".
std::string name_list(const std::vector<std::string>& names);

}  // namespace sluice
