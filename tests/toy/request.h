// Requests of the toy: read from clients, written for providers, and the table of their fields. It has no tools.
//
// Thread rule: pure.
#pragma once

#include "dialect/dialect.h"

namespace sluice::dialect::toy {

FieldTable fields_of(Operation operation);

Result<chat::Request> read_chat(std::string_view body, json::Reader& reader);
Result<Outgoing> write_chat(chat::Request& request, const Target& target);

}  // namespace sluice::dialect::toy
