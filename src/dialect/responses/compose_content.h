// The parts of messages and of tool outputs, as the API wants them.
//
// Thread rule: one thread.
#pragma once

#include <span>

#include "dialect/responses/compose_input.h"

namespace sluice::dialect::responses {

// A list of input parts. Faults: media that the API cannot take.
Status write_parts(const Composing& with, std::span<const chat::Part> parts, json::Writer& json);
// A list of what the assistant said. Faults: media.
Status write_answer_parts(const Composing& with, std::span<const chat::Part> parts, json::Writer& json);

bool is_empty_text(const chat::Part& part);
// Whether the part gets a breakpoint of the prompt cache: only clients of OpenAI's own APIs mean that one.
bool writes_cache_mark(const Composing& with, const chat::Part& part);

// Once, however often it happens.
void note_lost(Outgoing& out, std::string path, chat::Unplaced unplaced = chat::Unplaced::kDropped);

}  // namespace sluice::dialect::responses
