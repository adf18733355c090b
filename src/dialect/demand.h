// What a request can use at most, as far as its body tells: how long its input can be, and how much it asks for.
//
// The bound of text is its bytes: no tokenizer makes more tokens than bytes, and what JSON adds around texts is more
// than what APIs add around messages. Images and audio are counted apart, by what they are and only where an API takes
// them. What is kept elsewhere (files, documents, tools that run at the provider) has no bound but the model's window.
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

struct Demand {
  bool readable = false;         // a JSON body: what follows is told
  std::uint64_t text_bytes = 0;  // without images and audio
  std::uint64_t images = 0;
  std::uint64_t audio_bytes = 0;  // as base64
  bool has_window_only = false;   // something whose only bound is the model's window
  bool has_tools = false;
  bool searches = false;        // it may search the web
  bool marks_cache = false;     // asks for writes to a cache
  bool marks_cache_1h = false;  // that last an hour
  std::uint64_t documents = 0;  // strings: at least as many as a reranker gets documents
  std::uint64_t answers = 1;
  std::uint64_t thinking = 0;               // tokens of it: an answer must be allowed to have more
  std::optional<std::uint64_t> max_output;  // tokens of an answer, as asked for

  // Where the body says so, and where the object is that would.
  std::vector<Range> max_output_values;
  std::optional<std::size_t> config_begin;  // behind its brace
  bool config_empty = false;
};

// `body` is an object and was proven to be JSON (read_asked).
Demand read_demand(std::string_view body);

// The body with no more than so many tokens asked for. Nothing: the endpoint has no place for that.
std::optional<std::string> with_max_output(const Endpoint& endpoint, std::string_view body, const Demand& demand,
                                           std::uint64_t tokens);

}  // namespace sluice::dialect
