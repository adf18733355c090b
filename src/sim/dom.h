// Parsing JSON as deep as requests may be, and looking into it leniently: what is missing or of another type reads as
// "not there".
//
// Thread rule: pure. Lifetime: what is returned points into what is looked into.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "json/cursor.h"

namespace sluice::sim {

// Null, and the error says why, when it is no JSON.
inline boost::json::value parsed(std::string_view text, boost::system::error_code& error) {
  return boost::json::parse(text, error, {}, {.max_depth = json::kMaxDepth});
}
inline std::optional<boost::json::value> parsed(std::string_view text) {
  boost::system::error_code error;
  auto value = parsed(text, error);
  return error ? std::nullopt : std::optional(std::move(value));
}

// What is there and not null: some providers take a null for "not said".
inline const boost::json::value* find_in(const boost::json::object& of, std::string_view key) {
  const auto* found = of.if_contains(key);
  return found && !found->is_null() ? found : nullptr;
}

inline std::string_view text_of(const boost::json::value* value) {
  const auto* text = value ? value->if_string() : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}
inline std::string_view text_in(const boost::json::object& of, std::string_view key) {
  return text_of(of.if_contains(key));
}

inline bool flag_in(const boost::json::object& of, std::string_view key) {
  const auto* found = of.if_contains(key);
  return found && found->is_bool() && found->get_bool();
}

inline const boost::json::value* number_in(const boost::json::object& of, std::string_view key) {
  const auto* found = of.if_contains(key);
  return found && found->is_number() ? found : nullptr;
}

// 0: it is not there, or no integer.
inline std::int64_t integer_in(const boost::json::object& of, std::string_view key) {
  const auto* found = of.if_contains(key);
  return found && found->is_int64() ? found->get_int64() : 0;
}

// An object, and one without members where there is none.
inline const boost::json::object* object_in(const boost::json::object& of, std::string_view key) {
  const auto* found = of.if_contains(key);
  return found ? found->if_object() : nullptr;
}
inline const boost::json::object& as_object(const boost::json::value& value) {
  static const boost::json::object kNone;
  const auto* object = value.if_object();
  return object ? *object : kNone;
}
inline const boost::json::object& inner_in(const boost::json::object& of, std::string_view key) {
  static const boost::json::object kNone;
  const auto* found = object_in(of, key);
  return found ? *found : kNone;
}

// An array, and one without items where there is none.
inline const boost::json::array* array_in(const boost::json::object& of, std::string_view key) {
  const auto* found = of.if_contains(key);
  return found ? found->if_array() : nullptr;
}
inline const boost::json::array& list_in(const boost::json::object& of, std::string_view key) {
  static const boost::json::array kNone;
  const auto* found = array_in(of, key);
  return found ? *found : kNone;
}

}  // namespace sluice::sim
