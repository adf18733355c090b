#include "dialect/openai/messages.h"

#include <algorithm>
#include <utility>

#include "chat/seal.h"
#include "dialect/openai/content.h"
#include "dialect/openai/fields.h"
#include "dialect/raw_arguments.h"
#include "json/reader.h"

namespace sluice::dialect::openai {

namespace {

using chat::Part;
using chat::PartKind;
using chat::Role;
using json::Escaped;

class MessageReader {
 public:
  MessageReader(Reading& read, std::size_t index, chat::Request& request, json::Reader& inside)
      : read_(read), path_(at("messages", index)), request_(request), inside_(inside) {}

  void run() {
    const bool is_object = json::each_member(read_.cursor(), [&](std::string_view key) { member(key); });
    if (!is_object) return read_.refuse(path_, "must be an object.", "invalid_type");
    if (!read_.ok()) return;
    if (!role_) return read_.miss(path_ + ".role");
    finish();
  }

 private:
  std::string inner(std::string_view name) const { return path_ + "." + std::string(name); }

  void member(std::string_view key) {
    if (key == "role") return role();
    if (key == "content") return content();
    if (key == "tool_calls") return calls();
    if (key == "tool_call_id") return keep(tool_call_id_, key);
    if (key == "name") return keep(name_, key);
    if (key == "refusal") return keep(refusal_, key);
    if (key == "reasoning_content" || key == "reasoning") return keep(reasoning_, key);
    if (key == "reasoning_details") return details();
    if (key == "function_call") return function_call();
    if (key == "prefix") {
      prefix_ = read_.boolean(inner(key)).value_or(false);
      return;
    }
    const std::string row = "messages[]." + std::string(key);
    const std::size_t lost = request_.lost.size();
    if (!take_field(chat_fields(), row, read_.cursor(), request_)) take_unknown(inner(key), read_.cursor(), request_);
    if (request_.lost.size() > lost) request_.lost.back().path = inner(key);
  }

  void keep(std::optional<Escaped>& where, std::string_view key) {
    if (auto text = read_.string(inner(key))) where = text;
  }

  void role() {
    const auto word = read_.string(inner("role")).value_or(Escaped{});
    if (word.raw == "system") role_ = Role::kSystem;
    if (word.raw == "developer") role_ = Role::kDeveloper;
    if (word.raw == "user") role_ = Role::kUser;
    if (word.raw == "assistant") role_ = Role::kAssistant;
    if (word.raw == "tool" || word.raw == "function") role_ = Role::kTool;
    is_function_ = word.raw == "function";
    if (!role_ && read_.ok()) {
      read_.refuse(inner("role"), "must be system, developer, user, assistant, tool or function.");
    }
  }

  void content() {
    if (read_.is_null()) {
      read_.any();
    } else if (read_.is_string()) {
      if (auto text = read_.string(inner("content"))) add_text(*text);
    } else if (!json::each_element(read_.cursor(), [&](std::size_t index) { part(at(inner("content"), index)); })) {
      read_.refuse(inner("content"), "must be a string or an array of parts.", "invalid_type");
    }
  }

  void add_text(Escaped text) {
    Part part;
    part.text = text;
    parts_.push_back(std::move(part));
  }

  void part(const std::string& path) {
    if (auto part = read_part(read_, path, request_)) parts_.push_back(std::move(*part));
  }

  void calls() {
    if (read_.is_null()) {
      read_.any();
      return;
    }
    const bool is_array =
        json::each_element(read_.cursor(), [&](std::size_t index) { call(at(inner("tool_calls"), index)); });
    if (!is_array) read_.refuse(inner("tool_calls"), "must be an array.", "invalid_type");
  }

  void call(const std::string& path) {
    Part part;
    part.kind = PartKind::kCall;
    std::optional<Escaped> arguments;
    const bool is_object = json::each_member(read_.cursor(), [&](std::string_view key) {
      const std::string inside = path + "." + std::string(key);
      if (key == "id") {
        part.id = read_.string(inside).value_or(Escaped{});
      } else if (key == "extra_content") {
        part.state = read_thought_signature(read_.cursor());
      } else if (key == "function" || key == "custom") {
        if (key == "custom") part.tool = chat::ToolKind::kCustom;
        called(part, arguments, inside);
      } else if (key != "type" && key != "index") {  // an index is left over from a stream
        take_unknown(inside, read_.cursor(), request_);
      }
    });
    if (!is_object) return read_.refuse(path, "must be an object.", "invalid_type");
    if (part.name.empty()) return read_.miss(path + ".function.name");
    if (part.id.empty()) return read_.miss(path + ".id");
    if (part.tool == chat::ToolKind::kFunction) set_arguments(part, arguments);
    calls_.push_back(std::move(part));
  }

  void called(Part& part, std::optional<Escaped>& arguments, const std::string& path) {
    json::each_member(read_.cursor(), [&](std::string_view key) {
      const std::string inside = path + "." + std::string(key);
      if (key == "name") {
        part.name = read_.string(inside).value_or(Escaped{});
      } else if (key == "arguments") {
        arguments = read_.string(inside);
      } else if (key == "input") {
        part.text = read_.string(inside).value_or(Escaped{});
      } else {
        take_unknown(inside, read_.cursor(), request_);
      }
    });
  }

  void set_arguments(Part& part, std::optional<Escaped> text) {
    const std::string_view plain = text ? request_.texts.keep(json::plain(*text)) : std::string_view();
    if (plain.find_first_not_of(" \t\r\n") == std::string_view::npos) {
      part.arguments = "{}";
      return;
    }
    part.arguments = is_json_object(plain) ? plain : request_.texts.keep(raw_arguments(plain));
  }

  bool is_json_object(std::string_view text) {
    auto cursor = inside_.scan_copy(text);
    if (!cursor || cursor->kind() != json::Kind::kObject) return false;
    cursor->skip();
    return cursor->finish();
  }

  void function_call() {
    if (read_.is_null()) {
      read_.any();
      return;
    }
    Part part;
    part.kind = PartKind::kCall;
    std::optional<Escaped> arguments;
    json::each_member(read_.cursor(), [&](std::string_view key) {
      if (key == "name") part.name = read_.string(inner("function_call.name")).value_or(Escaped{});
      if (key == "arguments") arguments = read_.string(inner("function_call.arguments"));
    });
    if (part.name.empty()) return read_.miss(inner("function_call.name"));
    // Functions had no ids. A call's place is its id; its result is found by name.
    part.id = {request_.texts.keep("call_" + std::to_string(request_.turns.size()))};
    set_arguments(part, arguments);
    calls_.push_back(std::move(part));
  }

  // What a client has kept of reasoning: what we sealed, and what a provider of this dialect has sent it.
  void details() {
    std::string unsealed;
    json::each_element(read_.cursor(), [&](std::size_t) {
      const std::string_view raw = read_.any();
      const Escaped data = data_of(raw);
      const auto sealed = data.empty() ? std::nullopt : chat::open_seal(json::plain(data));
      if (sealed) {
        add_state(is_of_text(*sealed) ? text_states_ : states_, data);
      } else {
        unsealed += unsealed.empty() ? '[' : ',';
        unsealed += raw;
      }
    });
    if (!unsealed.empty()) add_state(states_, request_.texts.escaped(unsealed + ']'));
  }
  Escaped data_of(std::string_view detail) {
    Escaped data;
    auto cursor = inside_.scan_copy(detail);
    if (!cursor) return data;
    json::each_member(*cursor, [&](std::string_view key) {
      if (key == "data") data = json::take_string(*cursor).value_or(Escaped{});
    });
    return data;
  }
  // A state that belongs to the text before it.
  static bool is_of_text(const chat::Sealed& sealed) {
    return std::ranges::all_of(sealed.entries, [](const chat::SealedEntry& entry) {
      return entry.kind == chat::State::Kind::kThought && entry.text.empty();
    });
  }
  static void add_state(std::vector<Part>& states, Escaped data) {
    Part part;
    part.kind = PartKind::kReasoning;
    part.state = {.kind = chat::State::Kind::kEncrypted, .data = data};
    states.push_back(std::move(part));
  }

  void finish() {
    chat::Turn turn;
    turn.role = *role_;
    turn.name = name_.value_or(Escaped{});
    turn.prefill = prefix_;
    if (name_ && turn.role != Role::kTool) request_.lost.push_back({inner("name"), chat::Unplaced::kDropped, {}});
    if (turn.role == Role::kTool) {
      finish_result(turn);
    } else {
      finish_message(turn);
    }
    request_.turns.push_back(std::move(turn));
  }

  void finish_result(chat::Turn& turn) {
    if (!tool_call_id_ && !is_function_) return read_.miss(path_ + ".tool_call_id");
    if (is_function_ && turn.name.empty()) return read_.miss(path_ + ".name");
    Part result;
    result.kind = PartKind::kResult;
    if (!is_function_) result.id = *tool_call_id_;
    result.name = std::exchange(turn.name, {});
    if (!parts_.empty()) result.cache = parts_.back().cache;
    result.content = std::move(parts_);
    turn.parts.push_back(std::move(result));
  }

  bool is_in_calls() const {
    return std::ranges::any_of(calls_, [](const Part& call) {
      const auto sealed = chat::open_seal(json::plain(call.id));
      return sealed &&
             std::ranges::any_of(sealed->entries, [](const chat::SealedEntry& entry) { return !entry.text.empty(); });
    });
  }

  void finish_message(chat::Turn& turn) {
    // Where the text is kept with the state too, it is there as it was; else the text alone is what is wanted back.
    if (reasoning_ && !reasoning_->empty() && states_.empty() && !is_in_calls()) {
      Part part;
      part.kind = PartKind::kReasoning;
      part.text = *reasoning_;
      part.state.kind = chat::State::Kind::kPlain;
      turn.parts.push_back(std::move(part));
    }
    for (Part& part : states_) turn.parts.push_back(std::move(part));
    for (Part& part : parts_) turn.parts.push_back(std::move(part));
    for (Part& part : text_states_) turn.parts.push_back(std::move(part));
    if (refusal_ && !refusal_->empty()) {
      Part part;
      part.kind = PartKind::kRefusal;
      part.text = *refusal_;
      turn.parts.push_back(std::move(part));
    }
    for (Part& part : calls_) turn.parts.push_back(std::move(part));
  }

  Reading& read_;
  std::string path_;
  chat::Request& request_;
  json::Reader& inside_;
  std::optional<Role> role_;
  bool is_function_ = false;
  bool prefix_ = false;
  std::optional<Escaped> name_, refusal_, reasoning_, tool_call_id_;
  std::vector<Part> parts_, calls_, states_, text_states_;
};

}  // namespace

void read_message(Reading& read, std::size_t index, chat::Request& request, json::Reader& inside) {
  MessageReader(read, index, request, inside).run();
}

}  // namespace sluice::dialect::openai
