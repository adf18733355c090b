// Whole answers: make_whole_writer() of shape.h.
#include <algorithm>

#include "chat/reply.h"
#include "dialect/anthropic/citation.h"
#include "dialect/anthropic/error.h"
#include "dialect/anthropic/shape.h"
#include "dialect/anthropic/usage.h"
#include "json/reader.h"

namespace sluice::dialect::anthropic {

namespace {

using chat::Escaped;
using chat::Part;
using chat::PartKind;
using chat::Piece;
using chat::State;

class WholeWriter final : public AnswerWriter {
 public:
  explicit WholeWriter(const WriteOptions& options) : options_(options), shape_(options_) {}

  void write(std::span<const Piece> pieces, const chat::Learned&, std::string&) override { collector_.add(pieces); }

  void finish(const chat::Learned& learned, std::string& out) override {
    const chat::Choice& choice = collector_.choices().front();
    json::Writer json(out);
    Ending ending{.finish = finish_of(choice.finish, learned),
                  .stop_sequence = std::string(choice.stop_sequence.raw),
                  .calls = false};
    shape_.begin_message(learned, json);
    const auto passages = chat::passages(choice, can_write);
    for (std::size_t i = 0; i < choice.parts.size(); ++i) {
      ending.calls = ending.calls || choice.parts[i].kind == PartKind::kCall;
      write_part(choice.parts[i], passages[i], json);
    }
    json.end_array();
    Shape::stop(ending, json);
    json.key("container").null().key("diagnostics").null();
    write_usage(learned, json);
    json.end_object();
  }

  void fail(const Fault& fault, const chat::Learned&, std::string& out) override { out += write_error_event(fault); }

 private:
  void write_part(const Part& part, std::span<const chat::Passage> passages, json::Writer& json) {
    switch (part.kind) {
      case PartKind::kText:
      case PartKind::kRefusal:
        if (!part.text.empty()) write_text(passages, json);
        if (part.state.kind == State::Kind::kThought) write_redacted(part, json);
        return;
      case PartKind::kReasoning:
        return write_reasoning(part, json);
      case PartKind::kCall:
        return write_call(part, json);
      case PartKind::kImage:
      case PartKind::kAudio:
      case PartKind::kVideo:
      case PartKind::kDocument:
        json.begin_object().key("type").text(std::string_view("text"));
        json.key("text").text(Escaped{Shape::medium(part.media)}).key("citations").null().end_object();
        return;
      case PartKind::kServerItem:  // no other dialect's has a place here
      case PartKind::kResult:
        return;
    }
  }

  // A source is of a whole block: the text is cut where those that are told begin and end.
  void write_text(std::span<const chat::Passage> passages, json::Writer& json) {
    for (const chat::Passage& passage : passages) {
      json.begin_object().key("type").text("text").key("text").text(Escaped{passage.text});
      json.key("citations");
      if (passage.sources.empty()) {
        json.null().end_object();
        continue;
      }
      json.begin_array();
      for (const chat::Citation* source : passage.sources) {
        write_citation(*source, options_.origin, json);
      }
      json.end_array().end_object();
    }
  }

  void write_redacted(const Part& part, json::Writer& json) {
    json.begin_object().key("type").text(std::string_view("redacted_thinking"));
    json.key("data").text(std::string_view(shape_.seal(part.state, part.id))).end_object();
  }

  void write_reasoning(const Part& part, json::Writer& json) {
    const State::Kind kind = part.state.kind;
    if (kind == State::Kind::kRedacted) return write_redacted(part, json);
    const bool opaque = kind != State::Kind::kNone && kind != State::Kind::kPlain;
    if (part.text.empty() && !opaque) return;
    json.begin_object().key("type").text(std::string_view("thinking")).key("thinking").text(part.text);
    json.key("signature");
    if (kind == State::Kind::kNone) {
      json.text(Escaped{});
    } else {
      json.text(std::string_view(shape_.seal(part.state, part.id)));
    }
    json.end_object();
  }

  void write_call(const Part& part, json::Writer& json) {
    Shape::begin_call(shape_.call_id(part.id, part.made_up_id, part.state), part.name, json);
    if (part.tool == chat::ToolKind::kCustom) {
      json.begin_object().key("input").text(part.text).end_object();
    } else if (is_object(part.arguments)) {
      json.raw(part.arguments);
    } else {
      // Cut off or malformed: what there is is not lost, and cannot be taken for the arguments that were meant.
      json.begin_object().key("_raw").text(part.text).end_object();
    }
    json.end_object();
  }

  bool is_object(std::string_view text) {
    auto cursor = reader_.scan_copy(text);
    if (!cursor || cursor->kind() != json::Kind::kObject) return false;
    cursor->skip();
    return cursor->finish();
  }

  WriteOptions options_;
  Shape shape_;
  chat::Collector collector_;
  json::Reader reader_;
};

}  // namespace

std::unique_ptr<AnswerWriter> make_whole_writer(const WriteOptions& options) {
  return std::make_unique<WholeWriter>(options);
}

}  // namespace sluice::dialect::anthropic
