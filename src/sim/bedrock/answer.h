// What Converse answers: the whole message, or the same as a stream of events.
//
// Thread rule: pure. Source: the response types of the official SDK.
#pragma once

#include "sim/answer.h"
#include "sim/ask.h"
#include "sim/script.h"
#include "sim/signature.h"

namespace sluice::sim {

Answer converse_answer(const Ask& ask, const Script& script, const Signature& signature);

}  // namespace sluice::sim
