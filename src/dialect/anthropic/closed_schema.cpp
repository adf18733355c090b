#include "dialect/anthropic/closed_schema.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "json/escaped.h"
#include "json/reader.h"

namespace sluice::dialect::anthropic {

namespace {

// Members that hold schemas by name, and members that hold one or a list of them.
constexpr std::array<std::string_view, 3> kMaps{"properties", "$defs", "definitions"};
constexpr std::array<std::string_view, 4> kInner{"items", "anyOf", "allOf", "oneOf"};
// Deeper schemas are copied as they are: the API takes none.
constexpr int kMostDepth = 64;

enum class Holds { kSchema, kMap };

void write_value(json::Cursor& cursor, std::string& out, Holds holds, int depth);

bool is_one_of(std::string_view key, std::span<const std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

void write_object(json::Cursor& cursor, std::string& out, Holds holds, int depth) {
  bool is_object = false;
  bool is_closed = false;
  bool first = true;
  out += '{';
  json::each_member(cursor, [&](std::string_view key) {
    if (!first) out += ',';
    first = false;
    const std::string name(key);
    append_json_string(out, name);
    out += ':';
    const bool is_map = holds == Holds::kSchema && is_one_of(name, kMaps);
    if (holds == Holds::kMap || is_map || is_one_of(name, kInner)) {
      is_object = is_object || (is_map && name == "properties");
      return write_value(cursor, out, is_map ? Holds::kMap : Holds::kSchema, depth + 1);
    }
    const std::string_view value = cursor.skip();
    is_object = is_object || (name == "type" && value.contains("\"object\""));
    is_closed = is_closed || name == "additionalProperties";
    out += value;
  });
  if (holds == Holds::kSchema && is_object && !is_closed) out += R"(,"additionalProperties":false)";
  out += '}';
}

void write_value(json::Cursor& cursor, std::string& out, Holds holds, int depth) {
  if (depth < kMostDepth && cursor.kind() == json::Kind::kObject) return write_object(cursor, out, holds, depth);
  if (depth >= kMostDepth || cursor.kind() != json::Kind::kArray) {
    out += cursor.skip();
    return;
  }
  out += '[';
  json::each_element(cursor, [&](std::size_t index) {
    if (index > 0) out += ',';
    write_value(cursor, out, holds, depth + 1);
  });
  out += ']';
}

}  // namespace

std::string closed_schema(std::string_view schema) {
  json::Reader reader;
  auto cursor = reader.scan_copy(schema);
  if (!cursor) return std::string(schema);
  std::string out;
  write_value(*cursor, out, Holds::kSchema, 0);
  return cursor->finish() ? out : std::string(schema);
}

}  // namespace sluice::dialect::anthropic
