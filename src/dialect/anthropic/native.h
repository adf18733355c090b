// The client's own body for a host that wants the model in the path: the same bytes but for the members that differ.
//
// Thread rule: pure. Lifetime: the pieces point into the body and into the result itself.
#pragma once

#include <string_view>

#include "dialect/anthropic/endpoint.h"
#include "dialect/asked.h"
#include "dialect/dialect.h"
#include "http/message.h"

namespace sluice::dialect::anthropic {

// Takes out `model` (a count of tokens has it renamed) and, for Bedrock, `stream`; puts in the version. An
// anthropic-beta field that `headers` holds becomes a member for Bedrock. For the API itself, from a client of another
// host, it is the other way round: the model goes in, the version becomes a field of `headers`.
// Of `changes` the model counts, and the edits: a member goes whose value begins where one does (without_unknown()).
OutgoingBody write_native(Host host, Kind kind, std::string_view body, const Changes& changes, http::Headers& headers);

// Whether a member of a request's body is one of the API's.
bool is_known_member(std::string_view name);
// Adds edits for the members that are not: other hosts refuse a request for one they do not know.
Respelled without_unknown(std::string_view body, Changes changes, json::Reader& reader);

// The members "anthropic_version" and, for Bedrock, "anthropic_beta" of a body; `betas` is a list as the header field
// has it, `given` the elements that the client's body has.
std::string version_members(Host host, std::string_view betas, std::string_view given);

}  // namespace sluice::dialect::anthropic
