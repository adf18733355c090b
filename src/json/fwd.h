// The names and sizes of the json layer for those who only pass them on: simdjson's header is large.
//
// Thread rule: constants.
#pragma once

#include <cstddef>
#include <string>

namespace sluice::json {

class Reader;

// Readable bytes a text must have behind its end to be parsed where it is.
inline constexpr std::size_t kPadding = 64;

// Above this size a text is scanned on a worker thread, never on a loop.
inline constexpr std::size_t kLoopLimit = 256 << 10;

// Gives `text` kPadding spare bytes of capacity behind its end.
void pad(std::string& text);

}  // namespace sluice::json
