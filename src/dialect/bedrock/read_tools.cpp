// read_tool_config() of request.h.
#include "dialect/bedrock/request.h"

namespace sluice::dialect::bedrock {

namespace {

using chat::Field;
using chat::Tool;
using json::Escaped;
using Mode = chat::ToolChoice::Mode;

void read_spec(Asking& ask, const std::string& path, Tool& tool) {
  ask.members(path, [&](const std::string& name) {
    const std::string inner = path + "." + name;
    if (name == "name") {
      tool.name = ask.in.string(inner).value_or(Escaped{});
    } else if (name == "description") {
      tool.description = ask.in.string(inner).value_or(Escaped{});
    } else if (name == "strict") {
      tool.strict = ask.in.boolean(inner);
    } else if (name == "inputSchema") {
      ask.member_of(inner, [&](const std::string& form) {
        if (form == "json") tool.schema = ask.in.object(inner + ".json");
      });
    } else {
      ask.take_other({}, inner);
    }
  });
  if (ask.in.ok() && tool.name.empty()) ask.in.miss(path + ".name");
}

void read_tool(Asking& ask, const std::string& path) {
  const std::size_t begin = ask.cursor().offset();
  Tool tool;
  bool is_mark = false;
  ask.member_of(path, [&](const std::string& name) {
    const std::string inner = path + "." + name;
    if (name == "toolSpec") return read_spec(ask, inner, tool);
    is_mark = name == "cachePoint";
    if (is_mark) {
      const auto mark = read_cache_point(ask, inner);
      if (!ask.request.tools.empty()) ask.request.tools.back().cache = mark;
      return;
    }
    ask.in.any();
    tool.kind = chat::ToolKind::kServer;
  });
  if (is_mark || !ask.in.ok()) return;
  if (tool.kind == chat::ToolKind::kServer) tool.raw = ask.since(begin);
  ask.request.tools.push_back(std::move(tool));
}

void read_choice(Asking& ask, const std::string& path) {
  chat::ToolChoice& choice = ask.request.tool_choice;
  ask.member_of(path, [&](const std::string& name) {
    const std::string inner = path + "." + name;
    if (name == "auto") choice.mode = Mode::kAuto;
    if (name == "any") choice.mode = Mode::kAny;
    if (name != "tool") return;
    choice.mode = Mode::kNamed;
    ask.members(inner, [&](const std::string& member) {
      if (member == "name") choice.names = {ask.in.string(inner + ".name").value_or(Escaped{})};
    });
    if (ask.in.ok() && choice.names.empty()) ask.in.miss(inner + ".name");
  });
  if (ask.in.ok() && choice.mode == Mode::kUnset) ask.in.refuse(path, "must hold auto, any or tool.");
  ask.request.give(Field::kToolChoice, "toolConfig.toolChoice");
}

}  // namespace

void read_tool_config(Asking& ask, const std::string& path) {
  ask.members(path, [&](const std::string& name) {
    const std::string inner = path + "." + name;
    if (name == "tools") {
      ask.request.give(Field::kTools, "toolConfig.tools");
      ask.elements(inner, [&](std::size_t, const std::string& tool) { read_tool(ask, tool); });
    } else if (name == "toolChoice") {
      read_choice(ask, inner);
    } else {
      ask.take_other({}, inner);
    }
  });
}

}  // namespace sluice::dialect::bedrock
