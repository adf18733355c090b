// What a provider of this dialect refuses in the client's own bytes, as edits that spell it the way the provider takes
// it or leave it out. Nothing else of the body changes.
//
//   developer_role = false      "role":"developer" → "role":"system"
//   short_tool_ids              tool_calls[].id and tool_call_id that do not fit → fitted() of chat/ids.h
//   reasoning_content           messages of an assistant without it → "reasoning_content":""
//   random_seed                 "seed": → "random_seed":
//   unknown_fields = false      what OpenAI's requests have and Mistral's have not is cut; what neither knows stays: it
//                               may be newer than this table. Parts with `file_data` → "document_url"
//
//   other_models                what names other models is refused, in a request of any kind
//
// Source: the APIs' references. Thread rule: pure.
#pragma once

#include <string_view>

#include "dialect/dialect.h"
#include "json/fwd.h"

namespace sluice::dialect::openai {

// Whether respell() may have anything to do.
bool needs_respelling(const Quirks& quirks);
// The same of a request that is no chat, whose body respell() takes too: with no more than these of the quirks.
Quirks of_any_request(const Quirks& quirks);

// `body` is a chat request that read_asked() has proven, with json::kPadding readable bytes behind it; `asked` and
// `changes` are those it will be written with. Adds to changes.edits, and takes over to drop stream_options where other
// members around it go too. What is cut is noted in Respelled::lost unless it says nothing (null, or what all do); of
// what must not be left out (kRefused) no byte is changed.
Respelled respell(std::string_view body, const Asked& asked, Changes changes, const Quirks& quirks,
                  json::Reader& reader);

// Whether a provider without `unknown_fields` has no member for a setting.
bool is_unknown_field(chat::Field field);

}  // namespace sluice::dialect::openai
