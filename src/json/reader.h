// Reading JSON with simdjson On-Demand. One Reader a loop: it owns the parser's buffers and is used again and again.
//
// Thread rule: one thread. Lifetime: a document is valid until the next one is opened with the same Reader; texts must
// have kPadding readable bytes behind their end (bodies are read into strings with that much spare capacity).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <simdjson.h>

namespace sluice::json {

inline constexpr std::size_t kPadding = simdjson::SIMDJSON_PADDING;

// Above this size a text is scanned on a worker thread, never on a loop.
inline constexpr std::size_t kLoopLimit = 256 << 10;

class Reader {
 public:
  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Opens a text whose end has kPadding readable bytes behind it.
  simdjson::simdjson_result<simdjson::ondemand::document> open(std::string_view padded);
  // Opens any text, by copying it into a padded buffer of the reader.
  simdjson::simdjson_result<simdjson::ondemand::document> open_copy(std::string_view text);

 private:
  simdjson::ondemand::parser parser_;
  std::string copy_;
};

// Gives `text` kPadding spare bytes of capacity behind its end.
void pad(std::string& text);

}  // namespace sluice::json
