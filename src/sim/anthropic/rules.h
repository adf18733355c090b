// What the Messages API refuses although every field by itself is right: rules between fields, turns, and the host, the
// version and the model they are for.
//
// A rule reads a body whose shape was found to be right. Thread rule: pure. Source: the documentation of the API and
// the words of its errors.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/anthropic/models.h"
#include "sim/ask.h"
#include "sim/shape.h"

namespace sluice::sim::anthropic {

// A request and what its rules depend on.
struct Asked {
  const Ask& ask;
  const boost::json::object& body;
  Model model;
  bool second_version = false;     // of 2026-10-21
  std::vector<std::string> betas;  // what was asked for besides

  const boost::json::array& messages() const { return body.at("messages").as_array(); }
  bool has_beta(std::string_view part_of_its_name) const;
  std::string_view thinking() const;  // its type; empty: not said
};
Asked asked_of(const Ask& ask);

// The first thing that is wrong.
std::optional<Problem> broken_rule(const Asked& asked);

// The groups it is made of.
std::optional<Problem> check_host(const Asked& asked);      // fields that depend on the host, the version, a beta
std::optional<Problem> check_sampling(const Asked& asked);  // limits, sampling, thinking, effort
std::optional<Problem> check_tools(const Asked& asked);
std::optional<Problem> check_schemas(const Asked& asked);
std::optional<Problem> check_cache(const Asked& asked);
std::optional<Problem> check_blocks(const Asked& asked);  // each by itself
std::optional<Problem> check_calls(const Asked& asked);   // calls and their results
std::optional<Problem> check_turns(const Asked& asked);   // roles, and how a conversation may end
std::optional<Problem> check_thoughts(const Asked& asked);

// Letters, digits, '_' and '-'.
bool is_plain_name(std::string_view name, std::size_t most);

}  // namespace sluice::sim::anthropic
