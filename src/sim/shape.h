// What a request may look like: shapes as constant tables, and the check of a JSON text against one.
//
// A Shape says which JSON values are right. check() walks a value once and tells the first thing that is wrong, in the
// provider's words.
//
// Thread rule: pure. Lifetime: tables are constants that live for ever.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "json/cursor.h"

namespace sluice::sim {

// A request the provider refuses with 400: `before` 'path' `after`.
struct Problem {
  std::string before;
  std::string path;  // "messages[0].content"; what an error's `param` says
  std::string after;
  std::string code;  // empty: null

  std::string message() const { return path.empty() ? before + after : before + "'" + path + "'" + after; }
};

struct Field;
struct Variant;

enum class Type { kAny, kString, kInteger, kNumber, kBoolean, kObject, kArray, kMap, kUnion, kTagged };
enum class Null { kRefused, kAllowed };

struct Shape {
  Type type = Type::kAny;
  Null null = Null::kRefused;
  double min = -std::numeric_limits<double>::infinity();  // of a number
  double max = std::numeric_limits<double>::infinity();
  std::size_t min_size = 0;  // bytes of a string, items of an array or a map
  std::size_t max_size = std::numeric_limits<std::size_t>::max();
  std::span<const std::string_view> names = {};  // a string is one of these
  std::span<const Field> fields = {};            // of an object
  const Shape* item = nullptr;                   // of an array or a map
  std::span<const Shape* const> choices = {};    // of a union: the first of the value's JSON type
  std::string_view tag = {};                     // of a tagged object: the field that names the variant
  std::span<const Variant> variants = {};
  std::string_view expected = {};  // "an array of objects", for the message
};

enum class Need { kOptional, kRequired };

struct Field {
  std::string_view name;
  const Shape* shape;
  Need need = Need::kOptional;
};

struct Variant {
  std::string_view tag;
  const Shape* shape;  // an object; its fields include the tag
};

// Checks the value ahead and consumes it. The cursor may be broken afterwards: that is for the caller to see.
std::optional<Problem> check(json::Cursor& cursor, const Shape& shape);

// A missing field, in the provider's words.
Problem missing(std::string_view path);

}  // namespace sluice::sim
