#include "dialect/gemini/answer_parts.h"

#include <algorithm>

#include "chat/seal.h"
#include "dialect/gemini/schema.h"
#include "dialect/raw_arguments.h"

namespace sluice::dialect::gemini {

namespace {

using chat::Escaped;

constexpr std::size_t kMostSources = 1000;

}  // namespace

void PartWriter::text(Escaped text) {
  ++count_;
  json_.begin_object().key("text").text(text).end_object();
}

void PartWriter::thought(Escaped text, const chat::State& state, Escaped id) {
  ++count_;
  json_.begin_object().key("text").text(text).key("thought").boolean(true);
  if (state.kind != chat::State::Kind::kNone) {
    json_.key("thoughtSignature").text(chat::sealed_state(origin_, state, json::plain(id)));
  }
  json_.end_object();
}

void PartWriter::call(const chat::Part& call, std::string_view arguments) {
  ++count_;
  json_.begin_object().key("functionCall").begin_object();
  json_.key("id").text(chat::sealed_call_id(origin_, json::plain(call.id), call.made_up_id, call.state));
  json_.key("name").text(call.name).key("args");
  if (call.tool == chat::ToolKind::kCustom) {
    json_.begin_object().key("input").text(arguments).end_object();
  } else if (arguments.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    json_.raw("{}");
  } else if (is_object(arguments)) {
    json_.raw(compact(arguments));
  } else {
    // Cut off or malformed: what there is is not lost, and cannot be taken for the arguments that were meant.
    json_.raw(raw_arguments(arguments));
  }
  json_.end_object().end_object();
}

void PartWriter::media(const chat::Media& media) {
  ++count_;
  json_.begin_object();
  if (media.form == chat::Media::Form::kInline) {
    json_.key("inlineData").begin_object().key("mimeType").text(media.type).key("data").text(media.data);
  } else {
    json_.key("fileData").begin_object();
    if (!media.type.empty()) json_.key("mimeType").text(media.type);
    json_.key("fileUri").text(media.data);
  }
  json_.end_object().end_object();
}

bool PartWriter::is_object(std::string_view text) {
  auto cursor = reader_.scan_copy(text);
  if (!cursor || cursor->kind() != json::Kind::kObject) return false;
  cursor->skip();
  return cursor->finish();
}

void Sources::add_text(const chat::Piece& text, std::size_t index) {
  const bool begins = parts_.empty() || parts_.back().index != index;
  if (begins) parts_.push_back({.index = index, .byte = text_.byte_of(text_.characters())});
  text_.add(text);
}

void Sources::add(const chat::Citation& citation, chat::Range of) {
  if (citation.url.empty() || sources_.size() == kMostSources) return;
  sources_.push_back({.url = std::string(citation.url.raw),
                      .title = std::string(citation.title.raw),
                      .begin = text_.byte_of(of.begin),
                      .end = text_.byte_of(of.end)});
}

// One that goes on in the next part ends with its own.
void Sources::write_segment(const Source& source, json::Writer& json) const {
  const auto after = std::ranges::upper_bound(parts_, source.begin, {}, &Begun::byte);
  const Begun part = after == parts_.begin() ? Begun{} : *std::prev(after);
  const std::uint64_t end = after == parts_.end() ? source.end : std::min(source.end, after->byte);
  json.key("segment").begin_object();
  if (part.index > 0) json.key("partIndex").number(std::uint64_t{part.index});
  json.key("startIndex").number(source.begin - part.byte);
  json.key("endIndex").number(end - part.byte).end_object();
}

void Sources::write(json::Writer& json) const {
  if (sources_.empty()) return;
  json.key("groundingMetadata").begin_object().key("groundingChunks").begin_array();
  for (const Source& source : sources_) {
    json.begin_object().key("web").begin_object().key("uri").text(Escaped{source.url});
    if (!source.title.empty()) json.key("title").text(Escaped{source.title});
    json.end_object().end_object();
  }
  json.end_array().key("groundingSupports").begin_array();
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    json.begin_object();
    write_segment(sources_[i], json);
    json.key("groundingChunkIndices").begin_array().number(std::uint64_t{i}).end_array().end_object();
  }
  json.end_array().end_object();
}

}  // namespace sluice::dialect::gemini
