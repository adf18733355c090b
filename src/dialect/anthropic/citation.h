// Sources of a text, as Messages tells them: web_search_result_location, char_location, page_location,
// content_block_location and search_result_location. Source: the API's reference, TextCitation.
//
// Thread rule: pure.
#pragma once

#include <string_view>

#include "chat/event.h"
#include "json/cursor.h"
#include "json/writer.h"

namespace sluice::dialect::anthropic {

// The object ahead, which is consumed; its texts are views into what the cursor walks. It is of the block it stands in.
chat::Citation read_citation(json::Cursor& cursor);

// Whether the API has words for it: it needs an address, or a place in a document of the request.
bool can_write(const chat::Citation& citation);
// `origin` seals the index of a web search, which only its maker could use.
void write_citation(const chat::Citation& citation, std::string_view origin, json::Writer& json);

}  // namespace sluice::dialect::anthropic
