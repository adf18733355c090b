// What differs between OpenAI's own models, by name; those of other vendors take what they are sent.
//
// Source: the API's pages of models and of reasoning. Thread rule: pure.
#pragma once

#include <string_view>
#include <vector>

#include "chat/request.h"

namespace sluice::dialect::openai {

// "gpt-4o", "gpt-3.5-turbo", "chatgpt-4o-latest": efforts and encrypted reasoning are errors.
bool never_reasons(std::string_view model);

// For requests of another API: an effort becomes the nearest one that the model has, and settings it refuses are taken
// out; all of these that would have made a difference are told in `lost`.
void fit_to_model(chat::Request& request, std::string_view model, std::vector<chat::Request::Lost>& lost);

}  // namespace sluice::dialect::openai
