#include "dialect/responses/item_writer.h"

#include <algorithm>

#include "chat/seal.h"
#include "dialect/responses/annotation.h"
#include "dialect/responses/members.h"
#include "dialect/responses/owned_id.h"

namespace sluice::dialect::responses {

namespace {

using json::Escaped;

void append_listed(std::string& list, std::string_view item) {
  if (item.empty()) return;
  if (!list.empty()) list += ',';
  append_on_one_line(list, item);
}

// The types of items that answers of this API have beside messages, reasoning and calls of the client's tools.
bool is_server_item(std::string_view type) {
  return type.ends_with("_call") || type.ends_with("_call_output") || type == "mcp_list_tools" ||
         type == "mcp_approval_request" || type == "compaction" || type == "program" || type == "program_output" ||
         type == "tool_search_output" || type == "additional_tools";
}

std::string_view status_of(ItemWriter::Ending ending) {
  return ending == ItemWriter::Ending::kWhole ? "completed" : "incomplete";
}

}  // namespace

void ItemWriter::text(const chat::Piece& piece, std::string_view logprobs) {
  const Escaped text = piece.text;
  open_part(PartKind::kText);
  const std::string list = logprob_list(logprobs);
  append_listed(logprobs_, list);
  if (text.empty()) return;
  text_ += text.raw;
  cited_.add(piece);
  events_.write("response.output_text.delta", [&](json::Writer& json) {
    place_part(json);
    json.key("delta").text(text);
    json.key("logprobs").begin_array();
    if (!list.empty()) json.raw(list);
    json.end_array();
  });
}

void ItemWriter::refusal(Escaped text) {
  open_part(PartKind::kRefusal);
  has_refusal_ = true;
  if (text.empty()) return;
  text_ += text.raw;
  events_.write("response.refusal.delta", [&](json::Writer& json) {
    place_part(json);
    json.key("delta").text(text);
  });
}

void ItemWriter::reasoning(Escaped text) {
  if (kind_ != Kind::kReasoning) open(Kind::kReasoning, "rs");
  if (text.empty()) return;
  if (text_.empty()) {
    events_.write("response.reasoning_summary_part.added", [&](json::Writer& json) {
      place(json);
      json.key("summary_index").number(std::uint64_t{0});
      json.key("part").raw(R"({"type":"summary_text","text":""})");
    });
  }
  text_ += text.raw;
  events_.write("response.reasoning_summary_text.delta", [&](json::Writer& json) {
    place(json);
    json.key("summary_index").number(std::uint64_t{0});
    json.key("delta").text(text);
  });
}

// Ends the reasoning it belongs to, or is an item of its own. Only its maker gets it back: it is sealed.
void ItemWriter::state(const chat::Piece& piece) {
  const bool empty = piece.state.data.empty();
  if (kind_ != Kind::kReasoning || piece.state.kind == chat::State::Kind::kRedacted) {
    if (empty) return;
    open(Kind::kReasoning, "rs");
  }
  const std::string_view origin = piece.state.origin.empty() ? options_.origin : piece.state.origin;
  encrypted_ = chat::sealed_state(origin, piece.state, json::plain(piece.id));
  close(Ending::kWhole);
}

void ItemWriter::call(const chat::Piece& piece) {
  const std::string id =
      chat::sealed_call_id(options_.origin, json::plain(piece.id), piece.made_up_id, piece.state, {});
  bool asked_custom = false;
  if (options_.request != nullptr) {
    const auto& tools = options_.request->tools;
    const auto tool = std::ranges::find(tools, piece.name, &chat::Tool::name);
    asked_custom = tool != tools.end() && tool->kind == chat::ToolKind::kCustom;
  }
  close(Ending::kWhole);
  call_id_ = json::escape(id);
  name_ = piece.name.raw;
  custom_ = asked_custom || piece.tool == chat::ToolKind::kCustom;
  wrapped_ = asked_custom && piece.tool != chat::ToolKind::kCustom;
  open(Kind::kCall, custom_ ? "ctc" : "fc");
}

void ItemWriter::arguments(Escaped text) {
  if (kind_ != Kind::kCall || text.empty()) return;
  text_ += text.raw;
  if (wrapped_) return;
  events_.write(custom_ ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta",
                [&](json::Writer& json) {
                  place(json);
                  json.key("delta").text(text);
                });
}

void ItemWriter::citation(const chat::Citation& citation) {
  if (kind_ != Kind::kMessage || part_ != PartKind::kText) return;
  chat::Range of = cited_.place(citation.of);
  of = {.begin = std::max(of.begin, part_begin_) - part_begin_, .end = std::max(of.end, part_begin_) - part_begin_};
  const std::string made = annotation_of(citation, of, reader_);
  if (made.empty()) return;
  append_listed(annotations_, made);
  events_.write("response.output_text.annotation.added", [&](json::Writer& json) {
    place_part(json);
    json.key("annotation_index").number(annotation_count_);
    json.key("annotation").raw(made);
  });
  ++annotation_count_;
}

// Those that came apart from their text stand in the whole part only.
void ItemWriter::logprobs(std::string_view logprobs) {
  if (kind_ == Kind::kMessage && part_ == PartKind::kText) append_listed(logprobs_, logprob_list(logprobs));
}

std::string ItemWriter::logprob_list(std::string_view chat) {
  std::string list;
  if (chat.empty()) return list;
  for (std::string_view token : elements(Members(chat, reader_).value("content"), reader_)) append_listed(list, token);
  return list;
}

void ItemWriter::server_item(std::string_view raw) {
  if (is_server_item(Members(raw, reader_).text("type").raw)) add_whole(on_one_line(raw));
}

// An image is an item of its own. Answers of this API have no audio.
void ItemWriter::media(const chat::Media& media) {
  if (!media.type.empty() && !media.type.raw.starts_with("image/")) return;
  if (media.form != chat::Media::Form::kInline) {
    const std::string link = "![](" + std::string(media.data.raw) + ")";
    chat::Piece piece;
    piece.text = {link};
    return text(piece, {});
  }
  std::string out;
  json::Writer json(out);
  json.begin_object();
  json.key("id").text(made_id("ig", options_.exchange_id, count_));
  json.key("type").raw(R"("image_generation_call")");
  json.key("status").raw(R"("completed")");
  json.key("result").text(media.data);
  if (media.type.raw.starts_with("image/")) json.key("output_format").text(Escaped{media.type.raw.substr(6)});
  json.end_object();
  add_whole(out);
}

// An item that came whole.
void ItemWriter::add_whole(std::string_view item) {
  close(Ending::kWhole);
  index_ = count_++;
  item_event("response.output_item.added", item);
  item_event("response.output_item.done", item);
  append_listed(output_, item);
}

std::string ItemWriter::output() const {
  std::string items = output_;
  if (kind_ != Kind::kNone) append_listed(items, item("incomplete"));
  return items;
}

// ---- the open item

void ItemWriter::open(Kind kind, std::string_view prefix) {
  close(Ending::kWhole);
  kind_ = kind;
  index_ = count_++;
  id_ = made_id(prefix, options_.exchange_id, index_);
  item_event("response.output_item.added", item("in_progress"));
}

void ItemWriter::open_part(PartKind kind) {
  if (kind_ != Kind::kMessage) open(Kind::kMessage, "msg");
  if (part_ == kind) return;
  close_part();
  part_ = kind;
  events_.write("response.content_part.added", [&](json::Writer& json) {
    place_part(json);
    write_part(json.key("part"));
  });
}

void ItemWriter::close_part() {
  if (part_ == PartKind::kNone) return;
  const bool is_text = part_ == PartKind::kText;
  events_.write(is_text ? "response.output_text.done" : "response.refusal.done", [&](json::Writer& json) {
    place_part(json);
    json.key(is_text ? "text" : "refusal").text(Escaped{text_});
    if (!is_text) return;
    json.key("logprobs").begin_array();
    if (!logprobs_.empty()) json.raw(logprobs_);
    json.end_array();
  });
  std::string part;
  json::Writer part_json(part);
  write_part(part_json);
  events_.write("response.content_part.done", [&](json::Writer& json) {
    place_part(json);
    json.key("part").raw(part);
  });
  append_listed(parts_, part);
  ++part_index_;
  part_ = PartKind::kNone;
  text_.clear();
  annotations_.clear();
  logprobs_.clear();
  annotation_count_ = 0;
  part_begin_ = cited_.characters();
}

void ItemWriter::close_summary() {
  if (text_.empty()) return;
  events_.write("response.reasoning_summary_text.done", [&](json::Writer& json) {
    place(json);
    json.key("summary_index").number(std::uint64_t{0});
    json.key("text").text(Escaped{text_});
  });
  events_.write("response.reasoning_summary_part.done", [&](json::Writer& json) {
    place(json);
    json.key("summary_index").number(std::uint64_t{0});
    json.key("part").begin_object();
    json.key("type").raw(R"("summary_text")");
    json.key("text").text(Escaped{text_});
    json.end_object();
  });
}

// The deltas of a call add up to what it is in the end.
void ItemWriter::close_call(Ending ending) {
  const std::string_view type =
      custom_ ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta";
  const bool is_late = wrapped_ || (!custom_ && text_.empty() && ending == Ending::kWhole);
  if (wrapped_) unwrap();
  if (is_late && !wrapped_) text_ = "{}";
  if (is_late && !text_.empty()) {
    events_.write(type, [&](json::Writer& json) {
      place(json);
      json.key("delta").text(Escaped{text_});
    });
  }
  events_.write(custom_ ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done",
                [&](json::Writer& json) {
                  place(json);
                  if (!custom_) json.key("name").text(Escaped{name_});
                  json.key(custom_ ? "input" : "arguments").text(Escaped{text_});
                });
}

// Arguments that are not as the tool was declared stay what they are.
void ItemWriter::unwrap() {
  const std::string arguments = json::plain({text_});
  const Members members(arguments, reader_);
  const std::string_view input = members.value("input");
  if (input.starts_with('"')) text_ = std::string(inside(input).raw);
}

void ItemWriter::close(Ending ending) {
  if (kind_ == Kind::kNone) return;
  if (kind_ == Kind::kMessage) close_part();
  if (kind_ == Kind::kReasoning) close_summary();
  if (kind_ == Kind::kCall) close_call(ending);
  const std::string ended = item(status_of(ending));
  item_event("response.output_item.done", ended);
  append_listed(output_, ended);
  kind_ = Kind::kNone;
  part_index_ = 0;
  text_.clear();
  encrypted_.clear();
  parts_.clear();
}

void ItemWriter::item_event(std::string_view type, std::string_view item) {
  events_.write(type, [&](json::Writer& json) {
    json.key("output_index").number(index_);
    json.key("item").raw(item);
  });
}

void ItemWriter::place(json::Writer& json) const {
  json.key("item_id").text(std::string_view(id_));
  json.key("output_index").number(index_);
}

void ItemWriter::place_part(json::Writer& json) const {
  place(json);
  json.key("content_index").number(part_index_);
}

std::string ItemWriter::item(std::string_view status) const {
  std::string out;
  json::Writer json(out);
  json.begin_object();
  json.key("id").text(std::string_view(id_));
  if (kind_ == Kind::kReasoning) {
    json.key("type").raw(R"("reasoning")");
    json.key("summary").begin_array();
    if (!text_.empty()) {
      json.begin_object();
      json.key("type").raw(R"("summary_text")");
      json.key("text").text(Escaped{text_});
      json.end_object();
    }
    json.end_array();
    if (!encrypted_.empty()) json.key("encrypted_content").text(std::string_view(encrypted_));
  } else if (kind_ == Kind::kMessage) {
    json.key("type").raw(R"("message")");
    json.key("status").text(status);
    json.key("role").raw(R"("assistant")");
    json.key("content").begin_array();
    if (!parts_.empty()) json.raw(parts_);
    if (part_ != PartKind::kNone) write_part(json);
    json.end_array();
  } else {
    json.key("type").raw(custom_ ? R"("custom_tool_call")" : R"("function_call")");
    json.key("status").text(status);
    json.key("call_id").text(Escaped{call_id_});
    json.key("name").text(Escaped{name_});
    json.key(custom_ ? "input" : "arguments").text(Escaped{text_});
  }
  json.end_object();
  return out;
}

void ItemWriter::write_part(json::Writer& json) const {
  json.begin_object();
  if (part_ == PartKind::kRefusal) {
    json.key("type").raw(R"("refusal")");
    json.key("refusal").text(Escaped{text_});
  } else {
    json.key("type").raw(R"("output_text")");
    json.key("text").text(Escaped{text_});
    json.key("annotations").begin_array();
    if (!annotations_.empty()) json.raw(annotations_);
    json.end_array();
    json.key("logprobs").begin_array();
    if (!logprobs_.empty()) json.raw(logprobs_);
    json.end_array();
  }
  json.end_object();
}

}  // namespace sluice::dialect::responses
