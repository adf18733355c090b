// Documents that an answer is to cite, which not every API can.
//
// Thread rule: pure.
#pragma once

#include "chat/request.h"

namespace sluice::dialect {

// Whether the part is a document that the answer is to cite: "citations": {"enabled": true}.
bool wants_citations(const chat::Part& part);

}  // namespace sluice::dialect
