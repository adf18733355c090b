// What one content block of a Converse request must be, beyond its shape.
//
// Thread rule: pure functions; a Seen belongs to one request. Source: the API reference and the messages the service is
// known to answer with.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "sim/shape.h"

namespace sluice::sim {

// What is counted over a whole request.
struct SeenBlocks {
  std::set<std::string> document_names;
  std::size_t documents = 0;
  std::size_t images = 0;
  std::size_t cache_points = 0;
  bool short_cache = false;  // a cache point of five minutes was seen: none of an hour may follow
  bool has_tool_blocks = false;
};

// A rule that is broken: the text around the path of what breaks it.
Problem broken_rule(std::string before, std::string path, std::string after);

// A value is not of its pattern, as the service says it.
Problem broken_pattern(const std::string& path, std::string_view value, std::string_view pattern);

// The block of a message; it fits its shape.
std::optional<Problem> check_block(const boost::json::object& block, const std::string& path, std::string_view role,
                                   SeenBlocks& seen);
std::optional<Problem> check_system_block(const boost::json::object& block, const std::string& path, SeenBlocks& seen);
std::optional<Problem> check_cache_point(const boost::json::object& point, const std::string& path, SeenBlocks& seen);

// Letters, digits, '_' and '-'.
bool is_tool_name(std::string_view name);

// An object without a member named "__type" at any depth: the service takes that word for its own.
bool is_document(const boost::json::value& value);

}  // namespace sluice::sim
