#include "dialect/anthropic/answer.h"

#include "base/base64.h"
#include "base/text.h"
#include "dialect/anthropic/decoder.h"
#include "dialect/anthropic/error.h"
#include "dialect/event_reader.h"
#include "dialect/faults.h"
#include "http/event_stream.h"
#include "json/reader.h"

namespace sluice::dialect::anthropic {

namespace {

// What both framings share: the decoder and the way of its pieces.
template <class Framing>
class Answer : public Framing {
 public:
  Answer(const ReadOptions& options, chat::Learned& learned, json::Reader& reader)
      : Framing(options, learned, reader), decoder_(learned, reader, options.max_event_bytes) {}

  bool complete() const final { return decoder_.complete(); }

  Result<chat::Event> read_whole(std::string_view body) final {
    this->begin_feed();
    if (auto read = decoder_.read_whole(body, sink()); !read) return fail_from(read);
    pass_pieces();
    this->reader().shrink();
    this->emit(chat::EventKind::kContent, body);
    return this->one_event();
  }

 protected:
  // Reads one event; the caller emits it.
  Result<Decoder::Told> decode(std::string_view data, std::string_view name) {
    auto told = decoder_.read_event(data, name, sink());
    if (told) pass_pieces();
    return told;
  }

 private:
  Decoder::Sink sink() {
    pieces_.clear();
    if (!this->makes_pieces()) return {};
    return {.pieces = &pieces_, .texts = &this->texts()};
  }
  void pass_pieces() {
    for (chat::Piece& one : pieces_) this->piece(std::move(one));
    pieces_.clear();
  }

  Decoder decoder_;
  std::vector<chat::Piece> pieces_;
};

class SseAnswer final : public Answer<SseReader> {
 public:
  using Answer::Answer;

 protected:
  Status take(const http::SseFrame& frame) override {
    if (trim(frame.data).empty()) {
      emit(chat::EventKind::kOther, frame.raw);
      return {};
    }
    auto told = decode(frame.data, frame.event);
    if (!told) return fail_from(told);
    emit(told->kind, frame.raw);
    return {};
  }
};

// One event as clients of this API get it. JSON that stands on several lines stays so.
std::string framed(std::string_view type, std::string_view json) {
  std::string out = "event: ";
  out += type;
  out += '\n';
  for (std::string_view line : split(json, '\n')) {
    out += "data: ";
    out += line;
    out += '\n';
  }
  return out += '\n';
}

// The value of `bytes` of a chunk, as it is written: base64.
std::optional<json::Escaped> bytes_of(std::string_view payload, json::Reader& reader) {
  std::optional<json::Escaped> bytes;
  auto cursor = reader.scan_copy(payload);
  if (!cursor) return bytes;
  json::each_member(*cursor, [&](std::string_view key) {
    if (key == "bytes") bytes = json::take_string(*cursor);
  });
  return cursor->finish() ? bytes : std::nullopt;
}

class BedrockAnswer final : public Answer<EventReader> {
 public:
  BedrockAnswer(const ReadOptions& options, chat::Learned& learned, json::Reader& reader)
      : Answer(options, learned, reader), splitter_(options.max_event_bytes) {}

  Result<std::span<const chat::Event>> feed(std::string_view bytes) override {
    begin_feed();
    Status taken;
    for (const http::EventStreamFrame& frame : splitter_.feed(bytes)) {
      taken = take(frame);
      if (!taken) break;
    }
    settle();
    if (!taken) return fail_from(taken);
    if (!splitter_.broken().empty()) {
      return protocol_fault("The event stream is broken: " + std::string(splitter_.broken()));
    }
    return last_events();
  }

  Result<std::span<const chat::Event>> finish() override {
    begin_feed();
    settle();
    if (complete()) return last_events();
    return truncated();
  }

 private:
  Status take(const http::EventStreamFrame& frame) {
    const std::string_view kind = frame.text(":message-type");
    if (kind == "exception") return read_exception(frame.text(":exception-type"), frame.payload, reader());
    if (kind == "error") {
      const std::string told = R"({"message":")" + json::escape(frame.text(":error-message")) + "\"}";
      return read_exception(frame.text(":error-code"), told, reader());
    }
    if (frame.text(":event-type") != "chunk") return {};  // of no interest to this API
    const auto bytes = bytes_of(frame.payload, reader());
    auto json = bytes ? base64_decode(json::plain(*bytes)) : std::nullopt;
    if (!json) return protocol_fault("A chunk of the event stream holds no event");
    const std::string_view data = texts().keep(*std::move(json));
    auto told = decode(data, {});
    if (!told) return fail_from(told);
    emit(told->kind, texts().keep(framed(json::plain(told->type), data)));
    return {};
  }

  http::EventStreamSplitter splitter_;
};

}  // namespace

std::unique_ptr<AnswerReader> make_reader(Host host, const ReadOptions& options, chat::Learned& learned,
                                          json::Reader& reader) {
  if (host == Host::kBedrock) return std::make_unique<BedrockAnswer>(options, learned, reader);
  return std::make_unique<SseAnswer>(options, learned, reader);
}

}  // namespace sluice::dialect::anthropic
