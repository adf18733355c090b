// Calls of tools that run at the provider and are charged beside the tokens, as items of an answer tell them.
//
// Source: OpenAI's page on prices, "Built-in tools": searches of the web and of files by the call; containers (code
// interpreter, hosted shell) by their time and size and images by tokens of a model of their own, neither of which an
// item tells. What the client runs, MCP servers and the search for tools cost their tokens alone. Thread rule: plain
// values.
#pragma once

#include <cstdint>
#include <string_view>

#include "json/fwd.h"

namespace sluice::dialect::responses {

struct ToolCalls {
  std::uint64_t searches = 0;  // of the web
  std::uint64_t file_searches = 0;
  std::uint64_t others = 0;

  // `item`: of this type, as written.
  void count(std::string_view type, std::string_view item, json::Reader& reader);
};
ToolCalls most_of(const ToolCalls& one, const ToolCalls& other);  // of each

}  // namespace sluice::dialect::responses
