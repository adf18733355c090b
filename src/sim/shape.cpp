#include "sim/shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "json/text.h"

namespace sluice::sim {

namespace {

std::string_view name_of(json::Kind kind) {
  switch (kind) {
    case json::Kind::kObject:
      return "an object";
    case json::Kind::kArray:
      return "an array";
    case json::Kind::kString:
      return "a string";
    case json::Kind::kNumber:
      return "a number";
    case json::Kind::kTrue:
    case json::Kind::kFalse:
      return "a boolean";
    case json::Kind::kNull:
      return "null";
    case json::Kind::kNone:
      return "nothing";
  }
  return "nothing";
}

std::string_view expected_of(const Shape& shape) {
  if (!shape.expected.empty()) return shape.expected;
  switch (shape.type) {
    case Type::kString:
      return "a string";
    case Type::kInteger:
      return "an integer";
    case Type::kNumber:
      return "a number";
    case Type::kBoolean:
      return "a boolean";
    case Type::kArray:
      return "an array";
    default:
      return "an object";
  }
}

bool takes(const Shape& shape, json::Kind kind) {
  if (shape.type == Type::kAny) return true;
  if (kind == json::Kind::kNull) return shape.null == Null::kAllowed;
  switch (shape.type) {
    case Type::kAny:
      break;
    case Type::kString:
      return kind == json::Kind::kString;
    case Type::kInteger:
    case Type::kNumber:
      return kind == json::Kind::kNumber;
    case Type::kBoolean:
      return kind == json::Kind::kTrue || kind == json::Kind::kFalse;
    case Type::kArray:
      return kind == json::Kind::kArray;
    case Type::kObject:
    case Type::kMap:
    case Type::kTagged:
      return kind == json::Kind::kObject;
    case Type::kUnion:
      return std::ranges::any_of(shape.choices, [&](const Shape* one) { return takes(*one, kind); });
  }
  return false;
}

Problem wrong_type(const Shape& shape, json::Kind kind) {
  auto after = fmt::format(": expected {}, but got {} instead.", expected_of(shape), name_of(kind));
  return {"Invalid type for ", "", std::move(after), "invalid_type"};
}

// Puts the name of the place a problem was found in before its path.
Problem inside(Problem problem, std::string_view outer) {
  std::string path(outer);
  if (!problem.path.empty() && problem.path.front() != '[') path += '.';
  problem.path = path + problem.path;
  return problem;
}

Problem wrong_size(std::string_view what, std::string_view unit, std::size_t size, const Shape& shape) {
  bool above = size > shape.max_size;
  auto after = fmt::format(": {} too {}. Expected {} with {} length {}, but got {} with length {} instead.", what,
                           above ? "long" : "short", unit, above ? "maximum" : "minimum",
                           above ? shape.max_size : shape.min_size, unit, size);
  if (size == 0) after = fmt::format(": empty {}. Expected {} with at least {} entries.", what, unit, shape.min_size);
  auto code = size == 0 ? fmt::format("empty_{}", what)
                        : fmt::format("{}_{}", what, above ? "above_max_length" : "below_min_length");
  return {"Invalid ", "", std::move(after), std::move(code)};
}

bool size_fits(std::size_t size, const Shape& shape) {
  return size >= shape.min_size && size <= shape.max_size;
}

std::optional<Problem> check_string(json::Cursor& cursor, const Shape& shape) {
  std::string_view raw = cursor.take_text();
  std::string_view text = raw;
  std::optional<std::string> plain;
  if (raw.contains('\\')) {
    plain = json::unescape(raw);
    if (!plain) return Problem{"We could not parse the JSON body of your request: a bad escape in ", "", ".", ""};
    text = *plain;
  }
  if (!size_fits(text.size(), shape)) return wrong_size("string", "a string", text.size(), shape);
  if (shape.names.empty() || std::ranges::find(shape.names, text) != shape.names.end()) return std::nullopt;
  return Problem{
      "Invalid value for ", "",
      fmt::format(": '{}'. Supported values are: '{}'.", text.substr(0, 200), fmt::join(shape.names, "', '")),
      "invalid_value"};
}

std::optional<Problem> check_number(json::Cursor& cursor, const Shape& shape) {
  std::string_view raw = cursor.skip();
  bool whole = raw.find_first_of(".eE") == std::string_view::npos;
  if (shape.type == Type::kInteger && !whole) {
    return Problem{"Invalid type for ", "", ": expected an integer, but got a decimal number instead.", "invalid_type"};
  }
  double value = 0;
  std::from_chars(raw.data(), raw.data() + raw.size(), value);  // out of range leaves 0: no limit to compare with
  if (value >= shape.min && value <= shape.max) return std::nullopt;
  bool above = value > shape.max;
  std::string_view kind = shape.type == Type::kInteger ? "integer" : "decimal";
  return Problem{"Invalid ", "",
                 fmt::format(": {} {} value. Expected a value {} {}, but got {} instead.", kind,
                             above ? "above maximum" : "below minimum",
                             above ? "<=" : ">=", above ? shape.max : shape.min, raw.substr(0, 50)),
                 fmt::format("{}_{}", kind, above ? "above_max_value" : "below_min_value")};
}

std::optional<Problem> check_array(json::Cursor& cursor, const Shape& shape) {
  cursor.enter_array();
  std::size_t count = 0;
  for (; cursor.next_element(); ++count) {
    if (auto problem = check(cursor, *shape.item)) return inside(std::move(*problem), fmt::format("[{}]", count));
  }
  if (!size_fits(count, shape) && !cursor.broken()) return wrong_size("array", "an array", count, shape);
  return std::nullopt;
}

std::optional<Problem> check_map(json::Cursor& cursor, const Shape& shape) {
  cursor.enter_object();
  std::size_t count = 0;
  while (auto key = cursor.next_key()) {
    ++count;
    std::string name(*key);
    if (auto problem = check(cursor, *shape.item)) return inside(std::move(*problem), name);
  }
  if (!size_fits(count, shape) && !cursor.broken()) return wrong_size("object", "an object", count, shape);
  return std::nullopt;
}

constexpr std::size_t kMostFields = 64;

std::optional<Problem> check_object(json::Cursor& cursor, const Shape& shape) {
  std::array<bool, kMostFields> seen{};
  cursor.enter_object();
  while (auto key = cursor.next_key()) {
    auto field = std::ranges::find(shape.fields, *key, &Field::name);
    if (field == shape.fields.end()) return Problem{"Unknown parameter: ", std::string(*key), ".", "unknown_parameter"};
    seen[static_cast<std::size_t>(field - shape.fields.begin())] = true;
    if (auto problem = check(cursor, *field->shape)) return inside(std::move(*problem), field->name);
  }
  if (cursor.broken()) return std::nullopt;
  for (std::size_t i = 0; i < shape.fields.size(); ++i) {
    if (shape.fields[i].need == Need::kRequired && !seen[i]) return missing(shape.fields[i].name);
  }
  return std::nullopt;
}

// The text of the tag of the object ahead; nothing when it has none. Works on a copy: the object stays ahead.
std::optional<std::string> tag_of(json::Cursor cursor, std::string_view tag) {
  cursor.enter_object();
  while (auto key = cursor.next_key()) {
    if (*key == tag) return cursor.kind() == json::Kind::kString ? json::unescape(cursor.take_text()) : std::string();
    cursor.skip();
  }
  return std::nullopt;
}

std::optional<Problem> check_tagged(json::Cursor& cursor, const Shape& shape) {
  auto tag = tag_of(cursor, shape.tag);
  if (!tag) return missing(shape.tag);
  auto variant = std::ranges::find(shape.variants, *tag, &Variant::tag);
  if (variant != shape.variants.end()) return check_object(cursor, *variant->shape);
  std::string known;
  for (const Variant& one : shape.variants) known += fmt::format("{}'{}'", known.empty() ? "" : ", ", one.tag);
  return Problem{"Invalid value for ", std::string(shape.tag),
                 fmt::format(": '{}'. Supported values are: {}.", tag->substr(0, 200), known), "invalid_value"};
}

}  // namespace

Problem missing(std::string_view path) {
  return {"Missing required parameter: ", std::string(path), ".", "missing_required_parameter"};
}

std::optional<Problem> check(json::Cursor& cursor, const Shape& shape) {
  json::Kind kind = cursor.kind();
  if (kind == json::Kind::kNone) {
    cursor.skip();  // notes what is broken
    return std::nullopt;
  }
  if (!takes(shape, kind)) return wrong_type(shape, kind);
  if (kind == json::Kind::kNull || shape.type == Type::kAny || shape.type == Type::kBoolean) {
    cursor.skip();
    return std::nullopt;
  }
  switch (shape.type) {
    case Type::kString:
      return check_string(cursor, shape);
    case Type::kInteger:
    case Type::kNumber:
      return check_number(cursor, shape);
    case Type::kArray:
      return check_array(cursor, shape);
    case Type::kMap:
      return check_map(cursor, shape);
    case Type::kObject:
      return check_object(cursor, shape);
    case Type::kTagged:
      return check_tagged(cursor, shape);
    default:
      break;
  }
  auto one = std::ranges::find_if(shape.choices, [&](const Shape* choice) { return takes(*choice, kind); });
  return check(cursor, **one);
}

}  // namespace sluice::sim
