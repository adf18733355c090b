// What streamed and whole chat/completions answers have in common.
//
// Thread rule: pure functions, and values of one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chat/cited.h"
#include "chat/seal.h"
#include "chat/usage.h"
#include "dialect/dialect.h"
#include "json/writer.h"

namespace sluice::dialect::openai {

// The answer's id: the provider's own, or one of ours.
std::string answer_id(const WriteOptions& options, const chat::Learned& learned);
std::string_view answer_model(const WriteOptions& options, const chat::Learned& learned);
std::int64_t answer_created(const WriteOptions& options, const chat::Learned& learned);

// Whether the client asked with `functions`, the older form of tools.
bool asked_functions(const WriteOptions& options);
// Whether the client's tool of this name is a custom one.
bool asked_custom(const WriteOptions& options, json::Escaped name);
// The input of a custom tool that the provider knows as a function with one argument, "input"; the inside of a JSON
// string both.
std::string unwrapped(std::string_view arguments);

// The value of `usage`.
void write_usage(const chat::Usage& usage, json::Writer& json);
// A value on one line: an event's data must have no line ends.
std::string on_one_line(std::string_view value);

// One element of `annotations`; `range` is what the source is of.
void write_annotation(const chat::Citation& citation, chat::Range range, json::Writer& json);

// An element of `images`, as OpenRouter has them.
void write_image(const chat::Media& media, json::Writer& json);
// The value of `audio`.
void write_audio(const chat::Media& media, const WriteOptions& options, std::int64_t created, json::Writer& json);

// What is carried for the provider, in the order it came.
class Carried {
 public:
  explicit Carried(std::string_view origin) : origin_(origin) {}

  // `after` is how many characters of the text came before it.
  void add(const chat::State& state, json::Escaped id, json::Escaped text, std::uint64_t after);
  // Takes what has come so far into the id of a call.
  std::string into_id(json::Escaped id, bool made_up, const chat::State& state);
  bool empty() const { return entries_.empty(); }
  // The value of `reasoning_details`: one object for reasoning, one for each state that belongs to a text.
  void write_details(json::Writer& json);

 private:
  std::string_view origin_;
  std::vector<chat::SealedEntry> entries_;
};

}  // namespace sluice::dialect::openai
