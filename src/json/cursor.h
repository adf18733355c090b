// Walks a JSON text token by token and proves its grammar on the way.
//
// What is proven: that the text is UTF-8, that all strings are closed and free of control characters (simdjson's first
// stage, before the cursor exists), and of every value that is stepped over, read or skipped: commas, colons, matching
// brackets, literals and the spelling of numbers. What is not: the escapes inside of strings (only keys and unescape()
// look at them), that keys are unique, that numbers fit any type. When finish() is true, the whole text was walked.
//
// simdjson's own On-Demand values are not used here: they skip values by counting brackets, so a text with `[1 2}` in a
// skipped member would pass as JSON, and they do not tell where a value ends.
//
// Each value the cursor stands on is consumed exactly once: by enter_*, skip or take_text. Once the grammar is broken,
// every call says there is nothing more, so that loops end; broken() tells where and why.
//
//   if (cursor.enter_object())
//     while (auto key = cursor.next_key())
//       if (*key == "model") model = cursor.take_text(); else cursor.skip();
//   if (!cursor.finish()) … cursor.broken()
//
// Thread rule: one thread. Lifetime: valid until the Reader it came from scans again; views point into the text, except
// a key that was written with escapes: it is valid until the next key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::json {

// Deeper nesting than this breaks a text: no model needs it, and it bounds what a walk remembers.
inline constexpr std::size_t kMaxDepth = 1024;

enum class Kind : std::uint8_t { kNone, kObject, kArray, kString, kNumber, kTrue, kFalse, kNull };

// Where a text stops being JSON and what was expected there; `why` is a constant that ends a sentence.
struct Broken {
  std::size_t offset = 0;
  std::string_view why;
};

class Cursor {
 public:
  // The text and its tokens: the offsets of brackets, commas, colons and of the first bytes of strings and scalars.
  Cursor(std::string_view text, const std::uint32_t* tokens, std::size_t count)
      : text_(text), next_(tokens), end_(tokens + count) {}

  // What the value ahead looks like, by its first byte, and where it begins.
  Kind kind() const;
  std::size_t offset() const { return next_ < end_ ? *next_ : text_.size(); }

  // Steps into the value ahead if it is an object (array); else consumes nothing.
  bool enter_object();
  bool enter_array();
  // The next key, unescaped, of the object that was entered last; nothing at its end, which is consumed.
  std::optional<std::string_view> next_key();
  // Where the last key stands, quotes included.
  std::size_t key_begin() const { return key_begin_; }
  std::size_t key_end() const { return key_end_; }
  // Where a cut of the last key's member begins: at the end of the value before it, so that the comma between them goes
  // too. For an object's first member it is the key; there the comma behind it has to go, up to the next key_begin().
  std::size_t cut_begin() const { return first_member_ ? key_begin_ : cut_begin_; }
  bool first_member() const { return first_member_; }
  // Where the last consumed token ends.
  std::size_t end_of_last() const { return end_of_last_; }
  // Whether another element follows in the array that was entered last; its end is consumed.
  bool next_element();

  // Consumes the value ahead and returns its text, from its first to its last byte; empty when it is broken.
  std::string_view skip();
  // Consumes the value ahead and returns what stands between its quotes, escapes as they are; empty if it is no string.
  std::string_view take_text();
  // Consumes the value ahead if it is a count of at most 18 digits, as most are; else nothing, also nothing broken.
  std::optional<std::uint64_t> take_count();

  // True when the grammar held and nothing but white space is left.
  bool finish();
  const std::optional<Broken>& broken() const { return broken_; }

 private:
  char ahead() const { return next_ < end_ ? text_[*next_] : '\0'; }
  bool take(char token);
  bool fail(std::string_view why);
  std::size_t token_end(const std::uint32_t* token) const;
  bool take_key();
  bool fail_at_key();
  std::optional<std::string_view> unescaped_key();
  bool take_scalar();
  bool skip_container();
  bool after_value(std::uint64_t* objects, std::size_t& depth);

  std::string_view text_;
  const std::uint32_t* next_;
  const std::uint32_t* end_;
  bool fresh_ = false;  // a container was just entered: no comma is due
  std::size_t end_of_last_ = 0;
  std::size_t key_begin_ = 0;
  std::size_t key_end_ = 0;
  std::size_t cut_begin_ = 0;
  bool first_member_ = false;
  std::string key_;  // an unescaped key
  std::optional<Broken> broken_;
};

}  // namespace sluice::json
