// Which tools of a request run at the provider, and by what these are charged beside the tokens they bring.
//
// Sources: the APIs' lists of tools; the providers' pages on prices. Thread rule: pure.
#pragma once

#include <string_view>

namespace sluice::dialect {

// Of tools that the caller runs itself; a shell may have its environment at the provider.
bool is_callers_type(std::string_view type);
// The members of Gemini's and Converse's tools that run at the provider.
bool is_their_key(std::string_view key);
// What is charged by the search of the web. Searching for tools is not charged; searching files is by some, at a price
// of its own.
bool is_search(std::string_view name);
// OpenAI's and Azure's is $2.50 for 1,000 calls, xAI's collections likewise; Gemini's, which is a member and no type,
// costs the tokens it brings.
bool is_file_search(std::string_view type);
// Charged by the time of a container, by what a model of its own draws, or by the call (OpenAI's and xAI's). Claude's
// code execution, whose types are dated, is not among them: whether a month's free hours are over no answer tells.
bool is_charged_type(std::string_view type);
// Of OpenRouter's `plugins`, by their ids: what searches, what costs nothing; all else may be charged, as reading files
// is.
bool is_search_plugin(std::string_view id);
bool is_free_plugin(std::string_view id);

}  // namespace sluice::dialect
