// write_messages() of write.h: turns and their parts.
#include <algorithm>
#include <map>

#include "dialect/bedrock/fields.h"
#include "dialect/bedrock/write.h"
#include "dialect/reading.h"

namespace sluice::dialect::bedrock {

namespace {

using chat::Escaped;
using chat::Field;
using chat::Part;
using chat::PartKind;
using chat::Role;
using chat::State;

// The API refuses texts of nothing but white space.
std::string_view without_trailing_space(std::string_view escaped) {
  while (!escaped.empty()) {
    if (escaped.ends_with(' ')) {
      escaped.remove_suffix(1);
      continue;
    }
    const bool escape = escaped.ends_with("\\n") || escaped.ends_with("\\t") || escaped.ends_with("\\r");
    if (!escape) break;
    // "\\n" is a backslash and a letter where the backslash is itself escaped.
    const auto last = escaped.find_last_not_of('\\', escaped.size() - 2);
    const std::size_t slashes = escaped.size() - 2 - (last == std::string_view::npos ? std::size_t(-1) : last);
    if (slashes % 2 == 0) break;
    escaped.remove_suffix(2);
  }
  return escaped;
}

bool is_blank(Escaped text) {
  return without_trailing_space(text.raw).empty();
}

bool is_media(PartKind kind) {
  return kind >= PartKind::kImage && kind <= PartKind::kDocument;
}

// Turns of one side that follow each other.
struct Message {
  Role role = Role::kUser;
  struct Item {
    const Part* part = nullptr;
    bool midway = false;  // a system prompt in the middle of a conversation
  };
  std::vector<Item> items;
};

class MessagesWriter {
 public:
  MessagesWriter(Sending& sending, json::Writer& json) : sending_(sending), json_(json) {}

  void write() {
    collect();
    if (messages_.empty()) return sending_.refuse(path(), "without a user's message is not supported");
    if (messages_.front().role == Role::kAssistant) {
      return sending_.refuse(path(), "that begins with the assistant is not supported");
    }
    trim_end();
    json_.key("messages").begin_array();
    for (Message& message : messages_) write_message(message);
    json_.end_array();
    if (system_.empty()) return;
    json_.key("system").begin_array();
    for (const Part* part : system_) write_system(*part);
    json_.end_array();
  }

 private:
  std::string path() const { return sending_.path(Field::kMessages); }

  void collect() {
    for (std::size_t i = 0; i < sending_.request.turns.size(); ++i) {
      const chat::Turn& turn = sending_.request.turns[i];
      if (!turn.name.empty()) sending_.lose(at(path(), i, "name"));
      const bool goes_on = sending_.model.family == Family::kClaude && sending_.model.thinking != Thinking::kAdaptive &&
                           sending_.model.thinking != Thinking::kAlways;
      if (turn.prefill && !goes_on) sending_.lose(at(path(), i, "prefix"));
      const bool system = turn.role == Role::kSystem || turn.role == Role::kDeveloper;
      if (system && messages_.empty()) {
        for (const Part& part : turn.parts) system_.push_back(&part);
        continue;
      }
      if (system && !sending_.own) sending_.lose(at(path(), i, "role"));
      add_turn(turn, system);
    }
    std::erase_if(system_, [](const Part* part) { return part->kind == PartKind::kText && is_blank(part->text); });
    std::erase_if(messages_, [](const Message& message) { return message.items.empty(); });
    merge();
  }

  void add_turn(const chat::Turn& turn, bool system) {
    Message message;
    message.role = turn.role == Role::kAssistant ? Role::kAssistant : Role::kUser;
    if (system && sending_.own) message.role = Role::kSystem;
    for (const Part& part : turn.parts) {
      if (part.kind == PartKind::kCall) calls_.emplace(part.id.raw, calls_.size());
      if (says_something(part)) message.items.push_back({&part, system && !sending_.own});
    }
    messages_.push_back(std::move(message));
  }

  // Roles must alternate.
  void merge() {
    std::vector<Message> merged;
    for (Message& message : messages_) {
      if (merged.empty() || merged.back().role != message.role) {
        merged.push_back(std::move(message));
      } else {
        merged.back().items.insert(merged.back().items.end(), message.items.begin(), message.items.end());
      }
    }
    messages_ = std::move(merged);
  }

  // Whether anything is written for the part.
  bool says_something(const Part& part) {
    switch (part.kind) {
      case PartKind::kText:
      case PartKind::kRefusal:
        return !is_blank(part.text) || (sending_.own && !part.raw.empty());
      case PartKind::kReasoning:
        return has_place(part);
      case PartKind::kServerItem:
        if (sending_.own) return true;
        sending_.lose("server tool items");
        return false;
      default:
        return true;
    }
  }

  // Reasoning without a signature is of no use to a model that signs, and only wanted by those whose it is.
  bool has_place(const Part& part) const {
    switch (part.state.kind) {
      case State::Kind::kSignature:
      case State::Kind::kRedacted:
        return true;
      case State::Kind::kPlain:
        return sending_.own && sending_.model.family != Family::kClaude && !part.text.empty();
      default:
        return false;
    }
  }

  // Claude refuses an answer to go on with that ends in white space.
  void trim_end() {
    Message& last = messages_.back();
    if (last.role != Role::kAssistant || last.items.back().part->kind != PartKind::kText) return;
    trimmed_ = last.items.back().part;
  }

  void write_system(const Part& part) {
    if (part.kind != PartKind::kText) {
      if (sending_.own && !part.raw.empty()) {
        json_.raw(part.raw);
      } else {
        sending_.refuse(path(), "with anything but text in a system prompt is not supported");
      }
    } else {
      write_text(part);
    }
    write_cache_point(part.cache, json_);
  }

  // Results stand first, in the order of their calls.
  void order_results(Message& message) {
    std::multimap<std::size_t, Message::Item> ordered;
    for (const Message::Item& item : message.items) {
      const auto call = calls_.find(item.part->id.raw);
      const std::size_t order = call == calls_.end() ? calls_.size() : call->second;
      ordered.emplace(item.part->kind == PartKind::kResult ? order : calls_.size() + 1, item);
    }
    message.items.clear();
    for (const auto& [order, item] : ordered) message.items.push_back(item);
  }

  void write_message(Message& message) {
    if (message.role == Role::kUser) order_results(message);
    json_.begin_object().key("role").text(message.role == Role::kAssistant ? "assistant"
                                          : message.role == Role::kSystem  ? "system"
                                                                           : "user");
    json_.key("content").begin_array();
    bool document = false;
    bool text = false;
    for (const auto& [part, midway] : message.items) {
      document = document || part->kind == PartKind::kDocument;
      text = text || part->kind == PartKind::kText || part->kind == PartKind::kRefusal;
    }
    for (const auto& [part, midway] : message.items) {
      if (midway) {
        write_midway(*part);
      } else {
        write_part(*part);
      }
      write_cache_point(part->cache, json_);
    }
    // The API wants a text beside a document.
    if (document && !text) json_.begin_object().key("text").text("(a document)").end_object();
    json_.end_array().end_object();
  }

  // A system prompt keeps its place and loses its rank.
  void write_midway(const Part& part) {
    if (part.kind != PartKind::kText) {
      return sending_.refuse(path(), "with anything but text in a system prompt is not supported");
    }
    std::string text = "<system>\\n";
    text += part.text.raw;
    text += "\\n</system>";
    json_.begin_object().key("text").text(Escaped{text}).end_object();
  }

  void write_text(const Part& part) {
    if (sending_.own && !part.raw.empty()) {
      json_.raw(part.raw);
      return;
    }
    if (!part.citations.empty() && !sending_.own) sending_.lose("citations", chat::Unplaced::kSilent);
    const bool trims = &part == trimmed_ && sending_.model.family == Family::kClaude;
    const Escaped text = trims ? Escaped{without_trailing_space(part.text.raw)} : part.text;
    json_.begin_object().key("text").text(text).end_object();
  }

  void write_part(const Part& part) {
    switch (part.kind) {
      case PartKind::kText:
      case PartKind::kRefusal:
        return write_text(part);
      case PartKind::kReasoning:
        return write_reasoning(part);
      case PartKind::kCall:
        return write_call(part);
      case PartKind::kResult:
        return write_result(part);
      case PartKind::kServerItem:
        json_.raw(part.raw);
        return;
      case PartKind::kImage:
      case PartKind::kAudio:
      case PartKind::kVideo:
      case PartKind::kDocument:
        return write_media(sending_, names_, part, json_);
    }
  }

  void write_reasoning(const Part& part) {
    json_.begin_object().key("reasoningContent").begin_object();
    if (part.state.kind == State::Kind::kRedacted) {
      json_.key("redactedContent").text(part.state.data);
    } else {
      json_.key("reasoningText").begin_object().key("text").text(part.text);
      if (!part.state.data.empty()) json_.key("signature").text(part.state.data);
      json_.end_object();
    }
    json_.end_object().end_object();
  }

  void write_call(const Part& part) {
    json_.begin_object().key("toolUse").begin_object();
    json_.key("toolUseId").text(part.id).key("name").text(part.name).key("input");
    if (part.tool == chat::ToolKind::kCustom) {
      json_.begin_object().key("input").text(part.text).end_object();
    } else {
      json_.raw(part.arguments.empty() ? "{}" : part.arguments);
    }
    json_.end_object().end_object();
  }

  void write_result(const Part& part) {
    json_.begin_object().key("toolResult").begin_object();
    json_.key("toolUseId").text(part.id).key("content").begin_array();
    for (const Part& inner : part.content) {
      if (is_media(inner.kind)) {
        write_result_media(inner);
      } else if (!is_blank(inner.text) || (sending_.own && !inner.raw.empty())) {
        write_text(inner);
      }
    }
    json_.end_array();
    if (part.is_error) json_.key("status").text("error");
    json_.end_object().end_object();
  }

  void write_result_media(const Part& inner) {
    if (inner.kind == PartKind::kAudio) {
      return sending_.refuse(path(), "with audio in a tool's result is not supported");
    }
    write_media(sending_, names_, inner, json_);
  }

  Sending& sending_;
  json::Writer& json_;
  std::vector<Message> messages_;
  std::vector<const Part*> system_;
  std::map<std::string_view, std::size_t> calls_;
  DocumentNames names_;
  const Part* trimmed_ = nullptr;  // the text at whose end the answer goes on
};

}  // namespace

void write_messages(Sending& sending, json::Writer& json) {
  MessagesWriter(sending, json).write();
}

}  // namespace sluice::dialect::bedrock
