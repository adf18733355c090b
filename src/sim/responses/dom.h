// Looking into a parsed body, leniently: what is missing or of a wrong type reads as empty.
//
// Thread rule: pure. Lifetime: views and pointers into what was given.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string_view>

namespace sluice::sim::dom {

using boost::json::array;
using boost::json::object;
using boost::json::value;

// Null counts as missing: the provider takes a null for "not said".
inline const value* find(const object& in, std::string_view key) {
  const value* found = in.if_contains(key);
  return found && !found->is_null() ? found : nullptr;
}

inline std::string_view text(const value* value) {
  return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}
inline std::string_view text(const object& in, std::string_view key) {
  return text(find(in, key));
}

inline bool is_true(const object& in, std::string_view key) {
  const value* found = find(in, key);
  return found && found->is_bool() && found->get_bool();
}

inline const object& inner(const object& in, std::string_view key) {
  static const object kNone;
  const value* found = find(in, key);
  return found && found->is_object() ? found->get_object() : kNone;
}

inline const array& list(const object& in, std::string_view key) {
  static const array kNone;
  const value* found = find(in, key);
  return found && found->is_array() ? found->get_array() : kNone;
}

// Nothing when it is no JSON; as deep as the simulator's own reader goes.
inline std::optional<value> parse(std::string_view json) {
  boost::json::error_code error;
  boost::json::parse_options options;
  options.max_depth = 1024;
  value parsed = boost::json::parse(json, error, {}, options);
  if (error) return std::nullopt;
  return parsed;
}

}  // namespace sluice::sim::dom
