#include "dialect/bedrock/writer.h"

#include <array>
#include <utility>

#include "chat/reply.h"
#include "chat/seal.h"
#include "dialect/bedrock/citation.h"
#include "dialect/bedrock/error.h"
#include "dialect/bedrock/fields.h"
#include "dialect/bedrock/finish.h"
#include "dialect/bedrock/formats.h"
#include "dialect/bedrock/usage.h"
#include "http/event_stream.h"
#include "json/reader.h"
#include "json/writer.h"

namespace sluice::dialect::bedrock {

namespace {

using chat::FinishReason;
using chat::Part;
using chat::PartKind;
using chat::Piece;
using chat::PieceKind;
using chat::State;
using json::Escaped;

// What both ways of answering share.
class Common {
 public:
  explicit Common(const WriteOptions& options) : options_(options) {}

  const WriteOptions& options() const { return options_; }
  std::string call_id(Escaped id, bool made_up, const State& state) const {
    return chat::sealed_call_id(options_.origin, json::plain(id), made_up, state);
  }
  std::string signature(const State& state, Escaped item_id) const {
    return chat::sealed_state(options_.origin, state, json::plain(item_id));
  }

  // "stopReason", and which stop sequence matched for those who asked for it.
  void write_ending(FinishReason finish, Escaped stop_sequence, const chat::Learned& learned,
                    json::Writer& json) const {
    if (finish == FinishReason::kNone) finish = learned.finish;
    json.key("stopReason").text(word_of(finish, learned.finish_reason));
    const chat::Request* request = options_.request;
    const bool asked = request != nullptr && request->path(chat::Field::kInclude) == kResponsePaths &&
                       request->value(chat::Field::kInclude).contains("\"/stop_sequence\"");
    if (!asked || stop_sequence.empty()) return;
    json.key("additionalModelResponseFields").begin_object().key("stop_sequence").text(stop_sequence).end_object();
  }

  static void write_measures(const chat::Learned& learned, json::Writer& json) {
    write_usage(learned.usage, json);
    const std::string_view tier = learned.service_tier;
    if (tier != "default" && tier != "flex" && tier != "priority" && tier != "reserved") return;
    json.key("serviceTier").begin_object().key("type").text(tier).end_object();
  }

 private:
  WriteOptions options_;
};

// ---- streamed

class StreamWriter final : public AnswerWriter {
 public:
  explicit StreamWriter(const WriteOptions& options) : common_(options) {}

  void write(std::span<const Piece> pieces, const chat::Learned&, std::string& out) override {
    begin(out);
    for (const Piece& piece : pieces) {
      if (piece.choice == 0) write(piece, out);
    }
  }

  void finish(const chat::Learned& learned, std::string& out) override {
    begin(out);
    close(out);
    frame("messageStop", out,
          [&](json::Writer& json) { common_.write_ending(finish_, {stop_sequence_}, learned, json); });
    if (learned.usage.source != chat::UsageSource::kProvider) return;
    frame("metadata", out, [&](json::Writer& json) { Common::write_measures(learned, json); });
  }

  void fail(const Fault& fault, const chat::Learned&, std::string& out) override { out += write_error_frame(fault); }

 private:
  enum class Open : std::uint8_t { kNothing, kText, kReasoning, kCall };

  template <class Write>
  void frame(std::string_view type, std::string& out, Write write_members) {
    const std::array<http::EventStreamHeader, 3> headers{{
        {.name = ":event-type", .value = type},
        {.name = ":content-type", .value = "application/json"},
        {.name = ":message-type", .value = "event"},
    }};
    payload_.clear();
    json::Writer json(payload_);
    json.begin_object();
    write_members(json);
    json.end_object();
    http::append_frame(out, headers, payload_);
  }

  void begin(std::string& out) {
    if (begun_) return;
    begun_ = true;
    frame("messageStart", out, [](json::Writer& json) { json.key("role").text("assistant"); });
  }

  void close(std::string& out) {
    if (open_ == Open::kNothing) return;
    if (std::exchange(is_free_text_, false)) input({R"(\"})"}, out);
    open_ = Open::kNothing;
    frame("contentBlockStop", out, [&](json::Writer& json) { json.key("contentBlockIndex").number(index_); });
    ++index_;
  }

  void open(Open kind, std::string& out) {
    if (open_ == kind) return;
    close(out);
    open_ = kind;
  }

  template <class Write>
  void delta(std::string& out, Write write_delta) {
    frame("contentBlockDelta", out, [&](json::Writer& json) {
      json.key("contentBlockIndex").number(index_).key("delta").begin_object();
      write_delta(json);
      json.end_object();
    });
  }

  void input(json::Escaped fragment, std::string& out) {
    delta(out,
          [&](json::Writer& json) { json.key("toolUse").begin_object().key("input").text(fragment).end_object(); });
  }

  template <class Write>
  void start(std::string& out, Write write_start) {
    frame("contentBlockStart", out, [&](json::Writer& json) {
      json.key("contentBlockIndex").number(index_).key("start").begin_object();
      write_start(json);
      json.end_object();
    });
  }

  void write(const Piece& piece, std::string& out) {
    switch (piece.kind) {
      case PieceKind::kText:
      case PieceKind::kRefusal:
        if (piece.text.empty()) return;
        if (piece.begins_block) close(out);
        open(Open::kText, out);
        return delta(out, [&](json::Writer& json) { json.key("text").text(piece.text); });
      case PieceKind::kReasoning:
        if (piece.text.empty()) return;
        open(Open::kReasoning, out);
        return delta(out, [&](json::Writer& json) {
          json.key("reasoningContent").begin_object().key("text").text(piece.text).end_object();
        });
      case PieceKind::kState:
        return write_state(piece, out);
      case PieceKind::kCall:
        return write_call(piece, out);
      case PieceKind::kArguments:
        if (open_ != Open::kCall || piece.text.empty()) return;
        return is_free_text_ ? input({json::escape(piece.text.raw)}, out) : input(piece.text, out);
      case PieceKind::kMedia:
        return write_image(piece.media, out);
      case PieceKind::kCitation:
        open(Open::kText, out);
        return delta(out, [&](json::Writer& json) {
          json.key("citation");
          write_citation(piece.citation, json);
        });
      case PieceKind::kFinish:
        finish_ = piece.finish;
        stop_sequence_ = piece.text.raw;
        return;
      case PieceKind::kServerItem:  // no other dialect's has a place here
      case PieceKind::kLogprobs:
        return;
    }
  }

  // Ends the reasoning before it, or is a block of its own: what other APIs show nothing of.
  void write_state(const Piece& piece, std::string& out) {
    if (piece.state.kind == State::Kind::kNone) return;
    if (piece.state.kind == State::Kind::kRedacted) close(out);
    open(Open::kReasoning, out);
    delta(out, [&](json::Writer& json) {
      json.key("reasoningContent").begin_object();
      json.key("signature").text(common_.signature(piece.state, piece.id)).end_object();
    });
    close(out);
  }

  void write_call(const Piece& piece, std::string& out) {
    close(out);
    start(out, [&](json::Writer& json) {
      json.key("toolUse").begin_object();
      json.key("toolUseId").text(common_.call_id(piece.id, piece.made_up_id, piece.state));
      json.key("name").text(piece.name).end_object();
    });
    open_ = Open::kCall;
    is_free_text_ = piece.tool == chat::ToolKind::kCustom;
    if (is_free_text_) input({R"({\"input\":\")"}, out);
  }

  void write_image(const chat::Media& media, std::string& out) {
    const std::string_view format = format_of(PartKind::kImage, media.type.raw);
    if (format.empty() || media.form != chat::Media::Form::kInline) return;
    close(out);
    start(out, [&](json::Writer& json) { json.key("image").begin_object().key("format").text(format).end_object(); });
    delta(out, [&](json::Writer& json) {
      json.key("image").begin_object().key("source").begin_object().key("bytes").text(media.data);
      json.end_object().end_object();
    });
    frame("contentBlockStop", out, [&](json::Writer& json) { json.key("contentBlockIndex").number(index_); });
    ++index_;
  }

  Common common_;
  bool begun_ = false;
  Open open_ = Open::kNothing;
  bool is_free_text_ = false;  // the open call takes free text: it becomes {"input": "…"}
  std::uint64_t index_ = 0;
  FinishReason finish_ = FinishReason::kNone;
  std::string stop_sequence_;
  std::string payload_;
};

// ---- whole

class WholeWriter final : public AnswerWriter {
 public:
  explicit WholeWriter(const WriteOptions& options) : common_(options) {}

  void write(std::span<const Piece> pieces, const chat::Learned&, std::string&) override { collector_.add(pieces); }

  void finish(const chat::Learned& learned, std::string& out) override {
    const chat::Choice& choice = collector_.choices().front();
    json::Writer json(out);
    json.begin_object().key("output").begin_object().key("message").begin_object();
    json.key("role").text("assistant").key("content").begin_array();
    const auto passages = chat::passages(choice, [](const chat::Citation&) { return true; });
    for (std::size_t i = 0; i < choice.parts.size(); ++i) write_part(choice.parts[i], passages[i], json);
    json.end_array().end_object().end_object();
    common_.write_ending(choice.finish, choice.stop_sequence, learned, json);
    Common::write_measures(learned, json);
    json.end_object();
  }

  void fail(const Fault& fault, const chat::Learned&, std::string& out) override {
    out += write_error(fault, 500).body;
  }

 private:
  void write_part(const Part& part, std::span<const chat::Passage> passages, json::Writer& json) {
    switch (part.kind) {
      case PartKind::kText:
      case PartKind::kRefusal:
        for (const chat::Passage& passage : passages) write_text(passage, json);
        if (part.state.kind != State::Kind::kNone) write_reasoning({}, part.state, {}, json);
        return;
      case PartKind::kReasoning:
        return write_reasoning(part.text, part.state, part.id, json);
      case PartKind::kCall:
        return write_call(part, json);
      case PartKind::kImage:
        return write_image(part.media, json);
      default:
        return;
    }
  }

  static void write_text(const chat::Passage& passage, json::Writer& json) {
    if (passage.text.empty()) return;
    const Escaped text{passage.text};
    if (passage.sources.empty()) {
      json.begin_object().key("text").text(text).end_object();
      return;
    }
    json.begin_object().key("citationsContent").begin_object();
    json.key("content").begin_array().begin_object().key("text").text(text).end_object().end_array();
    json.key("citations").begin_array();
    for (const chat::Citation* source : passage.sources) write_citation(*source, json);
    json.end_array().end_object().end_object();
  }

  void write_reasoning(Escaped text, const State& state, Escaped item_id, json::Writer& json) {
    json.begin_object().key("reasoningContent").begin_object().key("reasoningText").begin_object();
    json.key("text").text(text);
    if (state.kind != State::Kind::kNone) json.key("signature").text(common_.signature(state, item_id));
    json.end_object().end_object().end_object();
  }

  void write_call(const Part& part, json::Writer& json) {
    json.begin_object().key("toolUse").begin_object();
    json.key("toolUseId").text(common_.call_id(part.id, part.made_up_id, part.state));
    json.key("name").text(part.name).key("input");
    if (part.tool == chat::ToolKind::kFunction && is_json(part.arguments)) {
      json.raw(part.arguments);
    } else {
      // Cut by the token limit, or free text: whoever reads it sees what the model wrote.
      json.begin_object().key(part.tool == chat::ToolKind::kCustom ? "input" : "_raw").text(part.text).end_object();
    }
    json.end_object().end_object();
  }

  bool is_json(std::string_view text) {
    auto cursor = reader_.scan_copy(text);
    if (!cursor || cursor->kind() != json::Kind::kObject) return false;
    cursor->skip();
    return cursor->finish();
  }

  static void write_image(const chat::Media& media, json::Writer& json) {
    const std::string_view format = format_of(PartKind::kImage, media.type.raw);
    if (format.empty() || media.form != chat::Media::Form::kInline) return;
    json.begin_object().key("image").begin_object().key("format").text(format);
    json.key("source").begin_object().key("bytes").text(media.data).end_object();
    json.end_object().end_object();
  }

  Common common_;
  chat::Collector collector_;
  json::Reader reader_;
};

}  // namespace

std::unique_ptr<AnswerWriter> make_writer(const WriteOptions& options) {
  if (options.stream) return std::make_unique<StreamWriter>(options);
  return std::make_unique<WholeWriter>(options);
}

}  // namespace sluice::dialect::bedrock
