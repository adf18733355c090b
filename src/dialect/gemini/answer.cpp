#include "dialect/gemini/answer.h"

#include <expected>

#include "base/text.h"
#include "dialect/faults.h"
#include "dialect/gemini/error.h"
#include "json/reader.h"

namespace sluice::dialect::gemini {

namespace {

// Reads one response, which `cursor` walks: tells its pieces and what kind of event it is.
Result<chat::EventKind> read_response(Candidates& candidates, std::string_view data,
                                      std::expected<json::Cursor, json::Broken> cursor, json::Reader& reader,
                                      Candidates::Sink sink) {
  const std::string_view what = "A response";
  if (!cursor) return not_json(what, cursor.error());
  Candidates::Told told;
  Status read;
  auto read_one = [&] {
    auto result = candidates.read(*cursor, data, sink);
    if (result) {
      told.error = told.error || result->error;
      told.kind = result->kind;
    } else if (read) {
      read = fail_from(result);
    }
  };
  if (cursor->kind() == json::Kind::kArray) {
    json::each_element(*cursor, [&](std::size_t) { read_one(); });  // an error among the elements of an array
  } else {
    read_one();
  }
  if (!cursor->finish()) return not_json(what, *cursor->broken());
  if (!read) return fail_from(read);
  if (told.error) return read_error_in_answer(data, reader);
  return told.kind;
}

class SseAnswer final : public SseReader {
 public:
  SseAnswer(const ReadOptions& options, chat::Learned& learned, json::Reader& reader)
      : SseReader(options, learned, reader), candidates_(learned, options.max_event_bytes) {}

  bool complete() const override { return !failed_ && candidates_.complete(); }
  Result<chat::Event> read_whole(std::string_view body) override {
    begin_feed();
    auto kind = read_response(candidates_, body, reader().scan(body), reader(), sink());
    if (!kind) return fail_from(kind);
    pass_pieces();
    reader().shrink();
    emit(chat::EventKind::kContent, body);
    return one_event();
  }

 protected:
  Status take(const http::SseFrame& frame) override {
    if (trim(frame.data) == "[DONE]") {  // of proxies: the API sends none
      emit(chat::EventKind::kOther, frame.raw);
      return {};
    }
    auto kind = read_response(candidates_, frame.data, reader().scan_copy(frame.data), reader(), sink());
    failed_ = !kind;
    if (!kind) return fail_from(kind);
    pass_pieces();
    emit(*kind, frame.raw);
    return {};
  }
  // This API has no event that ends a stream: usage and sources may follow the reasons to finish.
  bool is_over() const override { return false; }

 private:
  Candidates::Sink sink() {
    if (!makes_pieces()) return {};
    pieces_.clear();
    return {.pieces = &pieces_, .texts = &texts()};
  }
  void pass_pieces() {
    for (chat::Piece& one : pieces_) piece(std::move(one));
    pieces_.clear();
  }

  Candidates candidates_;
  std::vector<chat::Piece> pieces_;
  bool failed_ = false;  // a response that cannot be read is not told, whatever it says
};

class ArrayAnswer final : public EventReader {
 public:
  ArrayAnswer(const ReadOptions& options, chat::Learned& learned, json::Reader& reader)
      : EventReader(options, learned, reader),
        splitter_(options.max_event_bytes),
        candidates_(learned, options.max_event_bytes) {}

  bool complete() const override { return splitter_.closed() && candidates_.complete(); }

  Result<std::span<const chat::Event>> feed(std::string_view bytes) override {
    begin_feed();
    Status taken;
    for (const ElementSplitter::Element& element : splitter_.feed(bytes)) {
      taken = take(element);
      if (!taken) break;
    }
    settle();
    if (!taken) return fail_from(taken);
    switch (splitter_.trouble()) {
      case ElementSplitter::Trouble::kNone:
        return last_events();
      case ElementSplitter::Trouble::kNotAnArray:
        return protocol_fault("The stream is not a JSON array of responses");
      case ElementSplitter::Trouble::kTooLarge:
        return too_large_an_event("An event", options().max_event_bytes);
    }
    return last_events();
  }

  Result<std::span<const chat::Event>> finish() override {
    begin_feed();
    // White space behind the end; all else is cut off.
    if (complete() && !splitter_.rest().empty()) emit(chat::EventKind::kOther, splitter_.rest());
    settle();
    if (complete()) return last_events();
    return truncated();
  }

  Result<chat::Event> read_whole(std::string_view) override { return protocol_fault("A stream is no whole answer"); }

 private:
  Status take(const ElementSplitter::Element& element) {
    if (element.data.empty()) {
      emit(candidates_.complete() ? chat::EventKind::kOther : chat::EventKind::kPreamble, element.raw);
      return {};
    }
    Candidates::Sink sink;
    if (makes_pieces()) sink = {.pieces = &pieces_, .texts = &texts()};
    auto kind = read_response(candidates_, element.data, reader().scan_copy(element.data), reader(), sink);
    if (kind) {
      for (chat::Piece& one : pieces_) piece(std::move(one));
      emit(*kind, element.raw);
    }
    pieces_.clear();
    if (!kind) return fail_from(kind);
    return {};
  }

  ElementSplitter splitter_;
  Candidates candidates_;
  std::vector<chat::Piece> pieces_;
};

constexpr std::string_view kWhite = " \t\r\n";

}  // namespace

Answer::Answer(const ReadOptions& options, chat::Learned& learned, json::Reader& reader)
    : options_(options), learned_(learned), reader_(reader) {}

Result<std::span<const chat::Event>> Answer::feed(std::string_view bytes) {
  auto events = feed_stream(bytes);
  if (!events) failed_ = true;
  return events;
}

Result<std::span<const chat::Event>> Answer::feed_stream(std::string_view bytes) {
  if (stream_) return stream_->feed(bytes);
  before_ += bytes;
  const auto first = before_.find_first_not_of(kWhite);
  if (first == std::string_view::npos) {
    if (before_.size() <= options_.max_event_bytes) return std::span<const chat::Event>();
    return protocol_fault("The stream begins with nothing but white space");
  }
  if (before_[first] == '[' || before_[first] == '{') {
    stream_ = std::make_unique<ArrayAnswer>(options_, learned_, reader_);
  } else {
    stream_ = std::make_unique<SseAnswer>(options_, learned_, reader_);
  }
  return stream_->feed(before_);
}

std::span<const chat::Event> Answer::last_events() const {
  return stream_ ? stream_->last_events() : std::span<const chat::Event>();
}

Result<std::span<const chat::Event>> Answer::finish() {
  if (!stream_) return truncated();
  return stream_->finish();
}

bool Answer::complete() const {
  return stream_ && !failed_ && stream_->complete();
}

Result<chat::Event> Answer::read_whole(std::string_view body) {
  stream_ = std::make_unique<SseAnswer>(options_, learned_, reader_);
  return stream_->read_whole(body);
}

}  // namespace sluice::dialect::gemini
