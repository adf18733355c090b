// Content of chat/completions messages, written.
//
// Source: the API's reference. Thread rule: pure.
#pragma once

#include <vector>

#include "dialect/openai/compose.h"

namespace sluice::dialect::openai {

// Text, also a document's: what every message can hold.
bool is_text(const chat::Part& part);

// A string where one text is all there is, else an array.
Status write_content(const Composing& with, const std::vector<const chat::Part*>& parts, json::Writer& json);
// One element of such an array.
Status write_part(const Composing& with, const chat::Part& part, json::Writer& json);

}  // namespace sluice::dialect::openai
