// Reading JSON with simdjson. One Reader a loop: it owns the parser's buffers and is used again and again.
//
// scan() is for what strangers send: it proves the whole grammar and gives byte ranges (json/cursor.h). open() gives a
// simdjson On-Demand document, which proves only what is looked at.
//
// Thread rule: one thread. Lifetime: a document or cursor is valid until the next text is opened or scanned with the
// same Reader; texts must have kPadding readable bytes behind their end (bodies are read into strings with that much
// spare capacity).
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "json/cursor.h"
#include "json/fwd.h"

namespace sluice::json {

static_assert(kPadding >= simdjson::SIMDJSON_PADDING);

class Reader {
 public:
  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Opens a text whose end has kPadding readable bytes behind it.
  simdjson::simdjson_result<simdjson::ondemand::document> open(std::string_view padded);
  // Opens any text, by copying it into a padded buffer of the reader.
  simdjson::simdjson_result<simdjson::ondemand::document> open_copy(std::string_view text);

  // Finds the tokens of a text (padded as above) and proves that it is UTF-8 with all strings closed.
  std::expected<Cursor, Broken> scan(std::string_view padded);
  // The same for any text: only the search for tokens needs padding and is done on a copy; the cursor's views point
  // into `text` itself.
  std::expected<Cursor, Broken> scan_copy(std::string_view text);

  // Gives back what was allocated for a text larger than kLoopLimit; ends documents and cursors.
  void shrink();

 private:
  std::string_view copy(std::string_view text);

  simdjson::ondemand::parser parser_;
  // simdjson's first stage. Its interface is in namespace internal, but it is the only way to the tokens' offsets.
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage1_;
  std::string copy_;
};

// The line of a byte, counted from 1.
std::size_t line_of(std::string_view text, std::size_t offset);

}  // namespace sluice::json
