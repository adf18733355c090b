#include "dialect/responses/compose_tools.h"

#include <algorithm>

#include "dialect/faults.h"
#include "dialect/responses/compose_content.h"
#include "dialect/responses/members.h"
#include "dialect/responses/web_search.h"
#include "dialect/tool_schema.h"

namespace sluice::dialect::responses {

namespace {

using chat::Field;
using chat::Tool;
using chat::ToolKind;

class ToolsWriter {
 public:
  ToolsWriter(const Composing& with, json::Writer& json) : with_(with), json_(json) {}

  Status write() {
    const chat::Request& request = with_.request;
    if (request.tools.empty() && !request.has(Field::kWebSearch)) return {};
    json_.key("tools").begin_array();
    for (const Tool& tool : request.tools) {
      if (Status status = write_tool(tool); !status) return status;
    }
    if (request.has(Field::kWebSearch)) {
      if (Status status = write_web_search(); !status) return status;
    }
    json_.end_array();
    write_choice();
    return {};
  }

 private:
  Status write_tool(const Tool& tool) {
    if (tool.kind == ToolKind::kServer) {
      if (!with_.own) {
        return unsupported(with_.request.path(Field::kTools),
                           "holds '" + json::plain(tool.name) + "', a tool of another provider, which is not supported",
                           with_.target.provider, with_.target.model);
      }
      json_.raw(tool.raw);
      return {};
    }
    if (with_.own && !tool.raw.empty()) {
      write_own(tool);
    } else if (tool.kind == ToolKind::kCustom) {
      write_custom(tool);
    } else {
      write_function(tool);
    }
    return {};
  }

  void write_own(const Tool& tool) {
    json_.begin_object();
    for (const auto& [key, value] : Members(tool.raw, with_.reader)) {
      if (key == "name") {
        json_.key("name").text(tool.name);
      } else {
        copy_member(json_, key, value);
      }
    }
    json_.end_object();
  }

  // A tool that does not say is strict here, and is not anywhere else.
  void write_function(const Tool& tool) {
    json_.begin_object();
    json_.key("type").raw(R"("function")");
    json_.key("name").text(tool.name);
    if (!tool.description.empty()) json_.key("description").text(tool.description);
    json_.key("parameters").raw(listing_properties(tool.schema, with_.reader, with_.request.texts));
    json_.key("strict").boolean(tool.strict.value_or(false));
    json_.end_object();
  }

  // Chat writes the same tool with its members one level deeper, and so its grammar.
  void write_custom(const Tool& tool) {
    const Members members(Members(tool.raw, with_.reader).value("custom"), with_.reader);
    json_.begin_object();
    json_.key("type").raw(R"("custom")");
    json_.key("name").text(tool.name);
    if (!tool.description.empty()) json_.key("description").text(tool.description);
    if (const std::string_view format = members.value("format"); !format.empty()) {
      json_.key("format");
      write_format(format);
    }
    json_.end_object();
  }

  void write_format(std::string_view format) {
    const Members members(format, with_.reader);
    const std::string_view grammar = members.value("grammar");
    if (grammar.empty()) {
      json_.raw(format);
      return;
    }
    json_.begin_object();
    json_.key("type").raw(R"("grammar")");
    for (const auto& [key, value] : Members(grammar, with_.reader)) copy_member(json_, key, value);
    json_.end_object();
  }

  Status write_web_search() {
    const WebSearchTool made = web_search_tool(with_.request.value(Field::kWebSearch), with_.reader);
    if (!made.refused.empty()) {
      return unsupported(with_.request.path(Field::kWebSearch), "restricts where is searched, which is not supported",
                         with_.target.provider, with_.target.model);
    }
    for (const std::string& name : made.dropped) note_lost(with_.out, "web_search." + name);
    json_.raw(made.tool);
    return {};
  }

  void write_choice() {
    using enum chat::ToolChoice::Mode;
    const chat::ToolChoice& choice = with_.request.tool_choice;
    const std::string_view own = with_.own ? with_.request.value(Field::kToolChoice) : std::string_view();
    if (own.starts_with('{') && with_.out.renamed.empty()) {
      json_.key("tool_choice").raw(own);
      return;
    }
    switch (choice.mode) {
      case kUnset:
        return;
      case kAuto:
        json_.key("tool_choice").raw(R"("auto")");
        return;
      case kAny:
        json_.key("tool_choice").raw(R"("required")");
        return;
      case kNone:
        json_.key("tool_choice").raw(R"("none")");
        return;
      case kNamed:
        json_.key("tool_choice");
        write_name(choice.names.front());
        return;
      case kSubset:
        json_.key("tool_choice").begin_object();
        json_.key("type").raw(R"("allowed_tools")");
        json_.key("mode").raw(choice.subset_required ? R"("required")" : R"("auto")");
        json_.key("tools").begin_array();
        for (json::Escaped name : choice.names) write_name(name);
        json_.end_array();
        json_.end_object();
    }
  }

  void write_name(json::Escaped name) {
    const auto tool = std::ranges::find(with_.request.tools, name, &Tool::name);
    const bool custom = tool != with_.request.tools.end() && tool->kind == ToolKind::kCustom;
    json_.begin_object();
    json_.key("type").raw(custom ? R"("custom")" : R"("function")");
    json_.key("name").text(name);
    json_.end_object();
  }

  const Composing& with_;
  json::Writer& json_;
};

}  // namespace

Status write_tools(const Composing& with, json::Writer& json) {
  return ToolsWriter(with, json).write();
}

}  // namespace sluice::dialect::responses
