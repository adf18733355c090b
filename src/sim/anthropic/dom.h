// Looks into parsed JSON leniently: a wrong type reads as "not there".
//
// Thread rule: pure. Lifetime: results point into the value that is read.
#pragma once

#include <boost/json.hpp>
#include <string_view>

namespace sluice::sim::anthropic {

inline std::string_view text_of(const boost::json::value* value) {
  const boost::json::string* text = value ? value->if_string() : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}
inline std::string_view text_in(const boost::json::object& object, std::string_view key) {
  return text_of(object.if_contains(key));
}
inline const boost::json::object* object_in(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value ? value->if_object() : nullptr;
}
inline const boost::json::array* array_in(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value ? value->if_array() : nullptr;
}
inline bool is_true(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value && value->is_bool() && value->get_bool();
}
// There, and not null.
inline bool has(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value && !value->is_null();
}

}  // namespace sluice::sim::anthropic
