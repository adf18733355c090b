#include "dialect/responses/read_tools.h"

#include <algorithm>
#include <string>

#include "dialect/responses/web_search.h"
#include "json/reader.h"

namespace sluice::dialect::responses {

namespace {

using chat::Field;
using chat::Tool;
using chat::ToolKind;

constexpr std::string_view kTools = "tools";
constexpr std::string_view kChoice = "tool_choice";

bool is_empty(std::string_view value) {
  return value == "null" || value == "false";
}

class ToolReader {
 public:
  ToolReader(std::string_view body, Reading& reading, chat::Request& request)
      : body_(body), reading_(reading), request_(request) {}

  void read(std::size_t index) {
    path_ = at(kTools, index);
    const std::size_t begin = reading_.cursor().offset();
    const bool is_object = json::each_member(reading_.cursor(), [&](std::string_view key) { member(key); });
    if (!is_object) return reading_.refuse(path_, "must be an object.", "invalid_type");
    tool_.raw = body_.substr(begin, reading_.cursor().end_of_last() - begin);
    place();
  }

 private:
  std::string path(std::string_view member) const { return path_ + "." + std::string(member); }

  void member(std::string_view key) {
    if (key == "type") {
      type_ = reading_.string(path(key)).value_or(json::Escaped{}).raw;
    } else if (key == "name") {
      tool_.name = reading_.string(path(key)).value_or(json::Escaped{});
    } else if (key == "description") {
      tool_.description = reading_.string(path(key)).value_or(json::Escaped{});
    } else if (key == "parameters") {
      parameters_is_object_ = reading_.is_object() || reading_.is_null();
      tool_.schema = reading_.is_null() ? std::string_view() : reading_.any();
    } else if (key == "strict") {
      strict_is_boolean_ = reading_.cursor().kind() != json::Kind::kString;
      const std::string_view strict = reading_.any();
      if (strict == "true") tool_.strict = true;
      if (strict == "false") tool_.strict = false;
    } else if (const std::string name(key); !is_empty(reading_.any())) {
      others_.push_back(name);
    }
  }

  void place() {
    if (type_.empty()) return reading_.miss(path("type"));
    if (type_ == "function" || type_ == "custom") {
      tool_.kind = type_ == "function" ? ToolKind::kFunction : ToolKind::kCustom;
      if (tool_.name.empty()) return reading_.miss(path("name"));
      if (!parameters_is_object_) return reading_.refuse(path("parameters"), "must be an object.", "invalid_type");
      if (!strict_is_boolean_) return reading_.refuse(path("strict"), "must be true or false.", "invalid_type");
      note_others();
    } else {
      tool_.kind = ToolKind::kServer;
      tool_.name = {type_};
    }
    request_.tools.push_back(tool_);
  }

  void note_others() {
    for (const std::string& name : others_) {
      if (type_ == "custom" && name == "format") continue;  // in `raw`
      request_.lost.push_back({path(name), chat::Unplaced::kDropped, {}});
    }
  }

  std::string_view body_;
  Reading& reading_;
  chat::Request& request_;
  std::string path_;
  std::string_view type_;
  Tool tool_;
  bool parameters_is_object_ = true;
  bool strict_is_boolean_ = true;
  std::vector<std::string> others_;
};

// The one web_search tool, when it is the only built-in one.
void lift_web_search(chat::Request& request) {
  const auto is_server = [](const Tool& tool) { return tool.kind == ToolKind::kServer; };
  if (std::ranges::count_if(request.tools, is_server) != 1) return;
  const auto tool = std::ranges::find_if(request.tools, is_server);
  if (!tool->name.raw.starts_with("web_search")) return;
  json::Reader reader;
  request.give(Field::kWebSearch, kTools, request.texts.keep(web_search_options(tool->raw, reader)));
  request.tools.erase(tool);
}

class ChoiceReader {
 public:
  ChoiceReader(Reading& reading, chat::Request& request) : reading_(reading), request_(request) {}

  void read() {
    using enum chat::ToolChoice::Mode;
    chat::ToolChoice& choice = request_.tool_choice;
    if (reading_.is_string()) {
      const std::string_view word = reading_.string(kChoice).value_or(json::Escaped{}).raw;
      choice.mode = word == "auto" ? kAuto : word == "required" ? kAny : word == "none" ? kNone : kUnset;
      if (choice.mode == kUnset) reading_.refuse(kChoice, "must be 'none', 'auto', 'required' or an object.");
      return;
    }
    const bool is_object = json::each_member(reading_.cursor(), [&](std::string_view key) { member(key); });
    if (!is_object) return reading_.refuse(kChoice, "must be a string or an object.", "invalid_type");
    if (type_.empty()) return reading_.miss("tool_choice.type");
    if (type_ == "function" || type_ == "custom") {
      if (!name_) return reading_.miss("tool_choice.name");
      choice.mode = kNamed;
      choice.names = {*name_};
    } else if (type_ == "allowed_tools") {
      choice.mode = kSubset;
      choice.subset_required = mode_ == "required";
      choice.names = std::move(allowed_);
    } else {
      lose();
    }
    if (type_ == "allowed_tools" && others_) lose();
  }

 private:
  void member(std::string_view key) {
    if (key == "type") {
      type_ = reading_.string("tool_choice.type").value_or(json::Escaped{}).raw;
    } else if (key == "name") {
      name_ = reading_.string("tool_choice.name");
    } else if (key == "mode") {
      mode_ = reading_.string("tool_choice.mode").value_or(json::Escaped{}).raw;
    } else if (key == "tools") {
      const bool is_array = json::each_element(reading_.cursor(), [&](std::size_t index) { allowed(index); });
      if (!is_array) reading_.refuse("tool_choice.tools", "must be a list.", "invalid_type");
    }
  }

  void allowed(std::size_t index) {
    const std::string path = at("tool_choice.tools", index);
    std::optional<json::Escaped> name;
    std::string_view type;
    const bool is_object = json::each_member(reading_.cursor(), [&](std::string_view key) {
      if (key == "name") name = reading_.string(path + ".name");
      if (key == "type") type = reading_.string(path + ".type").value_or(json::Escaped{}).raw;
    });
    if (!is_object) return reading_.refuse(path, "must be an object.", "invalid_type");
    if (name && (type == "function" || type == "custom")) {
      allowed_.push_back(*name);
    } else {
      others_ = true;
    }
  }

  // A built-in tool is to be called.
  void lose() { request_.lost.push_back({"tool_choice.type", chat::Unplaced::kDropped, {}}); }

  Reading& reading_;
  chat::Request& request_;
  std::string_view type_;
  std::string_view mode_;
  std::optional<json::Escaped> name_;
  std::vector<json::Escaped> allowed_;
  bool others_ = false;
};

}  // namespace

void read_tools(std::string_view body, Reading& reading, chat::Request& request) {
  const bool is_array =
      json::each_element(reading.cursor(), [&](std::size_t index) { ToolReader(body, reading, request).read(index); });
  if (!is_array) return reading.refuse(kTools, "must be a list.", "invalid_type");
  lift_web_search(request);
  if (!request.tools.empty()) request.give(Field::kTools, kTools);
}

void read_tool_choice(std::string_view body, Reading& reading, chat::Request& request) {
  const std::size_t begin = reading.cursor().offset();
  ChoiceReader(reading, request).read();
  request.give(Field::kToolChoice, kChoice, body.substr(begin, reading.cursor().end_of_last() - begin));
}

}  // namespace sluice::dialect::responses
