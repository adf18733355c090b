// write_tools() of write.h.
#include <algorithm>

#include "dialect/bedrock/write.h"
#include "dialect/tool_schema.h"

namespace sluice::dialect::bedrock {

namespace {

using chat::Escaped;
using chat::Field;
using chat::Part;
using chat::PartKind;
using chat::Tool;
using chat::ToolKind;
using Mode = chat::ToolChoice::Mode;

void write_spec(Sending& sending, const Tool& tool, json::Writer& json) {
  json.begin_object().key("toolSpec").begin_object().key("name").text(tool.name);
  if (!tool.description.empty()) json.key("description").text(tool.description);
  std::string_view schema = tool.schema.empty() ? kNoArguments : tool.schema;
  if (tool.kind == ToolKind::kCustom) {
    sending.lose("tool.format");
    schema = kFreeText;
  }
  json.key("inputSchema").begin_object().key("json").raw(schema).end_object();
  if (tool.strict) json.key("strict").boolean(*tool.strict);
  json.end_object().end_object();
}

void write_tool(Sending& sending, const Tool& tool, json::Writer& json) {
  if (tool.kind != ToolKind::kServer) {
    write_spec(sending, tool, json);
  } else if (sending.own) {
    json.raw(tool.raw);
  } else {
    sending.refuse(sending.path(Field::kTools), "with a tool that another provider runs is not supported");
  }
  write_cache_point(tool.cache, json);
}

// Tools that were called and are not there any more, in the order of their calls: the API asks for some.
std::vector<Escaped> called_names(const chat::Request& request) {
  std::vector<Escaped> names;
  for (const chat::Turn& turn : request.turns) {
    for (const Part& part : turn.parts) {
      const bool named = (part.kind == PartKind::kCall || part.kind == PartKind::kResult) && !part.name.empty();
      if (named && std::ranges::find(names, part.name) == names.end()) names.push_back(part.name);
    }
  }
  return names;
}

bool is_forced(const chat::ToolChoice& choice) {
  return choice.mode == Mode::kAny || choice.mode == Mode::kNamed ||
         (choice.mode == Mode::kSubset && choice.subset_required);
}

void write_choice(Sending& sending, json::Writer& json) {
  const chat::ToolChoice& choice = sending.request.tool_choice;
  if (is_forced(choice) && !sending.own) {
    const std::string path = sending.path(Field::kToolChoice);
    if (!sending.model.forced_tools) return sending.refuse(path, "that demands a call is not supported");
    if (sending.thinks_by_budget) return sending.refuse(path, "that demands a call, with reasoning, is not supported");
  }
  if (choice.mode == Mode::kUnset || choice.mode == Mode::kNone) return;
  json.key("toolChoice").begin_object();
  if (choice.mode == Mode::kNamed && !choice.names.empty()) {
    json.key("tool").begin_object().key("name").text(choice.names.front()).end_object();
  } else {
    json.key(is_forced(choice) ? "any" : "auto").begin_object().end_object();
  }
  json.end_object();
}

}  // namespace

void write_cache_point(chat::CacheMark mark, json::Writer& json) {
  if (mark == chat::CacheMark::kNone) return;
  json.begin_object().key("cachePoint").begin_object().key("type").text("default");
  if (mark == chat::CacheMark::kLong) json.key("ttl").text("1h");
  json.end_object().end_object();
}

bool has_tool_blocks(const chat::Request& request) {
  return std::ranges::any_of(request.turns, [](const chat::Turn& turn) {
    return std::ranges::any_of(
        turn.parts, [](const Part& part) { return part.kind == PartKind::kCall || part.kind == PartKind::kResult; });
  });
}

void write_tools(Sending& sending, json::Writer& json) {
  chat::Request& request = sending.request;
  const chat::ToolChoice& choice = request.tool_choice;
  const bool needed = has_tool_blocks(request);
  if (choice.mode == Mode::kNone) {
    if (!needed) return;  // the API has no word for it, but without tools there are no calls
    sending.lose(sending.path(Field::kToolChoice));
  }
  std::vector<Tool> tools =
      choice.mode == Mode::kSubset ? chat::tools_named(request.tools, choice.names) : request.tools;
  if (tools.empty() && choice.mode == Mode::kSubset) {
    return sending.refuse(sending.path(Field::kToolChoice), "that allows none of the tools is not supported");
  }
  if (tools.empty() && needed) {
    for (const Escaped name : called_names(request)) tools.push_back({.kind = ToolKind::kFunction, .name = name});
  }
  if (tools.empty()) return;
  json.key("toolConfig").begin_object().key("tools").begin_array();
  for (const Tool& tool : tools) write_tool(sending, tool, json);
  json.end_array();
  write_choice(sending, json);
  json.end_object();
}

}  // namespace sluice::dialect::bedrock
