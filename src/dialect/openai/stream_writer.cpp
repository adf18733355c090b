#include "dialect/openai/stream_writer.h"

#include <algorithm>

#include "dialect/faults.h"
#include "dialect/openai/error.h"

namespace sluice::dialect::openai {

namespace {

using chat::Piece;
using chat::PieceKind;
using json::Escaped;

constexpr std::uint32_t kMostChoices = 1024;

}  // namespace

StreamWriter::Column& StreamWriter::column(std::uint32_t index) {
  index = std::min(index, kMostChoices);
  const auto found = std::ranges::find(columns_, index, &Column::index);
  Column& column = found != columns_.end() ? *found : columns_.emplace_back(options_.origin);
  column.index = index;
  if (column.begun) return column;
  column.begun = true;
  chunk(column, [](json::Writer& json) { json.key("role").text("assistant").key("content").text(""); });
  return column;
}

void StreamWriter::begin(const chat::Learned& learned) {
  if (begun_) return;
  begun_ = true;
  id_ = answer_id(options_, learned);
  model_ = answer_model(options_, learned);
  created_ = answer_created(options_, learned);
  service_tier_ = learned.service_tier;
}

void StreamWriter::head(json::Writer& json) {
  json.begin_object();
  json.key("id").text(id_).key("object").text("chat.completion.chunk").key("created").number(created_);
  json.key("model").text(model_);
  if (!service_tier_.empty()) json.key("service_tier").text(service_tier_);
  json.key("system_fingerprint").null();
}

template <class Write>
void StreamWriter::chunk(Column& column, Write write, std::string_view logprobs, std::string_view finish) {
  *out_ += "data: ";
  json::Writer json(*out_);
  head(json);
  json.key("choices").begin_array().begin_object().key("index").number(std::uint64_t{column.index});
  json.key("delta").begin_object();
  write(json);
  json.end_object().key("logprobs");
  if (logprobs.empty()) {
    json.null();
  } else {
    json.raw(on_one_line(logprobs));
  }
  json.key("finish_reason");
  if (finish.empty()) {
    json.null();
  } else {
    json.text(finish);
  }
  json.end_object().end_array();
  if (shows_usage_) json.key("usage").null();
  json.end_object();
  *out_ += "\n\n";
}

void StreamWriter::write(std::span<const Piece> pieces, const chat::Learned& learned, std::string& out) {
  if (pieces.empty()) return;
  out_ = &out;
  told_ = learned.finish_reason;
  begin(learned);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece& piece = pieces[i];
    // Log probabilities go with the text they follow.
    const bool goes_with = i + 1 < pieces.size() && pieces[i + 1].kind == PieceKind::kLogprobs &&
                           pieces[i + 1].choice == piece.choice &&
                           (piece.kind == PieceKind::kText || piece.kind == PieceKind::kRefusal);
    take(piece, goes_with ? pieces[i + 1].raw : std::string_view());
    if (goes_with) ++i;
  }
}

void StreamWriter::take(const Piece& piece, std::string_view logprobs) {
  Column& target = column(piece.choice);
  if (piece.kind != PieceKind::kArguments) end_call(target);
  switch (piece.kind) {
    case PieceKind::kText:
      target.text.add(piece);
      return say(target, "content", piece.text, logprobs);
    case PieceKind::kRefusal:
      target.held.refusal = true;
      return say(target, "refusal", piece.text, logprobs);
    case PieceKind::kReasoning:
      target.thought += piece.text.raw;
      return say(target, "reasoning_content", piece.text, {});
    case PieceKind::kState:
      target.carried.add(piece.state, piece.id, {target.thought}, target.text.characters());
      target.thought.clear();
      return;
    case PieceKind::kCall:
      return begin_call(target, piece);
    case PieceKind::kArguments:
      return arguments(target, piece.text);
    case PieceKind::kMedia:
      return show(target, piece.media);
    case PieceKind::kCitation:
      return cite(target, piece.citation);
    case PieceKind::kLogprobs:
      return chunk(target, [](json::Writer&) {}, piece.raw);
    case PieceKind::kFinish:
      failed_ = failed_ || piece.finish == chat::FinishReason::kModelError;
      return failed_ ? void() : end(target, piece.finish);
    case PieceKind::kServerItem:
      return;  // the API has no place for it
  }
}

void StreamWriter::say(Column& column, std::string_view key, Escaped text, std::string_view logprobs) {
  if (text.empty() && logprobs.empty()) return;
  chunk(column, [&](json::Writer& json) { json.key(key).text(text); }, logprobs);
}

void StreamWriter::begin_call(Column& column, const Piece& piece) {
  const bool wanted_custom = asked_custom(options_, piece.name);
  column.in_call = true;
  column.is_function = column.calls == 0 && asked_functions(options_);
  column.is_custom = wanted_custom || piece.tool == chat::ToolKind::kCustom;
  column.is_wrapped = wanted_custom && piece.tool != chat::ToolKind::kCustom;
  column.has_arguments = false;
  column.wrapped.clear();
  column.held.calls = true;
  ++column.calls;
  if (column.is_function) {  // it has no id: what is carried waits for the end
    if (piece.state.kind != chat::State::Kind::kNone) column.carried.add(piece.state, {}, {}, 0);
    return chunk(column, [&](json::Writer& json) {
      json.key("function_call").begin_object().key("name").text(piece.name).key("arguments").text("").end_object();
    });
  }
  const std::string id = column.carried.into_id(piece.id, piece.made_up_id, piece.state);
  const std::string_view kind = column.is_custom ? "custom" : "function";
  chunk(column, [&](json::Writer& json) {
    json.key("tool_calls").begin_array().begin_object().key("index").number(column.calls - 1);
    json.key("id").text(id).key("type").text(kind).key(kind).begin_object().key("name").text(piece.name);
    json.key(column.is_custom ? "input" : "arguments").text("");
    json.end_object().end_object().end_array();
  });
}

void StreamWriter::arguments(Column& column, Escaped text) {
  if (!column.in_call || text.empty()) return;
  if (column.is_wrapped) {
    column.wrapped += text.raw;
    return;
  }
  column.has_arguments = true;
  chunk(column, [&](json::Writer& json) {
    if (column.is_function) {
      json.key("function_call").begin_object().key("arguments").text(text).end_object();
      return;
    }
    json.key("tool_calls").begin_array().begin_object().key("index").number(column.calls - 1);
    json.key(column.is_custom ? "custom" : "function").begin_object();
    json.key(column.is_custom ? "input" : "arguments").text(text);
    json.end_object().end_object().end_array();
  });
}

void StreamWriter::end_call(Column& column) {
  if (!column.in_call) return;
  if (column.is_wrapped) {
    const std::string input = unwrapped(column.wrapped);
    column.is_wrapped = false;
    arguments(column, {input});
  } else if (!column.has_arguments && !column.is_custom) {
    arguments(column, {"{}"});
  }
  column.in_call = false;
}

// All of them are told in one delta, as the API does: SDKs join the lists of several by indexes that sources have not.
void StreamWriter::cite(Column& column, const chat::Citation& citation) {
  if (!column.annotations.empty()) column.annotations += ',';
  json::Writer json(column.annotations);
  write_annotation(citation, column.text.place(citation.of), json);
}

void StreamWriter::show(Column& column, const chat::Media& media) {
  chunk(column, [&](json::Writer& json) {
    if (media.type.raw.starts_with("audio/")) {
      json.key("audio");
      write_audio(media, options_, created_, json);
    } else {
      json.key("images").begin_array();
      write_image(media, json);
      json.end_array();
    }
  });
}

void StreamWriter::end(Column& column, chat::FinishReason finish) {
  if (column.finished) return;
  column.finished = true;
  if (!column.annotations.empty()) {
    chunk(column, [&](json::Writer& json) { json.key("annotations").raw("[" + column.annotations + "]"); });
  }
  if (!column.carried.empty()) {
    chunk(column, [&](json::Writer& json) {
      json.key("reasoning_details");
      column.carried.write_details(json);
    });
  }
  std::string_view word = finish_word(finish, column.held, told_);
  if (word == "tool_calls" && asked_functions(options_)) word = "function_call";
  chunk(column, [](json::Writer&) {}, {}, word);
}

void StreamWriter::finish(const chat::Learned& learned, std::string& out) {
  // The API has no word for it.
  if (failed_ || learned.finish == chat::FinishReason::kModelError) {
    return fail(model_failure(learned.finish_reason), learned, out);
  }
  out_ = &out;
  told_ = learned.finish_reason;
  begin(learned);
  column(0);
  for (Column& column : columns_) {
    end_call(column);
    end(column, learned.finish);
  }
  if (shows_usage_ && learned.usage.source == chat::UsageSource::kProvider) {
    out += "data: ";
    json::Writer json(out);
    head(json);
    json.key("choices").begin_array().end_array().key("usage");
    write_usage(learned.usage, json);
    json.end_object();
    out += "\n\n";
  }
  out += "data: [DONE]\n\n";
}

void StreamWriter::fail(const Fault& fault, const chat::Learned&, std::string& out) {
  out += write_stream_error(fault);
}

}  // namespace sluice::dialect::openai
