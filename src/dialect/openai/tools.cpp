#include "dialect/openai/tools.h"

#include <algorithm>

#include "dialect/fields.h"
#include "dialect/openai/fields.h"
#include "dialect/tool_schema.h"
#include "json/reader.h"

namespace sluice::dialect::openai {

namespace {

using chat::Tool;
using chat::ToolChoice;
using chat::ToolKind;
using json::Escaped;
using Mode = ToolChoice::Mode;

// The inside of {"type": "function", "function": …}; `path` is its own.
void read_definition(Reading& read, const std::string& path, Tool& tool, chat::Request& request) {
  const bool is_object = json::each_member(read.cursor(), [&](std::string_view key) {
    const std::string inner = path + "." + std::string(key);
    if (key == "name") {
      tool.name = read.string(inner).value_or(Escaped{});
    } else if (key == "description") {
      tool.description = read.string(inner).value_or(Escaped{});
    } else if (key == "parameters") {
      tool.schema = read.object(inner);
    } else if (key == "strict") {
      tool.strict = read.boolean(inner);
    } else if (key != "format") {  // of a custom tool: it is in its `raw`
      take_unknown(inner, read.cursor(), request);
    }
  });
  if (!is_object) return read.refuse(path, "must be an object.", "invalid_type");
  if (tool.name.empty()) read.miss(path + ".name");
}

// Anthropic's {"type": "ephemeral", "ttl": "1h"}, which clients send in this dialect too.
chat::CacheMark read_mark(Reading& read) {
  auto mark = chat::CacheMark::kShort;
  const bool is_object = json::each_member(read.cursor(), [&](std::string_view key) {
    if (key == "ttl" && json::take_string(read.cursor()).value_or(Escaped{}).raw == "1h") mark = chat::CacheMark::kLong;
  });
  return is_object ? mark : chat::CacheMark::kNone;
}

void read_tool(Reading& read, const std::string& path, std::string_view raw, chat::Request& request) {
  Tool tool;
  Escaped type{"function"};
  bool defined = false;
  const bool is_object = json::each_member(read.cursor(), [&](std::string_view key) {
    const std::string inner = path + "." + std::string(key);
    if (key == "type") {
      type = read.string(inner).value_or(type);
    } else if (key == "cache_control") {
      tool.cache = read_mark(read);
    } else if (key == "function" || key == "custom") {
      defined = true;
      read_definition(read, inner, tool, request);
    } else {
      take_unknown(inner, read.cursor(), request);
    }
  });
  if (!is_object) return read.refuse(path, "must be an object.", "invalid_type");
  if (type.raw != "custom" && type.raw != "function") return read.refuse(path + ".type", "must be function or custom.");
  if (!defined) return read.miss(path + "." + std::string(type.raw));
  if (type.raw == "custom") {
    tool.kind = ToolKind::kCustom;
    tool.raw = raw;
  }
  request.tools.push_back(std::move(tool));
}

// {"type": "function", "function": {"name": …}}: the name, whichever member it is in.
Escaped read_named(Reading& read, const std::string& path) {
  Escaped name;
  json::each_member(read.cursor(), [&](std::string_view key) {
    if (key != "function" && key != "custom") return;
    json::each_member(read.cursor(), [&](std::string_view inner) {
      if (inner == "name") name = read.string(path + "." + std::string(key) + ".name").value_or(Escaped{});
    });
  });
  return name;
}

void read_allowed(Reading& read, ToolChoice& choice) {
  choice.mode = Mode::kSubset;
  json::each_member(read.cursor(), [&](std::string_view key) {
    if (key == "mode")
      choice.subset_required = read.string("tool_choice.allowed_tools.mode").value_or(Escaped{}).raw == "required";
    if (key != "tools") return;
    json::each_element(read.cursor(), [&](std::size_t index) {
      choice.names.push_back(read_named(read, at("tool_choice.allowed_tools.tools", index)));
    });
  });
}

void read_choice_object(Reading& read, ToolChoice& choice) {
  json::each_member(read.cursor(), [&](std::string_view key) {
    if (key == "allowed_tools") return read_allowed(read, choice);
    if (key != "function" && key != "custom") return;
    choice.mode = Mode::kNamed;
    json::each_member(read.cursor(), [&](std::string_view inner) {
      if (inner == "name")
        choice.names = {read.string("tool_choice." + std::string(key) + ".name").value_or(Escaped{})};
    });
  });
  const bool named = choice.mode == Mode::kSubset || (choice.mode == Mode::kNamed && !choice.names.empty());
  if (!named) read.miss("tool_choice.function.name");
}

// What other APIs say flat, this one nests.
void write_grammar(std::string_view format, json::Reader& inside, json::Writer& json) {
  auto cursor = inside.scan_copy(format);
  if (!cursor) return;
  Escaped type;
  std::string_view definition, syntax;
  json::each_member(*cursor, [&](std::string_view key) {
    if (key == "type") type = json::take_string(*cursor).value_or(Escaped{});
    if (key == "definition") definition = cursor->skip();
    if (key == "syntax") syntax = cursor->skip();
  });
  json.key("format").begin_object().key("type").text(type);
  if (!definition.empty() && !syntax.empty()) {
    json.key("grammar").begin_object().key("definition").raw(definition).key("syntax").raw(syntax).end_object();
  }
  json.end_object();
}

// A custom tool as Responses has it: {"type": "custom", "name", "description", "format"}.
void write_custom(const Tool& tool, json::Reader& inside, json::Writer& json) {
  json.begin_object().key("type").text("custom").key("custom").begin_object();
  json.key("name").text(tool.name);
  if (!tool.description.empty()) json.key("description").text(tool.description);
  std::string_view format;
  if (auto cursor = inside.scan_copy(tool.raw)) {
    json::each_member(*cursor, [&](std::string_view key) {
      if (key == "format") format = cursor->skip();
    });
  }
  if (!format.empty()) write_grammar(format, inside, json);
  json.end_object().end_object();
}

// Servers that know no custom tools get a function with one argument; the format cannot be told to them.
void write_wrapped(const Composing& with, const Tool& tool, json::Writer& json) {
  with.lose("tool.format");
  json.begin_object().key("type").text("function").key("function").begin_object();
  json.key("name").text(tool.name);
  if (!tool.description.empty()) json.key("description").text(tool.description);
  json.key("parameters").raw(kFreeText);
  json.end_object().end_object();
}

void write_function(const Composing& with, const Tool& tool, json::Writer& json) {
  json.begin_object().key("type").text("function").key("function").begin_object();
  json.key("name").text(tool.name);
  if (!tool.description.empty()) json.key("description").text(tool.description);
  if (!tool.schema.empty()) {
    const auto schema = with.own ? tool.schema : listing_properties(tool.schema, with.inside, with.request.texts);
    json.key("parameters").raw(schema);
  }
  if (tool.strict) json.key("strict").boolean(*tool.strict);
  json.end_object().end_object();
}

void write_name(const Composing& with, Escaped name, json::Writer& json) {
  const auto& tools = with.request.tools;
  const auto tool = std::ranges::find(tools, name, &Tool::name);
  const bool is_custom = tool != tools.end() && tool->kind == ToolKind::kCustom && takes_custom(with);
  const std::string_view kind = is_custom ? "custom" : "function";
  json.begin_object().key("type").text(kind).key(kind).begin_object().key("name").text(name);
  json.end_object().end_object();
}

void write_choice(const Composing& with, json::Writer& json) {
  const ToolChoice& choice = with.request.tool_choice;
  switch (choice.mode) {
    case Mode::kUnset:
      return;
    case Mode::kAuto:
      json.key("tool_choice").text("auto");
      return;
    case Mode::kAny:
      json.key("tool_choice").text("required");
      return;
    case Mode::kNone:
      json.key("tool_choice").text("none");
      return;
    case Mode::kNamed:
      json.key("tool_choice");
      write_name(with, choice.names.front(), json);
      return;
    case Mode::kSubset:
      json.key("tool_choice").begin_object().key("type").text("allowed_tools").key("allowed_tools").begin_object();
      json.key("mode").text(choice.subset_required ? "required" : "auto").key("tools").begin_array();
      for (Escaped name : choice.names) write_name(with, name, json);
      json.end_array().end_object().end_object();
      return;
  }
}

}  // namespace

void read_tools(Reading& read, chat::Request& request, json::Reader& inside) {
  request.tools.clear();
  const bool is_array = json::each_element(read.cursor(), [&](std::size_t index) {
    const std::string_view raw = read.any();
    auto cursor = inside.scan_copy(raw);
    if (!cursor) return;
    Reading tool(*cursor);
    read_tool(tool, at("tools", index), raw, request);
    read.adopt(tool.finish());
  });
  if (!is_array) read.refuse("tools", "must be an array.", "invalid_type");
}

void read_functions(Reading& read, chat::Request& request) {
  const bool is_array = json::each_element(read.cursor(), [&](std::size_t index) {
    Tool tool;
    read_definition(read, at("functions", index), tool, request);
    request.tools.push_back(std::move(tool));
  });
  if (!is_array) read.refuse("functions", "must be an array.", "invalid_type");
}

void read_tool_choice(Reading& read, chat::Request& request) {
  ToolChoice& choice = request.tool_choice;
  choice = {};
  if (read.is_object()) return read_choice_object(read, choice);
  const auto word = read.string("tool_choice").value_or(Escaped{});
  if (word.raw == "auto") choice.mode = Mode::kAuto;
  if (word.raw == "none") choice.mode = Mode::kNone;
  if (word.raw == "required" || word.raw == "any") choice.mode = Mode::kAny;
  if (choice.mode == Mode::kUnset) read.refuse("tool_choice", "must be none, auto, required or an object.");
}

void read_function_choice(Reading& read, chat::Request& request) {
  ToolChoice& choice = request.tool_choice;
  if (!read.is_object()) {
    const auto word = read.string("function_call").value_or(Escaped{});
    choice.mode = word.raw == "none" ? Mode::kNone : Mode::kAuto;
    return;
  }
  choice.mode = Mode::kNamed;
  json::each_member(read.cursor(), [&](std::string_view key) {
    if (key == "name") choice.names = {read.string("function_call.name").value_or(Escaped{})};
  });
  if (choice.names.empty()) read.miss("function_call.name");
}

bool takes_custom(const Composing& with) {
  return with.own || with.target.quirks.openai_tools;
}

void write_tools(const Composing& with, json::Writer& json) {
  const chat::Request& request = with.request;
  if (std::ranges::all_of(request.tools, [](const Tool& tool) { return tool.kind == ToolKind::kServer; })) return;
  json.key("tools").begin_array();  // never an empty one: the API refuses it
  for (const Tool& tool : request.tools) {
    if (tool.kind == ToolKind::kFunction) {
      write_function(with, tool, json);
    } else if (tool.kind == ToolKind::kCustom && with.own) {
      json.raw(tool.raw);
    } else if (tool.kind == ToolKind::kCustom && takes_custom(with)) {
      write_custom(tool, with.inside, json);
    } else if (tool.kind == ToolKind::kCustom) {
      write_wrapped(with, tool, json);
    }
  }
  json.end_array();
  write_choice(with, json);
  if (request.parallel_calls) json.key("parallel_tool_calls").boolean(*request.parallel_calls);
}

}  // namespace sluice::dialect::openai
