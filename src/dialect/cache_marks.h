// Marks of the prompt cache, for APIs that take few of them and the longer ones first.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <vector>

#include "chat/request.h"

namespace sluice::dialect {

// A mark on what is inside a result holds for the result.
void lift_marks(chat::Part& result);

// At most 4 marks, none longer than one before it: takes off and shortens what does not fit. `marks` stand in the order
// of the prompt; those that are kNone do not count. What was lost: "cache_control", "cache_control.ttl".
std::vector<std::string> fit_marks(const std::vector<chat::CacheMark*>& marks);

}  // namespace sluice::dialect
