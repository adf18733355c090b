// The order of a conversation as the API wants it: arrange() and fit_cache_marks() of write.h.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "dialect/anthropic/write.h"
#include "dialect/cache_marks.h"
#include "dialect/faults.h"

namespace sluice::dialect::anthropic {

namespace {

using chat::CacheMark;
using chat::Field;
using chat::Part;
using chat::PartKind;
using chat::Role;
using chat::State;
using json::Escaped;

// Nothing but white space, also as escapes.
bool is_blank(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') continue;
    if (text[i] != '\\' || i + 1 == text.size()) return false;
    if (const char c = text[++i]; c != 'n' && c != 't' && c != 'r') return false;
  }
  return true;
}

// Without the white space at its end, which the API refuses there.
Escaped trimmed(Escaped text) {
  std::string_view raw = text.raw;
  while (!raw.empty()) {
    if (raw.back() == ' ') {
      raw.remove_suffix(1);
      continue;
    }
    const auto content = raw.substr(0, raw.size() - 1);
    const std::size_t slashes = content.size() - (content.find_last_not_of('\\') + 1);
    const bool escape = slashes % 2 == 1 && (raw.back() == 'n' || raw.back() == 't' || raw.back() == 'r');
    if (!escape) break;
    raw.remove_suffix(2);
  }
  return {raw};
}

class Arranging {
 public:
  explicit Arranging(Sending& sending) : sending_(sending) {}

  Conversation arrange() {
    bool leading = true;
    for (chat::Turn& turn : sending_.request.turns) {
      const bool system = turn.role == Role::kSystem || turn.role == Role::kDeveloper;
      if (!turn.name.empty()) sending_.lose("message.name");
      leading = leading && system;
      for (Part& part : turn.parts) {
        if (leading) {
          add_system(part);
        } else {
          add(part, system ? Role::kSystem : turn.role == Role::kAssistant ? Role::kAssistant : Role::kUser);
        }
      }
    }
    finish_last();
    for (std::size_t i = 0; i < messages().size(); ++i) check_results(i);
    check_ends();
    return std::move(conversation_);
  }

 private:
  std::vector<Message>& messages() { return conversation_.messages; }

  void add_system(Part& part) {
    if (part.kind != PartKind::kText && part.kind != PartKind::kRefusal) {
      return sending_.refuse(path_of_messages(), "with anything but text in a system message is not supported");
    }
    if (!is_blank(part.text.raw)) conversation_.system.push_back(&part);
  }

  std::string_view path_of_messages() const {
    const std::string_view path = sending_.path(Field::kMessages);
    return path.empty() ? "messages" : path;
  }

  // Whether the part has a place and says something.
  bool is_sent(const Part& part, Role role) {
    switch (part.kind) {
      case PartKind::kText:
      case PartKind::kRefusal:
        return !is_blank(part.text.raw);
      case PartKind::kReasoning:
        return role == Role::kAssistant && !part.state.data.empty() &&
               (part.state.kind == State::Kind::kSignature || part.state.kind == State::Kind::kRedacted);
      case PartKind::kServerItem:
        sending_.lose("server tool items");
        return false;
      default:
        return true;
    }
  }

  void add(Part& part, Role role) {
    if (part.kind == PartKind::kResult) return add_result(part);
    if (!is_sent(part, role)) return;
    if (role != Role::kSystem) {
      message_for(role).parts.push_back(&part);
    } else if (part.kind != PartKind::kText) {
      sending_.refuse(path_of_messages(), "with anything but text in a system message is not supported");
    } else if (sending_.model.system_in_turns) {
      message_for(Role::kSystem).parts.push_back(&part);
    } else {
      tell_as_user(part);
    }
  }

  Message& message_for(Role role) {
    if (messages().empty() || messages().back().role != role) {
      messages().push_back({.role = role, .results = {}, .parts = {}});
    }
    return messages().back();
  }

  // A model that knows no system messages in between is told by a user's text, at the same place.
  void tell_as_user(Part& part) {
    sending_.lose("message.role");
    part.text = {sending_.request.texts.keep(R"(<system>\n)" + std::string(part.text.raw) + R"(\n</system>)")};
    message_for(Role::kUser).parts.push_back(&part);
  }

  // Results stand in the user's message right behind the calls.
  void add_result(Part& part) {
    auto calls = std::ranges::find(messages().rbegin(), messages().rend(), Role::kAssistant, &Message::role);
    if (calls == messages().rend()) {
      return sending_.refuse(path_of_messages(), "with the result of a tool before any call is not supported");
    }
    auto behind = calls.base();
    if (behind == messages().end() || behind->role != Role::kUser) {
      behind = messages().insert(behind, {.role = Role::kUser, .results = {}, .parts = {}});
    }
    behind->results.push_back(&part);
  }

  // Every call of a message that others follow has its result, and every result its call.
  void check_results(std::size_t index) {
    const Message& calling = messages()[index];
    if (calling.role != Role::kAssistant || index + 1 == messages().size()) return;
    std::unordered_map<std::string_view, std::size_t> order;  // of calls by id
    for (const Part* part : calling.parts) {
      if (part->kind == PartKind::kCall) order.emplace(part->id.raw, order.size());
    }
    std::vector<std::pair<std::size_t, Part*>> sorted;
    std::vector<bool> answered(order.size());
    for (Part* result : messages()[index + 1].results) {
      const auto call = order.find(result->id.raw);
      if (call == order.end()) return refuse_result(result->id, "answers no call");
      answered[call->second] = true;
      sorted.emplace_back(call->second * messages()[index + 1].results.size() + sorted.size(), result);
    }
    for (const Part* part : calling.parts) {
      if (part->kind == PartKind::kCall && !answered[order[part->id.raw]]) return refuse_result(part->id, "is missing");
    }
    std::ranges::sort(sorted, {}, &std::pair<std::size_t, Part*>::first);
    std::ranges::transform(sorted, messages()[index + 1].results.begin(), &std::pair<std::size_t, Part*>::second);
  }

  void refuse_result(Escaped id, std::string_view why) {
    if (!sending_.status) return;
    sending_.status = invalid_request("The result of tool call '" + json::plain(id) + "' " + std::string(why) + ".",
                                      path_of_messages());
  }

  void finish_last() {
    if (messages().empty() || messages().back().role != Role::kAssistant) return;
    std::vector<Part*>& parts = messages().back().parts;
    while (!parts.empty() && parts.back()->kind == PartKind::kText) {
      parts.back()->text = trimmed(parts.back()->text);
      if (!parts.back()->text.empty()) break;
      parts.pop_back();
    }
    if (parts.empty()) messages().pop_back();
  }

  void check_ends() {
    if (messages().empty()) {
      return sending_.refuse(path_of_messages(), "without a user's message is not supported");
    }
    if (messages().front().role == Role::kAssistant) {
      sending_.refuse(path_of_messages(), "that begin with the assistant are not supported");
    }
    if (messages().back().role == Role::kAssistant && !sending_.model.prefill &&
        sending_.target.operation == Operation::kChat) {
      sending_.refuse(path_of_messages(), "that end with the assistant are not supported");
    }
  }

  Sending& sending_;
  Conversation conversation_;
};

}  // namespace

Conversation arrange(Sending& sending) {
  return Arranging(sending).arrange();
}

void fit_cache_marks(Sending& sending, const Conversation& conversation) {
  std::vector<CacheMark*> marks;
  auto note = [&](CacheMark& mark) { marks.push_back(&mark); };
  for (chat::Tool& tool : sending.request.tools) note(tool.cache);
  for (Part* part : conversation.system) note(part->cache);
  for (const Message& message : conversation.messages) {
    for (Part* part : message.results) {
      lift_marks(*part);
      note(part->cache);
    }
    for (Part* part : message.parts) {
      if (part->kind != PartKind::kReasoning) note(part->cache);
    }
  }
  for (std::string& lost : fit_marks(marks)) sending.lose(std::move(lost));
}

}  // namespace sluice::dialect::anthropic
