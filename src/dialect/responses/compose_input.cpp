#include "dialect/responses/compose_input.h"

#include <algorithm>
#include <set>
#include <span>

#include "dialect/faults.h"
#include "dialect/responses/compose_content.h"
#include "dialect/responses/members.h"
#include "dialect/responses/owned_id.h"
#include "json/reader.h"

namespace sluice::dialect::responses {

namespace {

using chat::Field;
using chat::Part;
using chat::PartKind;
using chat::Role;
using chat::Turn;

bool is_content(PartKind kind) {
  return kind != PartKind::kReasoning && kind != PartKind::kCall && kind != PartKind::kResult &&
         kind != PartKind::kServerItem;
}

std::string_view word(Role role, const Quirks& quirks) {
  switch (role) {
    case Role::kSystem:
      return "system";
    case Role::kDeveloper:
      return quirks.developer_role ? "developer" : "system";
    case Role::kAssistant:
      return "assistant";
    case Role::kUser:
    case Role::kTool:
      break;
  }
  return "user";
}

class InputWriter {
 public:
  InputWriter(const Composing& with, json::Writer& json) : with_(with), json_(json) {}

  Status write() {
    std::span<const Turn> turns(with_.request.turns);
    if (is_instructions(turns)) {
      json_.key("instructions").text(turns.front().parts.front().text);
      turns = turns.subspan(1);
    }
    json_.key("input").begin_array();
    for (const Turn& turn : turns) {
      if (Status status = write_turn(turn); !status) return status;
    }
    json_.end_array();
    return {};
  }

 private:
  void lose(std::string path, chat::Unplaced unplaced = chat::Unplaced::kDropped) {
    note_lost(with_.out, std::move(path), unplaced);
  }

  // A system prompt that stands apart and is one text.
  bool is_instructions(std::span<const Turn> turns) const {
    if (!with_.request.has(Field::kSystem) || turns.empty() || turns.front().role != Role::kSystem) return false;
    const std::vector<Part>& parts = turns.front().parts;
    return parts.size() == 1 && parts.front().kind == PartKind::kText && !writes_cache_mark(with_, parts.front()) &&
           parts.front().raw.empty();
  }

  Status write_turn(const Turn& turn) {
    if (!turn.name.empty()) lose("message.name");
    if (turn.prefill) lose("message.prefill");
    const std::span<const Part> parts(turn.parts);
    for (std::size_t i = 0; i < parts.size();) {
      std::size_t end = i + 1;
      if (is_content(parts[i].kind)) {
        const auto stays = [&](const Part& part) { return !with_.own || part.raw.data() == parts[i].raw.data(); };
        while (end < parts.size() && is_content(parts[end].kind) && stays(parts[end])) ++end;
      }
      if (Status status = write_item(turn, parts.subspan(i, end - i)); !status) return status;
      i = end;
    }
    return {};
  }

  Status write_item(const Turn& turn, std::span<const Part> parts) {
    const Part& part = parts.front();
    switch (part.kind) {
      case PartKind::kReasoning:
        write_reasoning(part);
        return {};
      case PartKind::kCall:
        write_call(part);
        return {};
      case PartKind::kResult:
        return write_result(part);
      case PartKind::kServerItem:
        // What the provider's own tools did is of no use to another one.
        if (with_.own) {
          json_.raw(part.raw);
        } else {
          lose("server tool items");
        }
        return {};
      default:
        return write_message(turn, parts);
    }
  }

  Status write_message(const Turn& turn, std::span<const Part> parts) {
    const bool unknown_role = turn.role == Role::kDeveloper && !with_.target.quirks.developer_role;
    if (with_.own && !parts.front().raw.empty() && !unknown_role) {
      write_own_message(parts.front().raw);
      return {};
    }
    if (std::ranges::all_of(parts, is_empty_text)) return {};
    json_.begin_object();
    json_.key("type").raw(R"("message")");
    json_.key("role").text(word(turn.role, with_.target.quirks));
    json_.key("content");
    const bool is_answer = turn.role == Role::kAssistant;
    Status status = is_answer ? write_answer_parts(with_, parts, json_) : write_parts(with_, parts, json_);
    json_.end_object();
    return status;
  }

  // As it came, but for an id that was made here: nobody else knows it.
  void write_own_message(std::string_view raw) {
    if (raw.find("_sluice_") == std::string_view::npos) {
      json_.raw(raw);
      return;
    }
    json_.begin_object();
    copy_members(raw, {});
    json_.end_object();
  }

  // The members of an item that are not written already.
  void copy_members(std::string_view raw, std::initializer_list<std::string_view> written) {
    for (const auto& [key, value] : Members(raw, with_.reader)) {
      if (std::ranges::find(written, std::string_view(key)) != written.end()) continue;
      if (key == "id" && is_made_id(inside(value).raw)) continue;
      copy_member(json_, key, value);
    }
  }

  // Reasoning of others is no use here, and was not what made the calls behind it.
  void write_reasoning(const Part& part) {
    using enum chat::State::Kind;
    if (part.state.kind != kEncrypted && part.state.kind != kPlain) return;
    if (with_.own && !part.raw.empty()) {
      if (!is_made_id(part.id.raw)) json_.raw(part.raw);
      return;
    }
    if (part.state.kind == kPlain && part.text.empty()) return;
    json_.begin_object();
    json_.key("type").raw(R"("reasoning")");
    if (!part.id.empty()) json_.key("id").text(part.id);
    json_.key("summary").begin_array();
    if (part.state.kind == kEncrypted && !part.text.empty()) write_text_part("summary_text", part.text);
    json_.end_array();
    if (part.state.kind == kEncrypted) {
      json_.key("encrypted_content").text(part.state.data);
    } else {
      json_.key("content").begin_array();
      write_text_part("reasoning_text", part.text);
      json_.end_array();
    }
    json_.end_object();
  }

  void write_text_part(std::string_view type, json::Escaped text) {
    json_.begin_object();
    json_.key("type").text(type);
    json_.key("text").text(text);
    json_.end_object();
  }

  void write_call(const Part& part) {
    const bool custom = part.tool == chat::ToolKind::kCustom;
    if (custom) custom_calls_.insert(part.id.raw);
    json_.begin_object();
    json_.key("type").raw(custom ? R"("custom_tool_call")" : R"("function_call")");
    json_.key("call_id").text(part.id);
    json_.key("name").text(part.name);
    if (with_.own && !part.raw.empty()) {
      copy_members(part.raw, {"type", "call_id", "name"});
    } else if (custom) {
      json_.key("input").text(part.text);
    } else {
      json_.key("arguments").text(part.arguments.empty() ? std::string_view("{}") : part.arguments);
    }
    json_.end_object();
  }

  Status write_result(const Part& part) {
    const bool custom = part.tool == chat::ToolKind::kCustom || custom_calls_.contains(part.id.raw);
    json_.begin_object();
    json_.key("type").raw(custom ? R"("custom_tool_call_output")" : R"("function_call_output")");
    if (!part.id.empty()) json_.key("call_id").text(part.id);
    Status status;
    if (with_.own && !part.raw.empty()) {
      copy_members(part.raw, {"type", "call_id"});
    } else {
      if (part.is_error) lose("tool_result.is_error", chat::Unplaced::kSilent);
      status = write_output(part);
    }
    json_.end_object();
    return status;
  }

  Status write_output(const Part& part) {
    json_.key("output");
    const bool marked =
        std::ranges::any_of(part.content, [&](const Part& inner) { return writes_cache_mark(with_, inner); });
    if (part.content.size() == 1 && part.content.front().kind == PartKind::kText && !marked) {
      json_.text(part.content.front().text);
      return {};
    }
    if (std::ranges::all_of(part.content, is_empty_text)) {
      json_.text(std::string_view());
      return {};
    }
    return write_parts(with_, part.content, json_);
  }

  const Composing& with_;
  json::Writer& json_;
  std::set<std::string_view> custom_calls_;
};

}  // namespace

Status write_input(const Composing& with, json::Writer& json) {
  return InputWriter(with, json).write();
}

}  // namespace sluice::dialect::responses
