// write_messages() of write.h: turns and their parts.
#include <algorithm>

#include "base/text.h"
#include "dialect/cited_document.h"
#include "dialect/cohere/write.h"
#include "dialect/reading.h"
#include "dialect/text_document.h"
#include "dialect/tool_schema.h"

namespace sluice::dialect::cohere {

namespace {

using chat::Escaped;
using chat::Field;
using chat::Media;
using chat::Part;
using chat::PartKind;
using chat::Role;
using chat::State;

bool is_text(const Part& part) {
  return part.kind == PartKind::kText || part.kind == PartKind::kRefusal;
}

// Texts of one message: a string where it is one, else a list of parts.
class MessagesWriter {
 public:
  MessagesWriter(Sending& sending, json::Writer& json) : sending_(sending), json_(json) {}

  void write() {
    json_.key("messages").begin_array();
    const auto& turns = sending_.request.turns;
    for (std::size_t i = 0; i < turns.size(); ++i) write_turn(turns[i], i);
    json_.end_array();
    if (!written_) sending_.refuse(path(), "without any message is not supported");
  }

 private:
  std::string path() const { return sending_.path(Field::kMessages); }

  void write_turn(const chat::Turn& turn, std::size_t index) {
    if (!turn.name.empty()) sending_.lose(at(path(), index, "name"));
    if (turn.prefill) sending_.lose(at(path(), index, "prefix"));
    for (const Part& part : turn.parts) note_losses(part);
    switch (turn.role) {
      case Role::kSystem:
      case Role::kDeveloper:
        return write_spoken(turn, "system");
      case Role::kAssistant:
        return write_assistant(turn);
      case Role::kUser:
      case Role::kTool:
        // Each result is a message of its own, before what the user says beside it.
        for (const Part& part : turn.parts) {
          if (part.kind == PartKind::kResult) write_result(part);
        }
        return write_spoken(turn, "user");
    }
  }

  void note_losses(const Part& part) {
    if (part.cache != chat::CacheMark::kNone) sending_.lose("cache_control", chat::Unplaced::kSilent);
    if (part.kind == PartKind::kServerItem) sending_.lose("server tool items");
    if (wants_citations(part)) sending_.lose("document.citations");
    const bool is_document = part.kind == PartKind::kDocument;
    if (!part.citations.empty() && !is_document) sending_.lose("citations", chat::Unplaced::kSilent);
    for (const Part& inner : part.content) {
      if (wants_citations(inner)) sending_.lose("document.citations");
    }
  }

  void begin(std::string_view role) {
    written_ = true;
    json_.begin_object().key("role").text(role);
  }

  // ---- what is said by the system or the user

  bool is_said(const Part& part, std::string_view role) {
    if (is_text(part)) return !part.text.empty();
    const bool medium = part.kind >= PartKind::kImage && part.kind <= PartKind::kDocument;
    if (medium && role == "system") {
      sending_.refuse(path(), "with anything but text in a system prompt is not supported");
      return false;
    }
    return medium;
  }

  void write_spoken(const chat::Turn& turn, std::string_view role) {
    std::vector<const Part*> said;
    std::vector<Part> shown;  // what tools have shown beside texts
    for (const Part& part : turn.parts) {
      if (part.kind == PartKind::kResult && role == "user") collect_shown(part, shown);
    }
    said.reserve(shown.size() + turn.parts.size());
    for (const Part& part : shown) said.push_back(&part);
    for (const Part& part : turn.parts) {
      if (is_said(part, role)) said.push_back(&part);
    }
    if (said.empty()) return;
    begin(role);
    json_.key("content");
    if (said.size() == 1 && is_text(*said.front())) {
      json_.text(said.front()->text);
    } else {
      json_.begin_array();
      for (const Part* part : said) write_part(*part);
      json_.end_array();
    }
    json_.end_object();
  }

  void write_text(Escaped text) { json_.begin_object().key("type").text("text").key("text").text(text).end_object(); }

  void write_part(const Part& part) {
    switch (part.kind) {
      case PartKind::kImage:
        return write_image(part.media);
      case PartKind::kDocument:
        return write_document(part.media);
      case PartKind::kAudio:
        return sending_.refuse(path(), "with audio is not supported");
      case PartKind::kVideo:
        return sending_.refuse(path(), "with video is not supported");
      default:
        return write_text(part.text);
    }
  }

  void write_image(const Media& media) {
    std::string url;
    if (media.form == Media::Form::kInline) {
      url = "data:";
      url += media.type.raw;
      url += ";base64,";
    } else if (media.form != Media::Form::kUrl) {
      return sending_.refuse(path(), "with a file that another provider keeps is not supported");
    }
    url += media.data.raw;
    json_.begin_object().key("type").text("image_url").key("image_url").begin_object();
    json_.key("url").text(Escaped{url});
    const std::string_view detail = media.detail.raw;
    if (detail == "auto" || detail == "low" || detail == "high") {
      json_.key("detail").text(media.detail);
    } else if (!detail.empty()) {
      sending_.lose("image.detail");
    }
    json_.end_object().end_object();
  }

  // The API reads no files: of documents only texts are taken, with their names as a headline.
  void write_document(const Media& media) {
    std::string text;
    if (media.form == Media::Form::kText) {
      text = media.data.raw;
    } else if (auto decoded = decoded_text(media)) {
      text = std::move(*decoded);
    } else {
      const std::string type = printable(json::plain(media.type), 60);
      return sending_.refuse(path(), "with documents of type '" + type + "' is not supported (only texts are)");
    }
    sending_.lose("document");
    const std::string headed = headed_text(media, text);
    write_text({headed});
  }

  // ---- what the model said

  void write_assistant(const chat::Turn& turn) {
    std::string content;
    json::Writer parts(content);
    std::size_t count = 0;
    const Part* only = nullptr;
    std::string plan;
    std::vector<const Part*> calls;
    for (const Part& part : turn.parts) {
      if (part.kind == PartKind::kCall) {
        calls.push_back(&part);
      } else if (is_text(part) && !part.text.empty()) {
        parts.begin_object().key("type").text("text").key("text").text(part.text).end_object();
        only = ++count == 1 ? &part : nullptr;
      } else if (is_own_reasoning(part)) {
        if (part.state.data.raw == kToolPlan) {
          plan += part.text.raw;
          continue;
        }
        parts.begin_object().key("type").text("thinking").key("thinking").text(part.text).end_object();
        ++count;
        only = nullptr;
      } else if (part.kind >= PartKind::kImage && part.kind <= PartKind::kDocument) {
        sending_.lose("media of the assistant");
      }
    }
    if (count == 0 && calls.empty() && plan.empty()) return;
    begin("assistant");
    if (only != nullptr) {
      json_.key("content").text(only->text);
    } else if (count > 0) {
      json_.key("content").raw("[" + content + "]");
    }
    if (!plan.empty()) json_.key("tool_plan").text(Escaped{plan});
    if (!calls.empty()) write_calls(calls);
    json_.end_object();
  }

  static bool is_own_reasoning(const Part& part) {
    return part.kind == PartKind::kReasoning && part.state.kind == State::Kind::kPlain && !part.text.empty();
  }

  void write_calls(const std::vector<const Part*>& calls) {
    json_.key("tool_calls").begin_array();
    for (const Part* call : calls) {
      json_.begin_object().key("id").text(call->id).key("type").text("function").key("function").begin_object();
      json_.key("name").text(call->name).key("arguments");
      if (call->tool == chat::ToolKind::kCustom) {
        json_.text(free_text_arguments(call->text));
      } else {
        json_.text(call->arguments.empty() ? "{}" : call->arguments);
      }
      json_.end_object().end_object();
    }
    json_.end_array();
  }

  // ---- what tools said

  void write_result(const Part& part) {
    std::vector<Escaped> texts;
    for (const Part& inner : part.content) {
      if (is_text(inner)) texts.push_back(inner.text);
      if (inner.kind == PartKind::kDocument && inner.media.form == Media::Form::kText) {
        texts.push_back({sending_.request.texts.keep(headed_text(inner.media, inner.media.data.raw))});
      }
    }
    if (part.is_error) sending_.lose("tool_result.is_error", chat::Unplaced::kSilent);
    begin("tool");
    json_.key("tool_call_id").text(part.id).key("content");
    if (texts.size() <= 1) {
      json_.text(texts.empty() ? Escaped{} : texts.front());
    } else {
      json_.begin_array();
      for (const Escaped text : texts) write_text(text);
      json_.end_array();
    }
    json_.end_object();
  }

  // Images that a tool has shown can only be the user's.
  void collect_shown(const Part& result, std::vector<Part>& shown) {
    for (const Part& inner : result.content) {
      const bool medium = inner.kind >= PartKind::kImage && inner.kind <= PartKind::kDocument;
      if (!medium || inner.media.form == Media::Form::kText) continue;
      sending_.lose("media of a tool's result");
      Part label;
      label.text = {sending_.request.texts.keep("Result of " + std::string(result.id.raw) + ":")};
      shown.push_back(std::move(label));
      shown.push_back(inner);
    }
  }

  Sending& sending_;
  json::Writer& json_;
  bool written_ = false;
};

}  // namespace

void write_messages(Sending& sending, json::Writer& json) {
  MessagesWriter(sending, json).write();
}

}  // namespace sluice::dialect::cohere
