// Why an answer ended: the API's stop_reason and the canonical reasons. Thread rule: pure.
#pragma once

#include <string_view>

#include "chat/event.h"

namespace sluice::dialect::anthropic {

// kStop for words that are not known.
chat::FinishReason read_stop(std::string_view word);
// `calls`: the answer holds a call, which clients look for where the reason is tool_use and only there.
std::string_view write_stop(chat::FinishReason reason, bool calls);

}  // namespace sluice::dialect::anthropic
