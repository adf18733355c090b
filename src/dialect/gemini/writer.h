// Answers for Gemini clients, from the pieces of any provider's.
//
// Source: GenerateContentResponse of the API's reference: each response of a stream holds what is new, a function call
// is never told before it is whole, and the last response says why each candidate ended and what was used. Thread rule:
// one answer, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/reply.h"
#include "dialect/dialect.h"
#include "json/writer.h"

namespace sluice::dialect::gemini {

std::unique_ptr<AnswerWriter> make_writer(const WriteOptions& options);

// What stands around the responses of a stream.
enum class Framing : std::uint8_t { kSse, kArray };
std::string framed_error(Framing framing, const Fault& fault, bool first);

}  // namespace sluice::dialect::gemini
