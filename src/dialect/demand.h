// What a request can use at most, as far as its body tells: how long its input can be, and how much it asks for.
//
// The bound of text is its bytes: no tokenizer makes more tokens than bytes, and what JSON adds around texts is more
// than what APIs add around messages. Images and audio are counted apart, by what they are and only where an API takes
// them. What is kept elsewhere (files, earlier items, tools that run at the provider) and what is packed (documents,
// video) has no bound but the model's window.
//
// Thread rule: pure. A walk takes time in proportion to the body: bodies beyond json::kLoopLimit belong on a worker.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/asked.h"
#include "dialect/endpoint.h"

namespace sluice::dialect {

// What a request says of the terms it is served on: words, plain and in lower case.
struct AskedTerms {
  std::vector<std::string> tiers;   // "priority"; "null" as well
  std::vector<std::string> speeds;  // "fast"
  std::vector<std::string> places;  // "us"
};

// Where a body limits the answer. Nothing: with what is no number, null for one.
struct OutputLimit {
  std::string member;
  Range value;
  std::optional<std::uint64_t> tokens;
};

struct Demand {
  bool readable = false;         // a JSON body: what follows is told
  std::uint64_t text_bytes = 0;  // without images and audio
  std::uint64_t images = 0;
  std::uint64_t audio_bytes = 0;  // as base64
  bool has_window_only = false;   // something whose only bound is the model's window
  bool has_tools = false;
  std::uint64_t searches = 0;               // so often it may search the web
  std::uint64_t file_searches = 0;          // and files that the provider keeps, where it charges that
  std::uint64_t tool_calls = 0;             // and so often use other tools there that are charged
  bool marks_cache = false;                 // asks for writes to a cache
  bool marks_cache_1h = false;              // that last an hour
  std::uint64_t documents = 0;              // strings: at least as many as a reranker gets documents
  std::uint64_t answers = 1;                // to all of its prompts
  std::uint64_t thinking = 0;               // tokens of it: an answer must be allowed to have more
  std::optional<std::uint64_t> max_output;  // tokens of an answer: the most that any member asks for

  AskedTerms terms;

  // Where the body says so, and where the object is that would.
  std::vector<OutputLimit> limits;
  std::optional<std::size_t> config_begin;  // behind its brace
  bool config_empty = false;
  std::optional<Range> config_null;  // null in its place
};

// `body` is an object and was proven to be JSON (read_asked).
Demand read_demand(std::string_view body);

// Tokens of an answer, as asked for in the words of the endpoint's API. Nothing: it asks for no end.
std::optional<std::uint64_t> max_output_of(const Endpoint& endpoint, const Demand& demand);

// The body with no more than so many tokens asked for in each answer. Nothing: the endpoint has no place for that.
std::optional<std::string> with_max_output(const Endpoint& endpoint, std::string_view body, const Demand& demand,
                                           std::uint64_t tokens);

}  // namespace sluice::dialect
