// Parsing JSON as deep as requests may be, and looking into it, leniently: what is not there or of another type reads
// as nothing.
//
// Thread rule: pure. Lifetime: what is returned points into the object.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string_view>

#include "json/cursor.h"

namespace sluice::sim {

inline std::optional<boost::json::value> parsed(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = json::kMaxDepth;
  boost::system::error_code error;
  auto value = boost::json::parse(text, error, {}, options);
  return error ? std::nullopt : std::optional(std::move(value));
}

inline std::string_view view_of(const boost::json::string& text) {
  return {text.data(), text.size()};
}

inline const boost::json::object* object_in(const boost::json::object& of, std::string_view key) {
  const auto* found = of.if_contains(key);
  return found ? found->if_object() : nullptr;
}

// An empty list when there is none.
inline const boost::json::array& list_in(const boost::json::object& of, std::string_view key) {
  static const boost::json::array kEmpty;
  const auto* found = of.if_contains(key);
  const auto* list = found ? found->if_array() : nullptr;
  return list ? *list : kEmpty;
}

// Empty when there is none.
inline std::string_view text_in(const boost::json::object& of, std::string_view key) {
  const auto* found = of.if_contains(key);
  const auto* text = found ? found->if_string() : nullptr;
  return text ? view_of(*text) : std::string_view();
}

inline bool flag_in(const boost::json::object& of, std::string_view key) {
  const auto* found = of.if_contains(key);
  const auto* flag = found ? found->if_bool() : nullptr;
  return flag && *flag;
}

// Null when there is none.
inline const boost::json::value* number_in(const boost::json::object& of, std::string_view key) {
  const auto* found = of.if_contains(key);
  return found && found->is_number() ? found : nullptr;
}

// An object that is an item of a list; an empty one when the item is none.
inline const boost::json::object& as_object(const boost::json::value& item) {
  static const boost::json::object kEmpty;
  const auto* object = item.if_object();
  return object ? *object : kEmpty;
}

}  // namespace sluice::sim
