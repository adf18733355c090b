#include "dialect/responses/read_input.h"

#include "dialect/raw_arguments.h"
#include "dialect/responses/fields.h"
#include "dialect/responses/media.h"

namespace sluice::dialect::responses {

namespace {

using chat::PartKind;
using chat::Role;

std::optional<Role> find_role(std::string_view word) {
  if (word == "user") return Role::kUser;
  if (word == "assistant") return Role::kAssistant;
  if (word == "system") return Role::kSystem;
  if (word == "developer") return Role::kDeveloper;
  return std::nullopt;
}

// What a client says about a built-in tool, not the model.
bool is_of_client(std::string_view type) {
  return type.ends_with("_output") || type == "mcp_approval_response";
}

}  // namespace

void InputReader::read() {
  if (reading_.is_string()) {
    const auto text = reading_.string(kInput);
    if (!text) return;
    turn(Role::kUser).parts.push_back({.kind = PartKind::kText, .text = *text});
    return;
  }
  if (!reading_.is_array()) {
    reading_.any();
    return reading_.refuse(kInput, "must be a string or a list of items.", "invalid_type");
  }
  json::each_element(reading_.cursor(), [&](std::size_t index) {
    path_ = at(kInput, index);
    auto item = read_item(body_, reading_.cursor());
    if (!item) return reading_.refuse(path_, "must be an object.", "invalid_type");
    if (reading_.ok()) place(*item);
  });
}

std::string InputReader::path(std::string_view member) const {
  std::string path = path_;
  path += '.';
  path += member;
  return path;
}

void InputReader::place(Item& item) {
  const std::string_view type = item.type.raw;
  if (type.empty() && item.role.empty() && !item.id) return reading_.miss(path("type"));
  const bool is_message = type == "message" || (type.empty() && !item.role.empty());
  const bool is_call = type == "function_call" || type == "custom_tool_call";
  const bool is_result = type == "function_call_output" || type == "custom_tool_call_output";
  const bool is_known = is_message || is_call || is_result || type == "reasoning";
  if (is_known && item.complaint)
    return reading_.refuse(path(item.complaint->member), item.complaint->why, "invalid_type");
  if (is_message) {
    add_message(item);
  } else if (is_call) {
    add_call(item);
  } else if (is_result) {
    add_result(item);
  } else if (type == "reasoning") {
    add_reasoning(item);
  } else {
    add_server_item(item);
  }
  if (is_known) note_unknown(item);
}

// Items of one answer are one turn, and so are the outputs that answer its calls.
chat::Turn& InputReader::turn(Role role) {
  const bool joins = role == Role::kAssistant || role == Role::kTool;
  if (!joins || request_.turns.empty() || request_.turns.back().role != role) {
    request_.turns.push_back({.role = role, .parts = {}, .name = {}});
  }
  return request_.turns.back();
}

void InputReader::add_message(Item& item) {
  const auto role = find_role(item.role.raw);
  if (item.role.empty()) return reading_.miss(path("role"));
  if (!role) return reading_.refuse(path("role"), "must be one of 'user', 'assistant', 'system' and 'developer'.");
  if (item.content.shape == Item::Body::Shape::kAbsent) return reading_.miss(path("content"));
  std::vector<chat::Part> parts = parts_of(item.content, "content");
  chat::Turn& turn = this->turn(*role);
  for (chat::Part& part : parts) {
    part.raw = item.raw;
    turn.parts.push_back(std::move(part));
  }
}

std::vector<chat::Part> InputReader::parts_of(const Item::Body& body, std::string_view member) {
  std::vector<chat::Part> parts;
  if (body.shape == Item::Body::Shape::kText) {
    parts.push_back({.kind = PartKind::kText, .text = body.text});
    return parts;
  }
  parts.reserve(body.parts.size());
  for (std::size_t i = 0; i < body.parts.size() && reading_.ok(); ++i) {
    const std::string path = at(this->path(member), i);
    parts.push_back(part_of(body.parts[i], path));
    for (const std::string& name : body.parts[i].unknown) {
      request_.lost.push_back({path + "." + name, chat::Unplaced::kDropped, {}});
    }
  }
  return parts;
}

chat::Part InputReader::part_of(const Content& content, const std::string& path) {
  chat::Part part{.kind = PartKind::kText, .cache = content.cache};
  const std::string_view type = content.type.raw;
  if (type == "input_text" || type == "output_text" || type == "text") {
    if (!content.text) reading_.miss(path + ".text");
    part.text = content.text.value_or(json::Escaped{});
    if (content.annotations != "[]" && content.annotations != "null") part.citations = content.annotations;
  } else if (type == "refusal") {
    if (!content.refusal) reading_.miss(path + ".refusal");
    part.kind = PartKind::kRefusal;
    part.text = content.refusal.value_or(json::Escaped{});
  } else if (type == "input_image") {
    part.kind = PartKind::kImage;
    if (auto media = image_of(content, request_.texts)) {
      part.media = *media;
    } else {
      reading_.refuse(path, "must have an 'image_url' or a 'file_id'.", "missing_required_parameter");
    }
  } else if (type == "input_file") {
    part.kind = PartKind::kDocument;
    if (content.detail) request_.lost.push_back({path + ".detail", chat::Unplaced::kDropped, {}});
    if (auto media = file_of(content, request_.texts)) {
      part.media = *media;
    } else {
      reading_.refuse(path, "must have 'file_data', a 'file_url' or a 'file_id'.", "missing_required_parameter");
    }
  } else if (type == "input_audio") {
    part.kind = PartKind::kAudio;
    if (!content.audio_data) reading_.miss(path + ".input_audio.data");
    part.media = audio_of(content, request_.texts);
  } else if (type.empty()) {
    reading_.miss(path + ".type");
  } else {
    reading_.refuse(path + ".type", "is not a type of content that is known.");
  }
  if (part.media.form == chat::Media::Form::kUrl) part.media.place = request_.texts.keep(path);
  return part;
}

void InputReader::add_reasoning(Item& item) {
  chat::Part part{.kind = PartKind::kReasoning, .raw = item.raw};
  part.text = reasoning_text(item, request_.texts);
  part.id = item.id.value_or(json::Escaped{});
  if (item.encrypted_content && !item.encrypted_content->empty()) {
    part.state = {.kind = chat::State::Kind::kEncrypted, .data = *item.encrypted_content, .origin = {}};
  } else {
    part.state = {.kind = chat::State::Kind::kPlain, .data = {}, .origin = {}};
  }
  turn(Role::kAssistant).parts.push_back(std::move(part));
}

void InputReader::add_call(Item& item) {
  chat::Part part{.kind = PartKind::kCall, .raw = item.raw};
  if (!item.call_id) return reading_.miss(path("call_id"));
  if (!item.name) return reading_.miss(path("name"));
  part.id = *item.call_id;
  part.name = *item.name;
  if (item.type.raw == "custom_tool_call") {
    part.tool = chat::ToolKind::kCustom;
    if (!item.input) return reading_.miss(path("input"));
    part.text = *item.input;
  } else {
    part.arguments = arguments_of(item);
  }
  turn(Role::kAssistant).parts.push_back(std::move(part));
}

// A JSON object in a string. A call without arguments may have none.
std::string_view InputReader::arguments_of(Item& item) {
  if (!item.arguments || item.arguments->empty()) return "{}";
  std::string_view arguments = item.arguments->raw;
  if (arguments.find('\\') != std::string_view::npos) arguments = request_.texts.keep(json::plain(*item.arguments));
  auto cursor = nested_.scan_copy(arguments);
  bool good = false;
  if (cursor) {
    good = cursor->kind() == json::Kind::kObject;
    arguments = cursor->skip();
    good = cursor->finish() && good;
  }
  return good ? arguments : request_.texts.keep(raw_arguments(json::plain(*item.arguments)));
}

void InputReader::add_result(Item& item) {
  chat::Part part{.kind = PartKind::kResult, .raw = item.raw};
  part.tool = item.type.raw == "custom_tool_call_output" ? chat::ToolKind::kCustom : chat::ToolKind::kFunction;
  if (item.output.shape == Item::Body::Shape::kAbsent) return reading_.miss(path("output"));
  if (!item.call_id && !item.name) return reading_.miss(path("call_id"));
  part.id = item.call_id.value_or(json::Escaped{});
  part.name = item.name.value_or(json::Escaped{});
  part.content = parts_of(item.output, "output");
  turn(Role::kTool).parts.push_back(std::move(part));
}

void InputReader::add_server_item(Item& item) {
  if (item.type.empty() || item.type.raw == "item_reference") {
    const FieldRow& row = *find_path(fields(), "previous_response_id");  // it refers to the same kind of thing
    request_.lost.push_back({path("id"), row.unplaced, std::string(row.note)});
    return;
  }
  const Role role = is_of_client(item.type.raw) ? Role::kTool : Role::kAssistant;
  turn(role).parts.push_back({.kind = PartKind::kServerItem, .raw = item.raw});
}

void InputReader::note_unknown(const Item& item) {
  for (const std::string& name : item.unknown) {
    request_.lost.push_back({path(name), chat::Unplaced::kDropped, {}});
  }
}

}  // namespace sluice::dialect::responses
