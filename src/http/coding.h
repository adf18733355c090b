// Content codings: gzip, deflate, br, zstd. Decoding is bounded: nothing beyond the limit is ever produced.
//
// Thread rule: one decoder, one thread; decode_all() is pure and belongs on a worker for large bodies.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sluice::http {

// A streaming decoder that gives out bytes as soon as they can be decoded (also after each flush of the encoder).
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Appends what `bytes` decode to; at most `limit` bytes since it was made or the limit was renewed, else kTooLarge.
  // Fault: kProviderProtocol for bytes that are not of this coding, or for bytes behind its end.
  virtual Status feed(std::string_view bytes, std::string& out) = 0;
  // Counts the limit from here on anew: for streams without an end, whose consumer takes the bytes as they come.
  virtual void renew_limit() = 0;
  virtual bool ended() const = 0;  // the coding's own end was seen
};

// Null for a coding we do not know. "identity" and "" are not codings: ask is_identity() first.
std::unique_ptr<Decoder> make_decoder(std::string_view coding, std::size_t limit);
bool is_identity(std::string_view coding);

// Decodes a whole body that was coded with one or more codings ("gzip", "gzip, br"; applied in this order).
// Faults: kTooLarge (names the limit), kInvalidRequest (unknown coding with the list of known ones; broken or cut
// bytes).
Result<std::string> decode_all(std::string_view content_encoding, std::string_view bytes, std::size_t limit);

}  // namespace sluice::http
