#include "dialect/gemini/schema.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialect/gemini/fields.h"
#include "json/escaped.h"
#include "json/writer.h"

namespace sluice::dialect::gemini {

namespace {

constexpr std::array<std::string_view, 6> kCounts{"maxItems",  "minItems",      "maxLength",
                                                  "minLength", "maxProperties", "minProperties"};

// Deeper schemas are copied as they are: the API takes none, and each level is looked through twice.
constexpr int kMostDepth = 64;

void write_schema(json::Cursor& cursor, std::string& out, int depth);

// A member's key as it was written.
void begin_member(std::string& out, std::string_view key) {
  if (out.back() != '{') out += ',';
  append_json_string(out, key);
  out += ':';
}

void write_properties(json::Cursor& cursor, std::string& out, int depth) {
  out += '{';
  json::each_member(cursor, [&](std::string_view name) {
    begin_member(out, name);
    write_schema(cursor, out, depth);
  });
  out += '}';
}

void write_any_of(json::Cursor& cursor, std::string& out, int depth) {
  out += '[';
  json::each_element(cursor, [&](std::size_t index) {
    if (index > 0) out += ',';
    write_schema(cursor, out, depth);
  });
  out += ']';
}

// Whether the schema ahead is nullable; the cursor is a copy.
bool is_nullable(json::Cursor cursor) {
  bool nullable = false;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "nullable") nullable = cursor.kind() == json::Kind::kTrue;
  });
  return nullable;
}

void write_type(json::Cursor& cursor, std::string& out, bool nullable) {
  const std::string_view raw = cursor.skip();
  const std::string type = lower(raw);
  if (type == "\"type_unspecified\"") return;
  begin_member(out, "type");
  const bool one = nullable && type.starts_with('"') && type != "\"null\"";
  if (one) out += '[';
  out += type;
  if (one) out += ",\"null\"]";
}

// A list with one more value where null is allowed too.
void add_null(std::string& out, std::string_view null, bool nullable) {
  if (!nullable || out.back() != ']') return;
  out.pop_back();
  if (out.back() != '[') out += ',';
  out += null;
  out += ']';
}

struct Level {
  int depth = 0;
  bool nullable = false;
};

void write_member(const std::string& key, json::Cursor& cursor, std::string& out, Level level) {
  const auto [depth, nullable] = level;
  if (key == "nullable" || key == "propertyOrdering") {
    cursor.skip();
  } else if (key == "type") {
    write_type(cursor, out, nullable);
  } else if (key == "properties") {
    begin_member(out, key);
    write_properties(cursor, out, depth + 1);
  } else if (key == "anyOf") {
    begin_member(out, key);
    write_any_of(cursor, out, depth + 1);
    add_null(out, R"({"type":"null"})", nullable);
  } else if (key == "items") {
    begin_member(out, key);
    write_schema(cursor, out, depth + 1);
  } else if (key == "example") {
    begin_member(out, "examples");
    out += '[';
    out += compact(cursor.skip());
    out += ']';
  } else if (key == "enum") {
    begin_member(out, key);
    out += compact(cursor.skip());
    add_null(out, "null", nullable);
  } else if (std::ranges::find(kCounts, key) != kCounts.end()) {
    std::string_view count = cursor.skip();  // 64-bit integers come as strings
    if (count.size() > 2 && count.starts_with('"')) count = count.substr(1, count.size() - 2);
    if (!to_number<double>(count)) return;
    begin_member(out, key);
    out += count;
  } else {
    const std::string_view value = cursor.skip();
    if (key == "format" && value == "\"enum\"") return;
    begin_member(out, key);
    out += compact(value);
  }
}

void write_schema(json::Cursor& cursor, std::string& out, int depth) {
  if (cursor.kind() != json::Kind::kObject || depth > kMostDepth) {
    out += compact(cursor.skip());
    return;
  }
  const Level level{.depth = depth, .nullable = is_nullable(cursor)};
  out += '{';
  json::each_member(cursor, [&](std::string_view name) {
    // "$defs" and the like stand as they are.
    const std::string key = name.starts_with('$') ? std::string(name) : camel(name);
    write_member(key, cursor, out, level);
  });
  out += '}';
}

}  // namespace

std::string to_json_schema(json::Cursor& cursor) {
  std::string out;
  write_schema(cursor, out, 0);
  return out;
}

std::string compact(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  bool in_string = false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (in_string && c == '\\' && i + 1 < value.size()) {
      out += c;
      out += value[++i];
      continue;
    }
    if (c == '"') in_string = !in_string;
    if (in_string || (c != ' ' && c != '\t' && c != '\r' && c != '\n')) out += c;
  }
  return out;
}

}  // namespace sluice::dialect::gemini
