#include "toy/writer.h"

#include "toy/error.h"

namespace sluice::dialect::toy {

namespace {

using chat::FinishReason;
using chat::PieceKind;
using json::Escaped;

// The API has texts alone: what else a provider says is left out.
bool is_text(const chat::Piece& piece) {
  return piece.choice == 0 && (piece.kind == PieceKind::kText || piece.kind == PieceKind::kRefusal);
}

void write_end(const chat::Learned& learned, json::Writer& json) {
  const bool full = learned.finish == FinishReason::kLength || learned.finish == FinishReason::kContextWindow;
  json.key("why").text(full ? "full" : "done");
  if (learned.usage.source == chat::UsageSource::kNone) return;
  json.key("cost").begin_array().number(learned.usage.input).number(learned.usage.output).end_array();
}

class StreamWriter final : public AnswerWriter {
 public:
  void write(std::span<const chat::Piece> pieces, const chat::Learned&, std::string& out) override {
    for (const chat::Piece& piece : pieces) {
      if (!is_text(piece)) continue;
      out += "data: ";
      json::Writer(out).begin_object().key("says").text(piece.text).end_object();
      out += "\n\n";
    }
  }
  void finish(const chat::Learned& learned, std::string& out) override {
    out += "data: ";
    json::Writer json(out);
    json.begin_object();
    write_end(learned, json);
    json.end_object();
    out += "\n\n";
  }
  void fail(const Fault& fault, const chat::Learned&, std::string& out) override { out += write_stream_error(fault); }
};

class WholeWriter final : public AnswerWriter {
 public:
  void write(std::span<const chat::Piece> pieces, const chat::Learned&, std::string&) override {
    for (const chat::Piece& piece : pieces) {
      if (is_text(piece)) said_ += piece.text.raw;
    }
  }
  void finish(const chat::Learned& learned, std::string& out) override {
    json::Writer json(out);
    json.begin_object().key("says").text(Escaped{said_});
    write_end(learned, json);
    json.end_object();
  }
  void fail(const Fault& fault, const chat::Learned&, std::string& out) override { out += write_error(fault); }

 private:
  std::string said_;
};

}  // namespace

std::unique_ptr<AnswerWriter> make_writer(const WriteOptions& options) {
  if (options.stream) return std::make_unique<StreamWriter>();
  return std::make_unique<WholeWriter>();
}

}  // namespace sluice::dialect::toy
