// Tools and tool choice: write_tools() of write.h.
#include <algorithm>
#include <unordered_set>

#include "dialect/anthropic/write.h"
#include "dialect/tool_schema.h"
#include "json/reader.h"

namespace sluice::dialect::anthropic {

namespace {

using chat::Field;
using chat::Tool;
using chat::ToolChoice;
using chat::ToolKind;
using json::Escaped;

bool names_type(std::string_view schema) {
  json::Reader reader;
  auto cursor = reader.scan_copy(schema);
  if (!cursor) return true;
  bool found = false;
  json::each_member(*cursor, [&](std::string_view key) { found = found || key == "type"; });
  return found;
}

// The API wants the root to say that it is an object.
void write_schema(std::string_view schema, json::Writer& json) {
  const auto inside = schema.find_first_not_of(" \t\r\n", 1);
  if (schema.empty() || inside == std::string_view::npos || schema[inside] == '}') {
    json.raw(kNoArguments);
  } else if (names_type(schema)) {
    json.raw(schema);
  } else {
    json.raw(R"({"type":"object",)" + std::string(schema.substr(inside)));
  }
}

class ToolsWriter {
 public:
  ToolsWriter(Sending& sending, json::Writer& json)
      : sending_(sending), choice_(sending.request.tool_choice), json_(json) {}

  void write(const Conversation& conversation) {
    const std::vector<Tool>& all = sending_.request.tools;
    const std::vector<Tool> tools =
        choice_.mode == ToolChoice::Mode::kSubset ? chat::tools_named(all, choice_.names) : all;
    if (tools.empty()) return write_called(conversation);
    json_.key("tools").begin_array();
    for (const Tool& tool : tools) write_tool(tool);
    json_.end_array();
    write_choice();
  }

 private:
  void write_tool(const Tool& tool) {
    if (tool.kind == ToolKind::kServer) {
      return sending_.refuse(sending_.path(Field::kTools), "with a tool that another provider runs is not supported");
    }
    json_.begin_object().key("name").text(tool.name);
    if (!tool.description.empty()) json_.key("description").text(tool.description);
    json_.key("input_schema");
    if (tool.kind == ToolKind::kCustom) {
      sending_.lose("tool.format");
      json_.raw(kFreeText);
    } else {
      write_schema(tool.schema, json_);
    }
    if (tool.strict.value_or(false)) {
      if (sending_.model.strict_tools) {
        json_.key("strict").boolean(true);
      } else {
        sending_.lose("tool.strict");
      }
    }
    if (tool.cache != chat::CacheMark::kNone) {
      json_.key("cache_control").begin_object().key("type").text(std::string_view("ephemeral"));
      if (tool.cache == chat::CacheMark::kLong) json_.key("ttl").text(std::string_view("1h"));
      json_.end_object();
    }
    json_.end_object();
  }

  void write_choice() {
    using Mode = ToolChoice::Mode;
    const bool single = sending_.request.parallel_calls && !*sending_.request.parallel_calls;
    if (choice_.mode == Mode::kUnset && !single) return;
    const bool forced = choice_.mode == Mode::kAny || (choice_.mode == Mode::kSubset && choice_.subset_required);
    json_.key("tool_choice").begin_object().key("type");
    json_.text(std::string_view(forced                         ? "any"
                                : choice_.mode == Mode::kNamed ? "tool"
                                : choice_.mode == Mode::kNone  ? "none"
                                                               : "auto"));
    if (choice_.mode == Mode::kNamed && !choice_.names.empty()) json_.key("name").text(choice_.names.front());
    if (single && choice_.mode != Mode::kNone) json_.key("disable_parallel_tool_use").boolean(true);
    json_.end_object();
  }

  // Calls in the messages want tools: those that were called are declared, and may not be called again.
  void write_called(const Conversation& conversation) {
    std::vector<Escaped> names;
    std::unordered_set<std::string_view> seen;
    for (const Message& message : conversation.messages) {
      for (const chat::Part* part : message.parts) {
        if (part->kind == chat::PartKind::kCall && seen.insert(part->name.raw).second) names.push_back(part->name);
      }
    }
    if (names.empty()) return;
    json_.key("tools").begin_array();
    for (Escaped name : names) {
      json_.begin_object().key("name").text(name).key("input_schema").raw(R"({"type":"object"})").end_object();
    }
    json_.end_array();
    json_.key("tool_choice").begin_object().key("type").text(std::string_view("none")).end_object();
  }

  Sending& sending_;
  const ToolChoice& choice_;
  json::Writer& json_;
};

}  // namespace

void write_tools(Sending& sending, const Conversation& conversation, json::Writer& json) {
  ToolsWriter(sending, json).write(conversation);
}

}  // namespace sluice::dialect::anthropic
