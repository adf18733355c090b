// Schemas of tools that providers want otherwise than the client's API has them.
//
// Thread rule: pure. Lifetime: results are views of the schema or kept in `texts`.
#pragma once

#include <string_view>

#include "chat/texts.h"
#include "json/escaped.h"
#include "json/reader.h"

namespace sluice::dialect {

inline constexpr std::string_view kNoArguments = R"({"type":"object","properties":{}})";
// A custom tool's free text as the one argument of a function.
inline constexpr std::string_view kFreeText =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})";

// The arguments of a function that stands for a custom tool.
inline std::string free_text_arguments(json::Escaped text) {
  return R"({"input":")" + std::string(text.raw) + "\"}";
}

// The schema of a function's arguments for OpenAI's APIs, which refuse an object that does not list its properties.
inline std::string_view listing_properties(std::string_view schema, json::Reader& reader, chat::Texts& texts) {
  if (schema.empty()) return kNoArguments;
  auto cursor = reader.scan_copy(schema);
  if (!cursor) return schema;
  bool is_object = false, lists = false;
  json::each_member(*cursor, [&](std::string_view key) {
    if (key == "properties") lists = true;
    if (key == "type") is_object = json::take_string(*cursor).value_or(json::Escaped{}).raw == "object";
  });
  const auto end = schema.rfind('}');
  if (!is_object || lists || end == std::string_view::npos) return schema;
  return texts.keep(std::string(schema.substr(0, end)) + R"(,"properties":{}})");
}

}  // namespace sluice::dialect
