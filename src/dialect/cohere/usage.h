// The usage of Cohere answers. Source: `usage` of chat and `meta` of embed and rerank: `tokens` is what the model read
// and wrote, `billed_units` what of it is paid for. Tokens count here; billed units where there are none. Thread rule:
// pure.
#pragma once

#include "chat/usage.h"
#include "json/cursor.h"

namespace sluice::dialect::cohere {

// Consumes the object ahead; keeps what is in `usage` where it tells nothing.
void read_usage(json::Cursor& cursor, chat::Usage& usage);

}  // namespace sluice::dialect::cohere
