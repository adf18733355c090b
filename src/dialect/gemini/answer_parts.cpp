#include "dialect/gemini/answer_parts.h"

#include <utility>

#include "chat/seal.h"
#include "dialect/gemini/schema.h"
#include "dialect/raw_arguments.h"

namespace sluice::dialect::gemini {

namespace {

using chat::Escaped;

constexpr std::size_t kMostSources = 1000;

}  // namespace

void PartWriter::text(Escaped text) {
  json_.begin_object().key("text").text(text).end_object();
}

void PartWriter::thought(Escaped text, const chat::State& state, Escaped id) {
  json_.begin_object().key("text").text(text).key("thought").boolean(true);
  if (state.kind != chat::State::Kind::kNone) {
    json_.key("thoughtSignature").text(chat::sealed_state(origin_, state, json::plain(id)));
  }
  json_.end_object();
}

void PartWriter::call(const chat::Part& call, std::string_view arguments) {
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

void Sources::add(const chat::Citation& citation) {
  if (citation.url.empty() || sources_.size() == kMostSources) return;
  // Several sources of one text come one after the other.
  if (cited_end_ != text_end_) cited_begin_ = std::exchange(cited_end_, text_end_);
  sources_.push_back({std::string(citation.url.raw), std::string(citation.title.raw), cited_begin_, cited_end_});
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
    json.begin_object().key("segment").begin_object();
    json.key("startIndex").number(std::uint64_t{sources_[i].begin});
    json.key("endIndex").number(std::uint64_t{sources_[i].end}).end_object();
    json.key("groundingChunkIndices").begin_array().number(std::uint64_t{i}).end_array().end_object();
  }
  json.end_array().end_object();
}

}  // namespace sluice::dialect::gemini
