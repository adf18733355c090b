#include "dialect/responses/web_search.h"

#include <algorithm>

#include "dialect/responses/members.h"

namespace sluice::dialect::responses {

namespace {

// Members of `object` but its type.
void write_members(json::Writer& json, std::string_view object, json::Reader& reader) {
  for (const auto& [key, value] : Members(object, reader)) {
    if (key != "type" && value != "null") copy_member(json, key, value);
  }
}

void write_location(json::Writer& json, std::string_view location, json::Reader& reader) {
  const std::string_view nested = Members(location, reader).value("approximate");
  json.begin_object();
  json.key("type").raw(R"("approximate")");
  write_members(json, nested.empty() ? location : nested, reader);
  json.end_object();
}

bool restricts(std::string_view key) {
  return key.find("omain") != std::string_view::npos;
}

bool is_own(std::string_view key) {
  return key == "search_context_size" || key == "filters" || key == "external_web_access" ||
         key == "search_content_types";
}

}  // namespace

std::string web_search_options(std::string_view tool, json::Reader& reader) {
  std::string out;
  json::Writer json(out);
  json.begin_object();
  for (const auto& [key, value] : Members(tool, reader)) {
    if (key == "type" || value == "null") continue;
    if (key != "user_location") {
      copy_member(json, key, value);
      continue;
    }
    json.key(key).begin_object();
    json.key("type").raw(R"("approximate")");
    json.key("approximate").begin_object();
    write_members(json, value, reader);
    json.end_object();
    json.end_object();
  }
  json.end_object();
  return out;
}

WebSearchTool web_search_tool(std::string_view options, json::Reader& reader) {
  WebSearchTool made;
  json::Writer json(made.tool);
  const Members members(options, reader);
  const bool preview = !members.value("search_content_types").empty();
  json.begin_object();
  json.key("type").raw(preview ? R"("web_search_preview")" : R"("web_search")");
  for (const auto& [key, value] : members) {
    if (value == "null" || key == "type" || key == "name") continue;
    if (is_own(key)) {
      json.key(key).raw(value);
    } else if (key == "user_location") {
      write_location(json.key(key), value, reader);
    } else if (key == "allowed_domains") {
      json.key("filters").begin_object();
      json.key(key).raw(value);
      json.end_object();
    } else if (restricts(key)) {
      made.refused = key;
    } else {
      made.dropped.push_back(key);
    }
  }
  json.end_object();
  return made;
}

}  // namespace sluice::dialect::responses
