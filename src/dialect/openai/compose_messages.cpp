// Turns written as messages.
//
// A turn is one message, but for results of tools: each is a message of its own. Their content can only be text here,
// so that images and documents follow in a message of the user's, behind all results of the same calls.
#include <algorithm>
#include <vector>

#include "dialect/openai/compose.h"
#include "dialect/openai/compose_content.h"
#include "dialect/openai/tools.h"
#include "dialect/tool_schema.h"

namespace sluice::dialect::openai {

namespace {

using chat::Part;
using chat::PartKind;
using chat::Role;
using chat::State;
using chat::Turn;
using json::Escaped;

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

class MessageWriter {
 public:
  MessageWriter(const Composing& with, json::Writer& json) : with_(with), json_(json) {}

  Status run() {
    json_.key("messages").begin_array();
    for (const Turn& turn : with_.request.turns) {
      if (Status written = write(turn); !written) return written;
    }
    if (Status written = flush(); !written) return written;
    json_.end_array();
    return {};
  }

 private:
  Status write(const Turn& turn) {
    for (const Part& part : turn.parts) {
      if (part.kind != PartKind::kResult) continue;
      if (Status written = write_result(part); !written) return written;
    }
    if (turn.role == Role::kAssistant) return write_assistant(turn);
    return write_said(turn);
  }

  // What a user or a system said.
  Status write_said(const Turn& turn) {
    std::vector<const Part*> content;
    for (const Part& part : turn.parts) {
      if (part.kind == PartKind::kServerItem) {
        with_.lose("server items");
      } else if (part.kind != PartKind::kResult && part.kind != PartKind::kReasoning) {
        content.push_back(&part);
      }
    }
    const bool has_only_results = content.empty() && !turn.parts.empty();
    if (has_only_results) return {};
    if (Status flushed = flush(); !flushed) return flushed;
    json_.begin_object().key("role").text(word(turn.role, with_.target.quirks));
    write_speaker(turn);
    json_.key("content");
    if (Status written = write_content(with_, content, json_); !written) return written;
    json_.end_object();
    return {};
  }

  void write_speaker(const Turn& turn) {
    const bool takes_names = with_.own && with_.target.quirks.unknown_fields;
    if (takes_names && !turn.name.empty()) json_.key("name").text(turn.name);
  }

  Status write_result(const Part& result) {
    json_.begin_object().key("role").text("tool").key("tool_call_id").text(result.id).key("content");
    std::vector<const Part*> texts;
    for (const Part& part : result.content) {
      if (is_text(part)) {
        texts.push_back(&part);
      } else {
        deferred_.push_back({result.id, &part});
      }
    }
    if (Status written = write_content(with_, texts, json_); !written) return written;
    json_.end_object();
    if (result.is_error) with_.lose("tool_result.is_error", chat::Unplaced::kSilent);
    return {};
  }

  // What results hold beside text.
  Status flush() {
    if (deferred_.empty()) return {};
    json_.begin_object().key("role").text("user").key("content").begin_array();
    for (const auto& [id, part] : deferred_) {
      json_.begin_object().key("type").text("text");
      json_.key("text").text(with_.request.texts.escaped("Result of tool call " + json::plain(id) + ":"));
      json_.end_object();
      if (Status written = write_part(with_, *part, json_); !written) return written;
      with_.lose(part->kind == PartKind::kImage ? "tool_result.image" : "tool_result.document");
    }
    json_.end_array().end_object();
    deferred_.clear();
    return {};
  }

  Status write_assistant(const Turn& turn) {
    std::vector<const Part*> content, calls, reasoning;
    for (const Part& part : turn.parts) {
      if (is_text(part)) {
        content.push_back(&part);
      } else if (part.kind == PartKind::kCall) {
        calls.push_back(&part);
      } else if (part.kind == PartKind::kReasoning) {
        const bool is_plain = part.state.kind == State::Kind::kPlain && !part.text.empty();
        (is_plain && with_.target.quirks.thinking_chunks ? content : reasoning).push_back(&part);
      } else if (part.kind == PartKind::kServerItem) {
        with_.lose("server items");
      } else if (part.kind != PartKind::kResult) {
        return with_.refuse("messages", "has media that an assistant sent, which is not supported");
      }
    }
    // Nothing but what only others can read. A turn that was empty from the start stays one.
    if (content.empty() && calls.empty() && !turn.parts.empty()) return {};
    if (Status flushed = flush(); !flushed) return flushed;
    json_.begin_object().key("role").text("assistant");
    write_speaker(turn);
    if (Status written = write_words(content, calls); !written) return written;
    write_reasoning(reasoning);
    write_calls(calls);
    if (turn.prefill && with_.target.quirks.prefix) json_.key("prefix").boolean(true);
    if (turn.prefill && !with_.target.quirks.prefix) with_.lose("prefix");
    json_.end_object();
    return {};
  }

  Status write_words(const std::vector<const Part*>& content, const std::vector<const Part*>& calls) {
    if (content.empty() && !calls.empty()) {
      json_.key("content").null();
    } else if (content.size() == 1 && content.front()->kind == PartKind::kRefusal) {
      json_.key("content").null().key("refusal").text(content.front()->text);
    } else if (!with_.own &&
               std::ranges::all_of(content, [](const Part* part) { return part->kind == PartKind::kText; })) {
      // Blocks of other APIs, which this one tells as one text. Some servers take no list here.
      std::string text;
      for (const Part* part : content) text += part->text.raw;
      json_.key("content").text(Escaped{text});
    } else {
      json_.key("content");
      return write_content(with_, content, json_);
    }
    return {};
  }

  void write_reasoning(const std::vector<const Part*>& reasoning) {
    std::string text;
    for (const Part* part : reasoning) {
      if (part->state.kind == State::Kind::kPlain) {
        text += part->text.raw;
      } else if (part->state.kind == State::Kind::kEncrypted && with_.target.quirks.unknown_fields) {
        write_details(*part);
      }
    }
    // Such a server wants the member in every turn of the model, even where nothing is known of what was thought.
    // Others refuse it, unless the client knows better.
    if (with_.target.quirks.reasoning_content || (with_.own && !text.empty())) {
      json_.key("reasoning_content").text(Escaped{text});
    } else if (!text.empty()) {
      with_.lose("reasoning state");
    }
  }

  // An array as a provider of this dialect sent it. It comes back through the client: nothing may be written that is
  // none.
  void write_details(const Part& part) {
    const std::string details = json::plain(part.state.data);
    auto cursor = with_.inside.scan_copy(details);
    if (!cursor || cursor->kind() != json::Kind::kArray) return;
    cursor->skip();
    if (cursor->finish()) json_.key("reasoning_details").raw(details);
  }

  void write_calls(const std::vector<const Part*>& calls) {
    if (calls.empty()) return;
    json_.key("tool_calls").begin_array();
    for (const Part* call : calls) {
      const bool is_free_text = call->tool == chat::ToolKind::kCustom;
      const bool is_custom = is_free_text && takes_custom(with_);
      const std::string_view kind = is_custom ? "custom" : "function";
      json_.begin_object().key("id").text(call->id).key("type").text(kind).key(kind).begin_object();
      json_.key("name").text(call->name);
      if (is_custom) {
        json_.key("input").text(call->text);
      } else if (is_free_text) {
        json_.key("arguments").text(free_text_arguments(call->text));
      } else {
        json_.key("arguments").text(call->arguments);
      }
      json_.end_object();
      if (call->state.kind == State::Kind::kThought && with_.target.quirks.unknown_fields) {
        json_.key("extra_content").begin_object().key("google").begin_object();
        json_.key("thought_signature").text(call->state.data).end_object().end_object();
      }
      json_.end_object();
    }
    json_.end_array();
  }

  struct Deferred {
    Escaped id;
    const Part* part;
  };

  const Composing& with_;
  json::Writer& json_;
  std::vector<Deferred> deferred_;
};

}  // namespace

Status write_messages(const Composing& with, json::Writer& json) {
  return MessageWriter(with, json).run();
}

}  // namespace sluice::dialect::openai
