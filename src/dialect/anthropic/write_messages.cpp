// Messages and their blocks: write_system() and write_messages() of write.h.
#include <algorithm>

#include "dialect/anthropic/write.h"
#include "dialect/image_type.h"
#include "dialect/text_document.h"

namespace sluice::dialect::anthropic {

namespace {

using chat::CacheMark;
using chat::Field;
using chat::Media;
using chat::Part;
using chat::PartKind;
using chat::State;
using json::Escaped;

void write_mark(CacheMark mark, json::Writer& json) {
  if (mark == CacheMark::kNone) return;
  json.key("cache_control").begin_object().key("type").text(std::string_view("ephemeral"));
  if (mark == CacheMark::kLong) json.key("ttl").text(std::string_view("1h"));
  json.end_object();
}

class BlockWriter {
 public:
  BlockWriter(Sending& sending, json::Writer& json) : sending_(sending), json_(json) {}

  void message(const Message& message) {
    json_.begin_object().key("role");
    json_.text(std::string_view(message.role == chat::Role::kAssistant ? "assistant"
                                : message.role == chat::Role::kSystem  ? "system"
                                                                       : "user"));
    json_.key("content").begin_array();
    for (const Part* part : message.results) result(*part);
    for (const Part* part : message.parts) block(*part);
    json_.end_array().end_object();
  }

  void text(const Part& part) {
    json_.begin_object().key("type").text(std::string_view("text")).key("text").text(part.text);
    end(part);
  }

 private:
  void begin(std::string_view type) { json_.begin_object().key("type").text(type); }
  void end(const Part& part) {
    write_mark(part.cache, json_);
    json_.end_object();
  }
  void refuse(std::string_view why) { sending_.refuse(sending_.path(Field::kMessages), why); }

  void block(const Part& part) {
    switch (part.kind) {
      case PartKind::kText:
      case PartKind::kRefusal:
        return text(part);
      case PartKind::kImage:
        return image(part);
      case PartKind::kDocument:
        return document(part);
      case PartKind::kAudio:
        return refuse("with audio is not supported");
      case PartKind::kVideo:
        return refuse("with video is not supported");
      case PartKind::kReasoning:
        return reasoning(part);
      case PartKind::kCall:
        return call(part);
      case PartKind::kResult:
      case PartKind::kServerItem:
        return;
    }
  }

  void reasoning(const Part& part) {
    if (part.state.kind == State::Kind::kRedacted) {
      begin("redacted_thinking");
      json_.key("data").text(part.state.data);
    } else {
      begin("thinking");
      json_.key("thinking").text(part.text).key("signature").text(part.state.data);
    }
    json_.end_object();
  }

  void call(const Part& part) {
    begin("tool_use");
    json_.key("id").text(part.id).key("name").text(part.name).key("input");
    if (part.tool == chat::ToolKind::kCustom) {
      json_.begin_object().key("input").text(part.text).end_object();
    } else {
      json_.raw(part.arguments.empty() ? "{}" : part.arguments);
    }
    end(part);
  }

  void result(const Part& part) {
    begin("tool_result");
    json_.key("tool_use_id").text(part.id);
    const auto says = [](const Part& inner) { return inner.kind != PartKind::kText || !inner.text.empty(); };
    if (std::ranges::any_of(part.content, says)) {
      json_.key("content").begin_array();
      for (const Part& inner : part.content) {
        if (!says(inner)) continue;
        if (inner.kind == PartKind::kServerItem) {
          refuse("with what another provider's tool gave is not supported");
        } else {
          block(inner);
        }
      }
      json_.end_array();
    }
    if (part.is_error) json_.key("is_error").boolean(true);
    end(part);
  }

  void image(const Part& part) {
    const Media& media = part.media;
    if (!media.detail.empty() && media.detail.raw != "auto") sending_.lose("image.detail");
    if (media.form == Media::Form::kFile) return refuse("with a file that another provider keeps is not supported");
    begin("image");
    json_.key("source").begin_object();
    if (media.form == Media::Form::kUrl) {
      json_.key("type").text(std::string_view("url")).key("url").text(media.data);
    } else {
      const std::string_view type = image_type(media);
      if (type.empty()) refuse("with an image that is no JPEG, PNG, GIF or WebP is not supported");
      json_.key("type").text(std::string_view("base64")).key("media_type").text(type).key("data").text(media.data);
    }
    json_.end_object();
    end(part);
  }

  void document(const Part& part) {
    const Media& media = part.media;
    if (media.form == Media::Form::kFile) return refuse("with a file that another provider keeps is not supported");
    begin("document");
    json_.key("source").begin_object();
    if (media.form == Media::Form::kUrl) {
      json_.key("type").text(std::string_view("url")).key("url").text(media.data);
    } else if (media.form == Media::Form::kText) {
      text_source(media.data);
    } else {
      inline_source(media);
    }
    json_.end_object();
    if (!media.name.empty()) json_.key("title").text(media.name);
    if (!media.context.empty()) json_.key("context").text(media.context);
    if (!part.citations.empty()) json_.key("citations").raw(part.citations);
    end(part);
  }

  void text_source(Escaped text) {
    json_.key("type").text(std::string_view("text")).key("media_type").text(std::string_view("text/plain"));
    json_.key("data").text(text);
  }

  void inline_source(const Media& media) {
    if (is_pdf(media)) {
      json_.key("type").text(std::string_view("base64")).key("media_type").text(std::string_view("application/pdf"));
      json_.key("data").text(media.data);
      return;
    }
    const auto text = decoded_text(media);
    if (!text) return refuse("with a document that is no PDF and no text is not supported");
    text_source({*text});
  }

  Sending& sending_;
  json::Writer& json_;
};

}  // namespace

void write_system(Sending& sending, const Conversation& conversation, json::Writer& json) {
  if (conversation.system.empty()) return;
  BlockWriter blocks(sending, json);
  json.key("system").begin_array();
  for (const Part* part : conversation.system) blocks.text(*part);
  json.end_array();
}

void write_messages(Sending& sending, const Conversation& conversation, json::Writer& json) {
  BlockWriter blocks(sending, json);
  json.key("messages").begin_array();
  for (const Message& message : conversation.messages) blocks.message(message);
  json.end_array();
}

}  // namespace sluice::dialect::anthropic
