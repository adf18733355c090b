// read_tools(), read_tool_config() and read_generation_config() of request.h.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "dialect/gemini/request.h"
#include "dialect/gemini/schema.h"

namespace sluice::dialect::gemini {

namespace {

using chat::Effort;
using chat::Escaped;
using chat::Field;
using chat::OutputFormat;
using chat::ToolChoice;

constexpr std::string_view kDeclaration = "tools[].functionDeclarations[].";
constexpr std::string_view kGeneration = "generationConfig.";
constexpr std::string_view kThinking = "generationConfig.thinkingConfig";
constexpr std::string_view kCalling = "toolConfig.functionCallingConfig";

void read_declaration(Ask& ask, const std::string& path) {
  chat::Tool tool;
  ask.each_member(path, [&](const std::string& name) {
    if (name == "name") {
      tool.name = ask.in.string(path + ".name").value_or(Escaped{});
    } else if (name == "description") {
      tool.description = ask.in.string(path + ".description").value_or(Escaped{});
    } else if (name == "parameters" && ask.in.is_object()) {
      tool.schema = ask.request.texts.keep(to_json_schema(ask.cursor()));
    } else if (name == "parametersJsonSchema" || name == "parameters") {
      tool.schema = ask.in.object(path + "." + name);
    } else {
      ask.take_other(std::string(kDeclaration) + name);
    }
  });
  if (tool.name.empty()) ask.in.miss(path + ".name");
  ask.request.tools.push_back(tool);
}

// Every other member of a tool is one that the provider runs.
void read_server_tool(Ask& ask, const std::string& name) {
  if (ask.in.is_null()) {
    ask.in.any();
    return;
  }
  if (find_path(chat_fields(), "tools[]." + name) == nullptr) return ask.take_other("tools[]." + name);
  chat::Tool tool;
  tool.kind = chat::ToolKind::kServer;
  tool.name = {ask.request.texts.keep(name)};
  tool.raw = ask.request.texts.keep("{\"" + name + "\":" + std::string(ask.in.any()) + "}");
  ask.request.tools.push_back(tool);
}

struct Calling {
  std::string mode;
  std::vector<Escaped> names;
};

void read_calling(Ask& ask, Calling& calling) {
  ask.each_member(kCalling, [&](const std::string& name) {
    const std::string path = std::string(kCalling) + "." + name;
    if (name == "mode") {
      calling.mode = ask.in.string(path).value_or(Escaped{}).raw;
    } else if (name == "allowedFunctionNames") {
      ask.each_element(path, [&](std::size_t index) {
        if (auto text = ask.in.string(at(path, index))) calling.names.push_back(*text);
      });
    } else {
      ask.take_other(path);
    }
  });
}

void settle_calling(Ask& ask, Calling calling) {
  ToolChoice& choice = ask.request.tool_choice;
  const bool any = calling.mode == "ANY";
  if (calling.mode == "NONE") {
    choice.mode = ToolChoice::Mode::kNone;
  } else if (!calling.names.empty()) {
    choice.mode = any && calling.names.size() == 1 ? ToolChoice::Mode::kNamed : ToolChoice::Mode::kSubset;
    choice.subset_required = any;
    choice.names = std::move(calling.names);
  } else if (any) {
    choice.mode = ToolChoice::Mode::kAny;
  } else if (calling.mode == "AUTO" || calling.mode == "VALIDATED") {
    choice.mode = ToolChoice::Mode::kAuto;
    if (calling.mode == "VALIDATED") lose(ask.request.lost, std::string(kCalling) + ".mode");
  } else if (!calling.mode.empty() && calling.mode != "MODE_UNSPECIFIED") {
    return ask.in.refuse(std::string(kCalling) + ".mode", "must be AUTO, ANY, NONE or VALIDATED.");
  } else {
    return;
  }
  ask.request.give(Field::kToolChoice, kCalling);
}

void read_level(Ask& ask, const std::string& path) {
  const auto level = ask.in.string(path);
  if (!level || level->raw == "THINKING_LEVEL_UNSPECIFIED") return;
  const auto effort = chat::find_effort(lower(level->raw));
  if (!effort || *effort < Effort::kMinimal || *effort > Effort::kHigh) {
    return ask.in.refuse(path, "must be MINIMAL, LOW, MEDIUM or HIGH.");
  }
  ask.request.reasoning.effort = *effort;
}

// -1: the model decides; 0: off.
void read_budget(Ask& ask, const std::string& path) {
  const std::string_view text = ask.number(path);
  if (text.empty()) return;
  const auto budget = to_number<std::int64_t>(text);
  if (!budget || *budget < -1) return ask.in.refuse(path, "must be a whole number from -1 on.");
  chat::Reasoning& reasoning = ask.request.reasoning;
  reasoning.dynamic = *budget == -1;
  if (*budget < 0) return;
  reasoning.budget = static_cast<std::uint64_t>(*budget);
  if (*budget == 0) reasoning.effort = Effort::kOff;
}

void read_thinking(Ask& ask) {
  chat::Reasoning& reasoning = ask.request.reasoning;
  bool level = false;
  bool budget = false;
  ask.each_member(kThinking, [&](const std::string& name) {
    const std::string path = std::string(kThinking) + "." + name;
    const bool given = !ask.in.is_null();
    if (name == "includeThoughts") {
      const auto include = ask.in.boolean(path);
      if (include) reasoning.show = *include ? chat::Reasoning::Show::kSummary : chat::Reasoning::Show::kHidden;
    } else if (name == "thinkingLevel") {
      level = level || given;
      read_level(ask, path);
    } else if (name == "thinkingBudget") {
      budget = budget || given;
      read_budget(ask, path);
    } else {
      ask.take_other(path);
    }
  });
  if (level && budget) ask.in.refuse(std::string(kThinking), "must not hold both thinkingLevel and thinkingBudget.");
  ask.request.give(Field::kReasoning, kThinking);
}

void read_mime_type(Ask& ask, const std::string& path) {
  const auto type = ask.in.string(path);
  if (!type || type->empty()) return;
  OutputFormat& format = ask.request.format;
  ask.request.give(Field::kOutputFormat, "generationConfig.responseMimeType");
  if (type->raw == "text/plain") {
    format.kind = format.schema.empty() ? OutputFormat::Kind::kText : OutputFormat::Kind::kSchema;
  } else if (type->raw == "application/json" || type->raw == "application\\/json") {
    format.kind = format.schema.empty() ? OutputFormat::Kind::kJson : OutputFormat::Kind::kSchema;
  } else {
    lose(ask.request.lost, path, chat::Unplaced::kRefused, "with this value is not supported");
  }
}

void read_schema(Ask& ask, const std::string& name) {
  if (ask.in.is_null()) {
    ask.in.any();
    return;
  }
  OutputFormat& format = ask.request.format;
  if (name == "responseSchema" && ask.in.is_object()) {
    format.schema = ask.request.texts.keep(to_json_schema(ask.cursor()));
  } else {
    format.schema = ask.in.object(std::string(kGeneration) + name);
  }
  format.kind = OutputFormat::Kind::kSchema;
  ask.request.give(Field::kOutputFormat, find_path(chat_fields(), std::string(kGeneration) + name)->path);
}

void read_modalities(Ask& ask, const std::string& path) {
  const std::size_t begin = ask.cursor().offset();
  bool beside_text = false;
  ask.each_element(path, [&](std::size_t index) {
    const auto word = ask.in.string(at(path, index));
    if (word && word->raw != "TEXT" && word->raw != "MODALITY_UNSPECIFIED") beside_text = true;
  });
  if (!beside_text) return;  // what is answered without it
  std::string_view words = ask.body.substr(begin, ask.cursor().end_of_last() - begin);
  if (words.starts_with('"')) words = ask.request.texts.keep("[" + std::string(words) + "]");
  ask.request.give(Field::kModalities, "generationConfig.responseModalities", words);
}

void read_stop(Ask& ask, const std::string& path) {
  ask.each_element(path, [&](std::size_t index) {
    if (auto text = ask.in.string(at(path, index))) ask.request.stop.push_back(*text);
  });
  if (!ask.request.stop.empty()) ask.request.give(Field::kStop, "generationConfig.stopSequences");
}

void read_setting(Ask& ask, const std::string& name) {
  const std::string path = std::string(kGeneration) + name;
  if (name == "thinkingConfig") return ask.in.is_null() ? void(ask.in.any()) : read_thinking(ask);
  if (name == "responseMimeType") return read_mime_type(ask, path);
  if (name == "responseSchema" || name == "responseJsonSchema") return read_schema(ask, name);
  if (name == "responseModalities") return read_modalities(ask, path);
  if (name == "stopSequences") return read_stop(ask, path);
  const FieldRow* row = find_path(chat_fields(), path);
  if (row == nullptr || row->place == Place::kNowhere) return ask.take_other(path);
  if (name == "responseLogprobs") {
    if (auto wanted = ask.in.boolean(path)) ask.request.give(row->field, row->path, *wanted ? "true" : "false");
  } else if (std::string_view number = ask.number(path); !number.empty()) {
    if (row->field == Field::kMaxTokens) number = ask.in.limit(path, number);
    ask.request.give(row->field, row->path, number);
  }
}

}  // namespace

void read_tools(Ask& ask) {
  ask.each_element("tools", [&](std::size_t index) {
    const std::string path = at("tools", index);
    ask.each_member(path, [&](const std::string& name) {
      if (name != "functionDeclarations") return read_server_tool(ask, name);
      const std::string below = path + ".functionDeclarations";
      ask.each_element(below, [&](std::size_t place) { read_declaration(ask, at(below, place)); });
    });
  });
  if (!ask.request.tools.empty()) ask.request.give(Field::kTools, "tools");
}

void read_tool_config(Ask& ask) {
  Calling calling;
  ask.each_member("toolConfig", [&](const std::string& name) {
    if (name == "functionCallingConfig") return read_calling(ask, calling);
    ask.take_other("toolConfig." + name);
  });
  settle_calling(ask, std::move(calling));
}

void read_generation_config(Ask& ask) {
  ask.each_member("generationConfig", [&](const std::string& name) { read_setting(ask, name); });
}

}  // namespace sluice::dialect::gemini
