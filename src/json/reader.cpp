#include "json/reader.h"

#include <algorithm>
#include <bit>

#include "base/release.h"
#include "base/text.h"

namespace sluice::json {

namespace {

using simdjson::error_code;

// Room that is made at once, so that texts of growing size do not reallocate each time.
constexpr std::size_t kLeastCapacity = 16 << 10;

std::size_t capacity_for(std::size_t size) {
  return std::bit_ceil(std::max(size, kLeastCapacity));
}

// Finds where the first stage's complaint is. It tells only what it saw, so the text is read again, byte by byte.
Broken locate(std::string_view text) {
  std::size_t string_begin = std::string_view::npos;
  for (std::size_t i = 0; i < text.size();) {
    const bool in_string = string_begin != std::string_view::npos;
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = byte < 0x80 ? 1 : utf8_length(text.substr(i, 4));
    if (length == 0) return {i, "the bytes are not UTF-8"};
    if (in_string && byte < 0x20) return {i, "a control character stands unescaped in a string"};
    if (byte == '"') string_begin = in_string ? std::string_view::npos : i;
    const bool escape = in_string && byte == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    i += escape ? 2 : length;
  }
  if (string_begin != std::string_view::npos) return {string_begin, "the string that begins here is not closed"};
  return {0, "a value is expected"};
}

}  // namespace

simdjson::simdjson_result<simdjson::ondemand::document> Reader::open(std::string_view padded) {
  return parser_.iterate(padded, padded.size() + kPadding);
}

simdjson::simdjson_result<simdjson::ondemand::document> Reader::open_copy(std::string_view text) {
  return open(copy(text));
}

std::expected<Cursor, Broken> Reader::scan(std::string_view padded) {
  if (padded.empty()) return std::unexpected(Broken{0, "a value is expected, but the text is empty"});
  if (padded.size() >= simdjson::SIMDJSON_MAXSIZE_BYTES / 2) return std::unexpected(Broken{0, "the text is too large"});
  error_code error = simdjson::SUCCESS;
  if (!stage1_) {
    error = simdjson::get_active_implementation()->create_dom_parser_implementation(capacity_for(padded.size()), 1,
                                                                                    stage1_);
  } else if (stage1_->capacity() < padded.size()) {
    error = stage1_->set_capacity(capacity_for(padded.size()));
  }
  if (!error) {
    error = stage1_->stage1(reinterpret_cast<const std::uint8_t*>(padded.data()), padded.size(),
                            simdjson::stage1_mode::regular);
  }
  if (error == simdjson::EMPTY) return std::unexpected(Broken{0, "a value is expected, but the text is empty"});
  if (error) return std::unexpected(locate(padded));
  return Cursor(padded, stage1_->structural_indexes.get(), stage1_->n_structural_indexes);
}

std::expected<Cursor, Broken> Reader::scan_copy(std::string_view text) {
  auto cursor = scan(copy(text));
  if (!cursor) return cursor;
  return Cursor(text, stage1_->structural_indexes.get(), stage1_->n_structural_indexes);
}

std::string_view Reader::copy(std::string_view text) {
  if (copy_.capacity() < text.size() + kPadding) copy_.reserve(capacity_for(text.size() + kPadding));
  copy_.assign(text);
  return copy_;
}

void Reader::shrink() {
  if (parser_.capacity() > capacity_for(kLoopLimit)) parser_ = simdjson::ondemand::parser();
  if (stage1_ && stage1_->capacity() > capacity_for(kLoopLimit)) stage1_.reset();
  if (copy_.capacity() > 2 * kLoopLimit) release(copy_);
}

void pad(std::string& text) {
  text.reserve(text.size() + kPadding);
}

std::size_t line_of(std::string_view text, std::size_t offset) {
  return 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, offset), '\n'));
}

}  // namespace sluice::json
