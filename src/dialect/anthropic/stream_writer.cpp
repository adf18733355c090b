// Streamed answers: make_stream_writer() of shape.h.
#include "dialect/anthropic/citation.h"
#include "dialect/anthropic/error.h"
#include "dialect/anthropic/shape.h"
#include "dialect/anthropic/usage.h"
#include "dialect/faults.h"

namespace sluice::dialect::anthropic {

namespace {

using chat::Escaped;
using chat::FinishReason;
using chat::Piece;
using chat::PieceKind;
using chat::State;

class StreamWriter final : public AnswerWriter {
 public:
  explicit StreamWriter(const WriteOptions& options) : options_(options), shape_(options_) {}

  void write(std::span<const Piece> pieces, const chat::Learned& learned, std::string& out) override {
    begin(learned, out);
    for (const Piece& piece : pieces) {
      if (piece.choice == 0) take(piece, out);
    }
  }

  void finish(const chat::Learned& learned, std::string& out) override {
    begin(learned, out);
    end_block(out);
    ending_.finish = finish_of(ending_.finish, learned);
    if (ending_.finish == FinishReason::kModelError) return fail(model_failure(learned.finish_reason), learned, out);
    event("message_delta", out, [&](json::Writer& json) {
      json.key("delta").begin_object();
      Shape::stop(ending_, json);
      json.key("container").null().end_object();
      write_delta_usage(learned, json);
    });
    event("message_stop", out, [](json::Writer&) {});
  }

  void fail(const Fault& fault, const chat::Learned&, std::string& out) override { out += write_error_event(fault); }

 private:
  enum class Open : std::uint8_t { kNone, kText, kThinking, kCall, kRedacted };

  template <class Write>
  static void event(std::string_view type, std::string& out, Write write) {
    out += "event: ";
    out += type;
    out += "\ndata: ";
    json::Writer json(out);
    json.begin_object().key("type").text(type);
    write(json);
    json.end_object();
    out += "\n\n";
  }

  void begin(const chat::Learned& learned, std::string& out) {
    if (begun_) return;
    begun_ = true;
    event("message_start", out, [&](json::Writer& json) {
      json.key("message");
      shape_.begin_message(learned, json);
      json.end_array().key("stop_reason").null().key("stop_sequence").null().key("stop_details").null();
      json.key("container").null().key("diagnostics").null();
      write_usage(learned, json);
      json.end_object();
    });
  }

  template <class Write>
  void begin_block(Open open, std::string& out, Write write) {
    end_block(out);
    open_ = open;
    cited_ = false;
    event("content_block_start", out, [&](json::Writer& json) {
      json.key("index").number(index_).key("content_block");
      write(json);
    });
  }
  template <class Write>
  void delta(std::string_view type, std::string& out, Write write) {
    event("content_block_delta", out, [&](json::Writer& json) {
      json.key("index").number(index_).key("delta").begin_object().key("type").text(type);
      write(json);
      json.end_object();
    });
  }
  void end_block(std::string& out) {
    if (open_ == Open::kNone) return;
    if (open_ == Open::kThinking && !signed_) sign({}, {}, out);
    if (open_ == Open::kCall) end_call(out);
    event("content_block_stop", out, [&](json::Writer& json) { json.key("index").number(index_); });
    was_text_ = open_ == Open::kText;
    open_ = Open::kNone;
    ++index_;
  }

  void take(const Piece& piece, std::string& out) {
    switch (piece.kind) {
      case PieceKind::kText:
      case PieceKind::kRefusal:
        if (piece.begins_block) end_block(out);
        return text(piece.text, out);
      case PieceKind::kReasoning:
        if (!piece.text.empty()) thinking(piece.text, out);
        return;
      case PieceKind::kState:
        return state(piece, out);
      case PieceKind::kCall:
        return call(piece, out);
      case PieceKind::kArguments:
        return arguments(piece.text, out);
      case PieceKind::kMedia:
        return text({Shape::medium(piece.media)}, out);
      case PieceKind::kCitation:
        if (open_ == Open::kText && can_write(piece.citation)) {
          cited_ = true;
          delta("citations_delta", out, [&](json::Writer& json) {
            json.key("citation");
            write_citation(piece.citation, options_.origin, json);
          });
        }
        return;
      case PieceKind::kServerItem:  // no other dialect's has a place here
      case PieceKind::kLogprobs:
        return;
      case PieceKind::kFinish:
        ending_.finish = piece.finish;
        ending_.stop_sequence = piece.text.raw;
        return;
    }
  }

  void text(Escaped text, std::string& out) {
    if (text.empty()) return;
    if (open_ != Open::kText || cited_) {  // a source is of the whole block
      begin_block(Open::kText, out, [](json::Writer& json) {
        json.begin_object().key("type").text(std::string_view("text")).key("text").text(Escaped{});
        json.key("citations").null().end_object();
      });
    }
    delta("text_delta", out, [&](json::Writer& json) { json.key("text").text(text); });
  }

  void begin_thinking(std::string& out) {
    begin_block(Open::kThinking, out, [](json::Writer& json) {
      json.begin_object().key("type").text(std::string_view("thinking")).key("thinking").text(Escaped{});
      json.key("signature").text(Escaped{}).end_object();
    });
    signed_ = false;
  }
  void thinking(Escaped text, std::string& out) {
    if (open_ != Open::kThinking) begin_thinking(out);
    delta("thinking_delta", out, [&](json::Writer& json) { json.key("thinking").text(text); });
  }
  // Exactly one signature a block: clients keep the last one only.
  void sign(const State& state, Escaped item, std::string& out) {
    signed_ = true;
    if (state.kind == State::Kind::kNone) return;
    delta("signature_delta", out,
          [&](json::Writer& json) { json.key("signature").text(std::string_view(shape_.seal(state, item))); });
  }

  void state(const Piece& piece, std::string& out) {
    const State& state = piece.state;
    if (state.kind == State::Kind::kNone) return;
    if (open_ == Open::kThinking && state.kind != State::Kind::kRedacted) {
      sign(state, piece.id, out);
      return end_block(out);
    }
    const bool of_text = state.kind == State::Kind::kThought && (open_ == Open::kText || was_text_);
    if (state.kind == State::Kind::kRedacted || of_text) {
      begin_block(Open::kRedacted, out, [&](json::Writer& json) {
        json.begin_object().key("type").text(std::string_view("redacted_thinking"));
        json.key("data").text(std::string_view(shape_.seal(state, piece.id))).end_object();
      });
      return end_block(out);
    }
    if (state.kind == State::Kind::kPlain) return;  // of no reasoning
    begin_thinking(out);
    sign(state, piece.id, out);
    end_block(out);
  }

  void call(const Piece& piece, std::string& out) {
    const std::string id = shape_.call_id(piece.id, piece.made_up_id, piece.state);
    begin_block(Open::kCall, out, [&](json::Writer& json) {
      Shape::begin_call(id, piece.name, json);
      json.begin_object().end_object().end_object();
    });
    ending_.calls = true;
    has_arguments_ = false;
    custom_ = piece.tool == chat::ToolKind::kCustom;
    if (custom_) fragment(R"({\"input\":\")", out);
  }
  void fragment(std::string_view text, std::string& out) {
    has_arguments_ = true;
    delta("input_json_delta", out, [&](json::Writer& json) { json.key("partial_json").text(Escaped{text}); });
  }
  void arguments(Escaped text, std::string& out) {
    if (open_ != Open::kCall || text.empty()) return;
    if (!custom_) return fragment(text.raw, out);
    fragment(json::escape(text.raw), out);  // a text inside of the JSON that is inside of a text
  }
  void end_call(std::string& out) {
    if (custom_) fragment(R"(\"})", out);
    if (!has_arguments_) fragment("{}", out);
  }

  WriteOptions options_;
  Shape shape_;
  Ending ending_;
  std::uint64_t index_ = 0;
  Open open_ = Open::kNone;
  bool begun_ = false;
  bool was_text_ = false;  // the last block was a text
  bool cited_ = false;     // sources were told of the text that is open
  bool signed_ = false;
  bool has_arguments_ = false;
  bool custom_ = false;
};

}  // namespace

std::unique_ptr<AnswerWriter> make_stream_writer(const WriteOptions& options) {
  return std::make_unique<StreamWriter>(options);
}

}  // namespace sluice::dialect::anthropic
