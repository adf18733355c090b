// write_contents() of write.h: turns and their parts.
#include <algorithm>
#include <map>
#include <optional>

#include "dialect/cited_document.h"
#include "dialect/gemini/fields.h"
#include "dialect/gemini/write.h"
#include "dialect/reading.h"
#include "dialect/text_document.h"
#include "json/reader.h"
#include "json/writer.h"

namespace sluice::dialect::gemini {

namespace {

using chat::Escaped;
using chat::Field;
using chat::Media;
using chat::Part;
using chat::PartKind;
using chat::Role;
using chat::State;

// What the API documents for calls that another model has made.
constexpr std::string_view kNoSignature = "skip_thought_signature_validator";

// Turns of one side that follow each other.
struct Content {
  bool model = false;
  struct Item {
    const Part* part = nullptr;
    bool system = false;  // a system prompt in the middle of a conversation
  };
  std::vector<Item> items;
};

class ContentsWriter {
 public:
  ContentsWriter(Sending& sending, json::Writer& json) : sending_(sending), json_(json) {}

  void write() {
    collect();
    if (contents_.empty()) {
      return sending_.refuse(sending_.path(Field::kMessages), "without a user's message is not supported");
    }
    json_.key("contents").begin_array();
    for (Content& content : contents_) write_content(content);
    json_.end_array();
    write_system();
  }

 private:
  std::string messages() const { return sending_.path(Field::kMessages); }

  void collect() {
    for (std::size_t i = 0; i < sending_.request.turns.size(); ++i) {
      const chat::Turn& turn = sending_.request.turns[i];
      note_losses(turn, i);
      const bool system = turn.role == Role::kSystem || turn.role == Role::kDeveloper;
      if (system && contents_.empty()) {
        for (const Part& part : turn.parts) system_.push_back(&part);
        continue;
      }
      if (system) sending_.lose(at(messages(), i, "role"));
      add_turn(turn, system);
    }
    std::erase_if(contents_, [](const Content& content) { return content.items.empty(); });
  }

  void note_losses(const chat::Turn& turn, std::size_t index) {
    if (!turn.name.empty()) sending_.lose(at(messages(), index, "name"));
    if (turn.prefill) sending_.lose(at(messages(), index, "prefix"));
    for (const Part& part : turn.parts) {
      if (part.cache != chat::CacheMark::kNone) sending_.lose("cache_control", chat::Unplaced::kSilent);
      if (part.kind == PartKind::kCall) calls_.emplace(part.id.raw, Call{calls_.size(), part.made_up_id});
    }
  }

  void add_turn(const chat::Turn& turn, bool system) {
    const bool model = turn.role == Role::kAssistant;
    if (contents_.empty() || contents_.back().model != model) contents_.push_back({.model = model, .items = {}});
    for (const Part& part : turn.parts) {
      if (says_something(part)) contents_.back().items.push_back({&part, system});
    }
  }

  // Whether anything is written for the part.
  bool says_something(const Part& part) {
    switch (part.kind) {
      case PartKind::kText:
      case PartKind::kRefusal:
        return !part.text.empty() || part.state.kind == State::Kind::kThought;
      case PartKind::kReasoning:
        if (part.state.kind == State::Kind::kThought) return true;
        return part.state.kind == State::Kind::kPlain && !part.text.empty();
      case PartKind::kServerItem:
        if (sending_.own) return true;
        sending_.lose("server tool items");
        return false;
      case PartKind::kCall:
      case PartKind::kResult:
      case PartKind::kImage:
      case PartKind::kAudio:
      case PartKind::kVideo:
      case PartKind::kDocument:
        return true;
    }
    return false;
  }

  void write_system() {
    if (system_.empty()) return;
    json_.key("systemInstruction").begin_object().key("parts").begin_array();
    for (const Part* part : system_) {
      if (part->kind != PartKind::kText) {
        sending_.refuse(messages(), "with anything but text in a system prompt is not supported");
      } else if (!part->text.empty()) {
        json_.begin_object().key("text").text(part->text).end_object();
      }
    }
    json_.end_array().end_object();
  }

  // Results stand first, in the order of their calls.
  void order_results(Content& content) {
    std::vector<std::pair<std::size_t, std::size_t>> places;  // what sorts, and where the item stood
    places.reserve(content.items.size());
    for (const Content::Item& item : content.items) places.emplace_back(place_of(*item.part), places.size());
    std::ranges::sort(places);
    std::vector<Content::Item> ordered;
    ordered.reserve(places.size());
    for (const auto& [place, index] : places) ordered.push_back(content.items[index]);
    content.items = std::move(ordered);
  }
  std::size_t place_of(const Part& part) const {
    if (part.kind != PartKind::kResult) return calls_.size() + 1;
    const auto call = calls_.find(part.id.raw);
    return call == calls_.end() ? calls_.size() : call->second.order;
  }

  void write_content(Content& content) {
    if (!content.model) order_results(content);
    json_.begin_object().key("role").text(content.model ? "model" : "user");
    json_.key("parts").begin_array();
    bool first_call = sending_.model.signatures;
    for (std::size_t i = 0; i < content.items.size(); ++i) {
      const auto& [part, system] = content.items[i];
      if (system) {
        write_midway(*part);
      } else if (is_media(part->kind)) {
        const bool taken = write_media_with_state(content, i);
        if (taken) ++i;
      } else {
        write_part(*part, first_call);
      }
      if (part->kind == PartKind::kCall) first_call = false;
    }
    json_.end_array().end_object();
  }

  // A system prompt keeps its place and loses its rank.
  void write_midway(const Part& part) {
    if (part.kind != PartKind::kText) {
      return sending_.refuse(messages(), "with anything but text in a system prompt is not supported");
    }
    std::string text = "<system>\\n";
    text += part.text.raw;
    text += "\\n</system>";
    json_.begin_object().key("text").text(Escaped{text}).end_object();
  }

  void write_part(const Part& part, bool first_call) {
    switch (part.kind) {
      case PartKind::kText:
      case PartKind::kRefusal:
        if (sending_.own && !part.raw.empty()) {
          json_.raw(part.raw);
          return;
        }
        json_.begin_object().key("text").text(part.text);
        write_signature(part.state, json_);
        json_.end_object();
        return;
      case PartKind::kReasoning:
        return write_thought(part);
      case PartKind::kCall:
        return write_call(part, first_call);
      case PartKind::kResult:
        return write_result(part);
      case PartKind::kServerItem:
        json_.raw(part.raw);
        return;
      case PartKind::kImage:
      case PartKind::kAudio:
      case PartKind::kVideo:
      case PartKind::kDocument:
        return;
    }
  }

  void write_thought(const Part& part) {
    if (sending_.own && !part.raw.empty()) {
      json_.raw(part.raw);
      return;
    }
    json_.begin_object().key("text").text(part.text);
    // What was carried without its text was the signature of a part that is no thought.
    if (!part.text.empty() || part.state.origin.empty()) json_.key("thought").boolean(true);
    write_signature(part.state, json_);
    json_.end_object();
  }

  void write_call(const Part& part, bool first_call) {
    json_.begin_object().key("functionCall").begin_object();
    if (gives_id(part.id, part.made_up_id)) json_.key("id").text(part.id);
    json_.key("name").text(part.name);
    json_.key("args");
    if (part.tool == chat::ToolKind::kCustom) {
      json_.begin_object().key("input").text(part.text).end_object();
    } else {
      json_.raw(part.arguments.empty() ? "{}" : part.arguments);
    }
    json_.end_object();
    if (part.state.kind == State::Kind::kThought) {
      write_signature(part.state, json_);
    } else if (first_call) {
      json_.key("thoughtSignature").text(kNoSignature);
    }
    json_.end_object();
  }

  bool gives_id(Escaped id, bool made_up) const {
    return !made_up && !id.empty() && (sending_.own || sending_.model.ids);
  }

  void write_result(const Part& part) {
    const auto call = calls_.find(part.id.raw);
    const bool made_up = part.made_up_id || (call != calls_.end() && call->second.made_up_id);
    if (part.name.empty()) {
      return sending_.refuse(messages(), "with a tool's result whose call is not there is not supported");
    }
    std::vector<const Part*> media;
    json_.begin_object().key("functionResponse").begin_object();
    if (gives_id(part.id, made_up)) json_.key("id").text(part.id);
    json_.key("name").text(part.name);
    write_response(part, media);
    const bool within = sending_.model.result_media || sending_.own;
    if (within && !media.empty()) {
      json_.key("parts").begin_array();
      for (const Part* part_of_result : media) write_media(sending_, *part_of_result, {}, json_);
      json_.end_array();
    }
    json_.end_object().end_object();
    if (within) return;
    // Older models take what a tool shows only as the user's.
    for (const Part* part_of_result : media) write_media(sending_, *part_of_result, {}, json_);
  }

  // A JSON object stays one; a text is its `output`, or its `error`.
  void write_response(const Part& part, std::vector<const Part*>& media) {
    std::string text;
    std::size_t texts = 0;
    for (const Part& inner : part.content) {
      if (is_media(inner.kind) && inner.media.form != Media::Form::kText) {
        media.push_back(&inner);
        continue;
      }
      if (wants_citations(inner)) sending_.lose("document.citations");
      if (texts++ > 0) text += "\\n";
      text += is_media(inner.kind) ? headed_text(inner.media, inner.media.data.raw) : std::string(inner.text.raw);
    }
    json_.key("response");
    const std::string plain = json::plain({text});
    if (!part.is_error && is_object(plain)) {
      json_.raw(plain);
    } else {
      json_.begin_object().key(part.is_error ? "error" : "output");
      json_.text(Escaped{text}).end_object();
    }
  }

  bool is_object(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos || text[begin] != '{') return false;
    auto cursor = reader_.scan_copy(text);
    if (!cursor) return false;
    cursor->skip();
    return cursor->finish();
  }

  // Whether the item behind the medium was its signature, and is written with it.
  bool write_media_with_state(const Content& content, std::size_t index) {
    const Part& part = *content.items[index].part;
    if (index + 1 < content.items.size() && content.model) {
      const Part& next = *content.items[index + 1].part;
      const bool behind = next.kind == PartKind::kReasoning && next.text.empty() && !next.state.origin.empty() &&
                          next.state.kind == State::Kind::kThought;
      if (behind) {
        write_media(sending_, part, next.state, json_);
        return true;
      }
    }
    write_media(sending_, part, part.state, json_);
    return false;
  }

  struct Call {
    std::size_t order = 0;
    bool made_up_id = false;
  };

  Sending& sending_;
  json::Writer& json_;
  json::Reader reader_;
  std::vector<Content> contents_;
  std::vector<const Part*> system_;
  std::map<std::string_view, Call> calls_;
};

}  // namespace

void write_contents(Sending& sending, json::Writer& json) {
  ContentsWriter(sending, json).write();
}

}  // namespace sluice::dialect::gemini
