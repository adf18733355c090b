// State of one provider carried through a client that speaks another dialect, with nothing kept on our side.
//
// What a provider wants back on the next turn (signatures, encrypted reasoning, thought signatures, the reasoning text
// itself, its own tool ids) is put into something that standard clients return unchanged: the opaque field of the
// client's own dialect where it has one, the id of a tool call everywhere. A seal is a mark and base64 of the maker's
// name and the entries, with a checksum. Whoever finds one can take it apart: it hides nothing from the client, whose
// conversation it is.
//
// In an id, behind what it was before: "_sl1_" and base64url. As the whole of an opaque field: "sl1state" and base64,
// which together are base64 of some bytes, for SDKs know such fields as bytes: they refuse what does not decode, and
// send back what they decoded in either alphabet, with padding or without.
//
// Thread rule: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chat/request.h"

namespace sluice::chat {

// One thing that was carried, in plain text.
struct SealedEntry {
  State::Kind kind = State::Kind::kNone;
  std::string id;    // of a reasoning item
  std::string text;  // reasoning text, where the client has no place for it
  std::string data;
  std::uint64_t after = 0;  // how many characters of the message's text were said before it

  bool operator==(const SealedEntry&) const = default;
};

struct Sealed {
  std::string origin;  // the provider's configured name
  std::string id;      // what stood before the seal: the provider's own id of the call
  bool made_up_id = false;
  std::vector<SealedEntry> entries;
};

// A text of letters, digits, '_' and '-': `id` as it is where it consists of these (else inside the seal), then the
// seal.
std::string seal(const Sealed& sealed);
// Base64: the seal alone. The id is not carried.
std::string seal_as_bytes(const Sealed& sealed);
// Nothing when there is no whole seal in it.
std::optional<Sealed> open_seal(std::string_view text);

// Whether a body may hold a seal: true means it has to be looked at.
bool may_hold_seal(std::string_view body);

// What was done to a request that goes to `provider`.
enum class StateOf { kClientDialect, kOtherDialect };
// Takes all seals of a request apart: ids get their own value back, states and reasoning return to their places. State
// of other providers than `provider` is removed, and what was removed is noted in request.lost. State without a seal is
// the client's own dialect's: it stays when the provider speaks that (kClientDialect), else it is removed too.
void unseal(Request& request, std::string_view provider, StateOf unsealed);

// A call's id for a client: the provider's own, with a seal when there is something to carry or it must not be
// returned.
std::string sealed_call_id(std::string_view origin, std::string_view id, bool made_up, const State& state,
                           std::span<const SealedEntry> before = {});
// The state of reasoning for an opaque field of a client's dialect.
std::string sealed_state(std::string_view origin, const State& state, std::string_view item_id = {});

}  // namespace sluice::chat
