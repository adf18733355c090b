// Tools, thinking and the form of the output: read_tools() and others of request.h.
#include "dialect/anthropic/request.h"

namespace sluice::dialect::anthropic {

namespace {

using chat::Field;
using chat::ToolChoice;
using json::Escaped;

void read_tool(Ask& ask, const std::string& path) {
  chat::Tool tool;
  const std::size_t begin = ask.cursor().offset();
  const Escaped type = peek_type(ask.cursor());
  if (!type.empty() && type.raw != "custom") {
    tool.kind = chat::ToolKind::kServer;
    tool.name = type;
    ask.in.any();
    tool.raw = ask.since(begin);
    ask.request.tools.push_back(std::move(tool));
    return;
  }
  ask.each_member(path, [&](std::string_view key) {
    const std::string at_key = path + "." + std::string(key);
    if (key == "type") {
      ask.in.any();
    } else if (key == "name") {
      tool.name = ask.text(at_key);
    } else if (key == "description") {
      tool.description = ask.text(at_key);
    } else if (key == "input_schema") {
      tool.schema = ask.in.object(at_key);
    } else if (key == "strict") {
      tool.strict = ask.in.boolean(at_key);
    } else if (key == "cache_control") {
      tool.cache = read_cache(ask, at_key);
    } else if (ask.cursor().kind() == json::Kind::kFalse) {
      ask.in.any();  // defer_loading: false says nothing
    } else {
      ask.take_other("tools[]." + std::string(key), at_key);
    }
  });
  if (tool.name.empty()) ask.in.miss(path + ".name");
  if (tool.schema.empty()) ask.in.miss(path + ".input_schema");
  ask.request.tools.push_back(std::move(tool));
}

}  // namespace

void read_tools(Ask& ask) {
  ask.each_element("tools", [&](std::size_t index) { read_tool(ask, at("tools", index)); });
  if (!ask.request.tools.empty()) ask.request.give(Field::kTools, "tools");
}

void read_tool_choice(Ask& ask) {
  if (ask.in.is_null()) {
    ask.in.any();
    return;
  }
  ToolChoice& choice = ask.request.tool_choice;
  Escaped type;
  ask.each_member("tool_choice", [&](std::string_view key) {
    if (key == "type") {
      type = ask.text("tool_choice.type");
    } else if (key == "name") {
      choice.names = {ask.text("tool_choice.name")};
    } else if (key == "disable_parallel_tool_use") {
      if (const auto single = ask.in.boolean("tool_choice.disable_parallel_tool_use")) {
        ask.request.parallel_calls = !*single;
        ask.request.give(Field::kParallelCalls, "tool_choice.disable_parallel_tool_use");
      }
    } else {
      ask.take_other("tool_choice." + std::string(key), "tool_choice." + std::string(key));
    }
  });
  using Mode = ToolChoice::Mode;
  choice.mode = type.raw == "auto"   ? Mode::kAuto
                : type.raw == "any"  ? Mode::kAny
                : type.raw == "none" ? Mode::kNone
                : type.raw == "tool" ? Mode::kNamed
                                     : Mode::kUnset;
  if (choice.mode == Mode::kUnset) ask.in.refuse("tool_choice.type", "must be auto, any, tool or none.");
  if (choice.mode != Mode::kNamed) choice.names.clear();
  if (choice.mode == Mode::kNamed && (choice.names.empty() || choice.names.front().empty()))
    ask.in.miss("tool_choice.name");
  ask.request.give(Field::kToolChoice, "tool_choice");
}

void read_thinking(Ask& ask) {
  if (ask.in.is_null()) {
    ask.in.any();
    return;
  }
  chat::Reasoning& reasoning = ask.request.reasoning;
  Escaped type;
  ask.each_member("thinking", [&](std::string_view key) {
    if (key == "type") {
      type = ask.text("thinking.type");
    } else if (key == "budget_tokens") {
      reasoning.budget = ask.in.count("thinking.budget_tokens");
    } else if (key == "display") {
      const Escaped display = ask.text("thinking.display");
      if (display.raw == "summarized") reasoning.show = chat::Reasoning::Show::kSummary;
      if (display.raw == "omitted") reasoning.show = chat::Reasoning::Show::kHidden;
    } else {
      ask.take_other("thinking." + std::string(key), "thinking." + std::string(key));
    }
  });
  if (type.raw == "disabled") {
    reasoning.effort = chat::Effort::kOff;
    reasoning.budget.reset();
  } else if (type.raw == "adaptive" || type.raw == "between_tools") {
    reasoning.dynamic = true;
    reasoning.budget.reset();
  } else if (type.raw != "enabled") {
    ask.in.refuse("thinking.type", "must be enabled, adaptive, between_tools or disabled.");
  } else if (!reasoning.budget) {
    ask.in.miss("thinking.budget_tokens");
  }
  ask.request.give(Field::kReasoning, "thinking");
}

void read_format(Ask& ask, std::string_view path) {
  if (ask.in.is_null()) {
    ask.in.any();
    return;
  }
  chat::OutputFormat& format = ask.request.format;
  Escaped type;
  ask.each_member(path, [&](std::string_view key) {
    const std::string at_key = std::string(path) + "." + std::string(key);
    if (key == "type") {
      type = ask.text(at_key);
    } else if (key == "schema") {
      format.schema = ask.in.object(at_key);
    } else {
      ask.take_other(at_key, at_key);
    }
  });
  if (type.raw != "json_schema") return ask.in.refuse(std::string(path) + ".type", "must be json_schema.");
  if (format.schema.empty()) return ask.in.miss(std::string(path) + ".schema");
  format.kind = chat::OutputFormat::Kind::kSchema;
  ask.request.give(Field::kOutputFormat, path == "output_format" ? "output_format" : "output_config.format");
}

void read_output_config(Ask& ask) {
  ask.each_member("output_config", [&](std::string_view key) {
    if (key == "format") return read_format(ask, "output_config.format");
    if (key != "effort")
      return ask.take_other("output_config." + std::string(key), "output_config." + std::string(key));
    const Escaped word = ask.text("output_config.effort");
    if (word.empty()) return;
    const auto effort = chat::find_effort(word.raw);
    if (!effort || *effort < chat::Effort::kLow) {
      return ask.in.refuse("output_config.effort", "must be low, medium, high, xhigh or max.");
    }
    // Thinking that is turned off stays off, in whichever order the two stand.
    if (ask.request.reasoning.effort != chat::Effort::kOff) ask.request.reasoning.effort = *effort;
    if (!ask.request.has(Field::kReasoning)) ask.request.give(Field::kReasoning, "output_config.effort");
  });
}

}  // namespace sluice::dialect::anthropic
