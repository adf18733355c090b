#include "dialect/gemini/writer.h"

#include <algorithm>

#include "dialect/gemini/answer_parts.h"
#include "dialect/gemini/endpoint.h"
#include "dialect/gemini/error.h"
#include "dialect/gemini/finish.h"
#include "dialect/gemini/logprobs.h"
#include "dialect/gemini/usage.h"
#include "json/reader.h"

namespace sluice::dialect::gemini {

namespace {

using chat::FinishReason;
using chat::Part;
using chat::PartKind;
using chat::Piece;
using chat::PieceKind;
using chat::State;

constexpr std::uint32_t kMostChoices = 1024;

// What all responses of one answer repeat.
class Envelope {
 public:
  explicit Envelope(const WriteOptions& options) : options_(options) {}

  void write(const chat::Learned& learned, json::Writer& json) {
    // Once told, neither changes.
    if (id_.empty()) id_ = learned.id.empty() ? std::string(options_.exchange_id) : learned.id;
    if (model_.empty()) model_ = learned.model.empty() ? std::string(options_.asked_model) : learned.model;
    json.key("modelVersion").text(model_).key("responseId").text(id_);
  }

 private:
  const WriteOptions& options_;
  std::string id_, model_;
};

// ---- streamed

class StreamWriter final : public AnswerWriter {
 public:
  StreamWriter(const WriteOptions& options, Framing framing) : options_(options), framing_(framing) {}

  void write(std::span<const Piece> pieces, const chat::Learned& learned, std::string& out) override {
    for (const Piece& piece : pieces) write(piece, learned, out);
  }

  void finish(const chat::Learned& learned, std::string& out) override {
    for (auto& [index, choice] : choices_) end_call(index, choice, learned, out);
    if (choices_.empty()) choices_[0];
    std::string response;
    json::Writer json(response);
    json.begin_object().key("candidates").begin_array();
    for (const auto& [index, choice] : choices_) {
      json.begin_object().key("content").begin_object().key("parts").begin_array();
      json.begin_object().key("text").text(std::string_view()).end_object();
      json.end_array().key("role").text("model").end_object();
      const FinishReason reason = choice.finish == FinishReason::kNone ? learned.finish : choice.finish;
      json.key("finishReason").text(word_of(reason, learned.finish_reason));
      json.key("index").number(std::uint64_t{index});
      choice.sources.write(json);
      json.end_object();
    }
    json.end_array();
    write_usage(learned, json);
    envelope_.write(learned, json);
    json.end_object();
    frame(response, out);
    if (framing_ == Framing::kArray) out += "\n]";
  }

  void fail(const Fault& fault, const chat::Learned&, std::string& out) override {
    out += framed_error(framing_, fault, first_);
    first_ = false;
  }

 private:
  struct OpenCall {
    Part part;  // views into `texts`
    std::string id, name, state, arguments;
  };
  struct Choice {
    std::unique_ptr<OpenCall> call;
    FinishReason finish = FinishReason::kNone;
    Sources sources;
  };

  void write(const Piece& piece, const chat::Learned& learned, std::string& out) {
    const std::uint32_t index = std::min(piece.choice, kMostChoices);
    Choice& choice = choices_[index];
    if (piece.kind == PieceKind::kArguments) {
      if (choice.call) choice.call->arguments += piece.text.raw;
      return;
    }
    end_call(index, choice, learned, out);
    switch (piece.kind) {
      case PieceKind::kText:
        choice.sources.add_text(piece, 0);
        [[fallthrough]];
      case PieceKind::kRefusal:
        if (piece.text.empty()) return;
        return respond(index, learned, out, [&](PartWriter& parts) { parts.text(piece.text); });
      case PieceKind::kReasoning:
        if (piece.text.empty()) return;
        return respond(index, learned, out, [&](PartWriter& parts) { parts.thought(piece.text, {}, {}); });
      case PieceKind::kState:
        return respond(index, learned, out, [&](PartWriter& parts) { parts.thought({}, piece.state, piece.id); });
      case PieceKind::kCall:
        return begin_call(choice, piece);
      case PieceKind::kMedia:
        return respond(index, learned, out, [&](PartWriter& parts) { parts.media(piece.media); });
      case PieceKind::kCitation:
        return choice.sources.add(piece.citation);
      case PieceKind::kLogprobs:
        return write_logprobs(index, piece.raw, learned, out);
      case PieceKind::kFinish:
        choice.finish = piece.finish;
        return;
      case PieceKind::kServerItem:  // no other dialect's has a place here
      case PieceKind::kArguments:
        return;
    }
  }

  static void begin_call(Choice& choice, const Piece& piece) {
    auto call = std::make_unique<OpenCall>();
    call->id = piece.id.raw;
    call->name = piece.name.raw;
    call->state = piece.state.data.raw;
    Part& part = call->part;
    part.kind = PartKind::kCall;
    part.id = {call->id};
    part.name = {call->name};
    part.tool = piece.tool;
    part.made_up_id = piece.made_up_id;
    part.state = {.kind = piece.state.kind, .data = {call->state}, .origin = {}};
    choice.call = std::move(call);
  }

  void end_call(std::uint32_t index, Choice& choice, const chat::Learned& learned, std::string& out) {
    const std::unique_ptr<OpenCall> call = std::move(choice.call);
    if (!call) return;
    const std::string arguments = json::plain({call->arguments});
    respond(index, learned, out, [&](PartWriter& parts) { parts.call(call->part, arguments); });
  }

  template <class Write>
  void respond(std::uint32_t index, const chat::Learned& learned, std::string& out, Write write_part) {
    std::string response;
    json::Writer json(response);
    json.begin_object().key("candidates").begin_array().begin_object();
    json.key("content").begin_object().key("parts").begin_array();
    PartWriter parts(options_.origin, json);
    write_part(parts);
    json.end_array().key("role").text("model").end_object();
    json.key("index").number(std::uint64_t{index}).end_object().end_array();
    envelope_.write(learned, json);
    json.end_object();
    frame(response, out);
  }

  void write_logprobs(std::uint32_t index, std::string_view raw, const chat::Learned& learned, std::string& out) {
    auto cursor = reader_.scan_copy(raw);
    if (!cursor) return;
    std::string response;
    json::Writer json(response);
    json.begin_object().key("candidates").begin_array().begin_object();
    json.key("index").number(std::uint64_t{index}).key("logprobsResult");
    write_logprobs_result(*cursor, json);
    json.end_object().end_array();
    envelope_.write(learned, json);
    json.end_object();
    frame(response, out);
  }

  void frame(std::string_view response, std::string& out) {
    if (framing_ == Framing::kSse) {
      out += "data: ";
      out += response;
      out += "\r\n\r\n";
    } else {
      out += first_ ? "[" : ",\r\n";
      out += response;
    }
    first_ = false;
  }

  WriteOptions options_;
  Framing framing_;
  Envelope envelope_{options_};
  std::map<std::uint32_t, Choice> choices_;
  json::Reader reader_;
  bool first_ = true;
};

// ---- whole

class WholeWriter final : public AnswerWriter {
 public:
  explicit WholeWriter(const WriteOptions& options) : options_(options) {}

  void write(std::span<const Piece> pieces, const chat::Learned&, std::string&) override { collector_.add(pieces); }

  void finish(const chat::Learned& learned, std::string& out) override {
    json::Writer json(out);
    json.begin_object().key("candidates").begin_array();
    std::uint64_t index = 0;
    for (const chat::Choice& choice : collector_.choices()) write_candidate(choice, index++, learned, json);
    json.end_array();
    write_usage(learned, json);
    Envelope(options_).write(learned, json);
    json.end_object();
  }

  void fail(const Fault& fault, const chat::Learned&, std::string& out) override { out += write_error_object(fault); }

 private:
  void write_candidate(const chat::Choice& choice, std::uint64_t index, const chat::Learned& learned,
                       json::Writer& json) {
    json.begin_object().key("content").begin_object().key("parts").begin_array();
    PartWriter parts(options_.origin, json);
    Sources sources;
    for (const Part& part : choice.parts) {
      if (part.kind == PartKind::kText) sources.add_text({.text = part.text}, parts.count());
      write_part(part, parts);
    }
    for (const chat::Cited& cited : choice.citations) sources.add(cited.citation, cited.range);
    json.end_array().key("role").text("model").end_object();
    const FinishReason reason = choice.finish == FinishReason::kNone ? learned.finish : choice.finish;
    json.key("finishReason").text(word_of(reason, learned.finish_reason));
    json.key("index").number(index);
    sources.write(json);
    write_logprobs(choice, json);
    json.end_object();
  }

  static void write_part(const Part& part, PartWriter& parts) {
    switch (part.kind) {
      case PartKind::kText:
      case PartKind::kRefusal:
        if (!part.text.empty()) parts.text(part.text);
        if (part.state.kind != State::Kind::kNone) parts.thought({}, part.state, {});
        return;
      case PartKind::kReasoning:
        return parts.thought(part.text, part.state, part.id);
      case PartKind::kCall:
        return parts.call(part, json::plain(part.text));
      case PartKind::kImage:
      case PartKind::kAudio:
      case PartKind::kVideo:
      case PartKind::kDocument:
        return parts.media(part.media);
      case PartKind::kResult:
      case PartKind::kServerItem:
        return;
    }
  }

  // Chat tells them in objects of their own, one a chunk.
  void write_logprobs(const chat::Choice& choice, json::Writer& json) {
    std::string joined;
    for (const std::string_view raw : choice.logprobs) {
      auto cursor = reader_.scan_copy(raw);
      if (!cursor) continue;
      json::each_member(*cursor, [&](std::string_view key) {
        if (key != "content" || cursor->kind() != json::Kind::kArray) return;
        std::string_view list = cursor->skip();
        if (list.size() <= 2) return;
        list = list.substr(1, list.size() - 2);
        if (list.find_first_not_of(" \t\r\n") == std::string_view::npos) return;
        if (!joined.empty()) joined += ',';
        joined += list;
      });
    }
    if (joined.empty()) return;
    joined = R"({"content":[)" + joined + "]}";
    auto cursor = reader_.scan_copy(joined);
    if (!cursor) return;
    json.key("logprobsResult");
    write_logprobs_result(*cursor, json);
  }

  WriteOptions options_;
  chat::Collector collector_;
  json::Reader reader_;
};

}  // namespace

std::string framed_error(Framing framing, const Fault& fault, bool first) {
  const std::string error = write_error_object(fault);
  if (framing == Framing::kSse) return "data: " + error + "\r\n\r\n";
  return (first ? "[" : ",\r\n") + error + "\n]";
}

std::unique_ptr<AnswerWriter> make_writer(const WriteOptions& options) {
  if (!options.stream) return std::make_unique<WholeWriter>(options);
  const bool array = options.endpoint != nullptr && kind_of(*options.endpoint) == Kind::kStreamArray;
  return std::make_unique<StreamWriter>(options, array ? Framing::kArray : Framing::kSse);
}

}  // namespace sluice::dialect::gemini
