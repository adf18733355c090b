// Messages of chat/completions requests, read into turns.
//
// Source: the API's reference. Thread rule: pure. Lifetime: views point into the body and into request.texts.
#pragma once

#include "chat/request.h"
#include "dialect/reading.h"
#include "json/fwd.h"

namespace sluice::dialect::openai {

// Consumes the message ahead and appends its turn; complains to `read` with the path of the field. `inside` is for JSON
// within strings: the reader behind `read` is in use.
void read_message(Reading& read, std::size_t index, chat::Request& request, json::Reader& inside);

}  // namespace sluice::dialect::openai
