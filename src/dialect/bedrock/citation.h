// Sources of a text, as Converse tells them. Source: the API's reference, Citation and CitationLocation.
//
// Thread rule: pure.
#pragma once

#include <string_view>

#include "chat/event.h"
#include "chat/texts.h"
#include "json/cursor.h"
#include "json/writer.h"

namespace sluice::dialect::bedrock {

// The object ahead, which is consumed; `text` is what the cursor walks. It is of the block it stands in.
chat::Citation read_citation(std::string_view text, json::Cursor& cursor, chat::Texts& texts);
void write_citation(const chat::Citation& citation, json::Writer& json);

}  // namespace sluice::dialect::bedrock
