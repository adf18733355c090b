// A chat/completions request in the canonical form.
//
// Source: the API's reference. Thread rule: pure. Lifetime: views of the result point into the body.
#pragma once

#include <string_view>

#include "base/result.h"
#include "chat/request.h"
#include "json/fwd.h"

namespace sluice::dialect::openai {

// `body` is proven to be a JSON object and has json::kPadding readable bytes behind it.
Result<chat::Request> read_chat(std::string_view body, json::Reader& reader);

}  // namespace sluice::dialect::openai
