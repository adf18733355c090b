#include "dialect/bedrock/answer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/base64.h"
#include "dialect/anthropic/error.h"
#include "dialect/bedrock/blocks.h"
#include "dialect/bedrock/error.h"
#include "dialect/bedrock/finish.h"
#include "dialect/bedrock/usage.h"
#include "dialect/event_reader.h"
#include "dialect/faults.h"
#include "dialect/shown.h"
#include "http/event_stream.h"
#include "json/reader.h"

namespace sluice::dialect::bedrock {

namespace {

using chat::EventKind;
using chat::FinishReason;
using chat::Piece;
using chat::PieceKind;
using json::Escaped;

// What readers of frames share: the framing, and errors told in frames.
class FrameReader : public EventReader {
 public:
  FrameReader(const ReadOptions& options, chat::Learned& learned, json::Reader& reader)
      : EventReader(options, learned, reader), splitter_(options.max_event_bytes) {}

  Result<std::span<const chat::Event>> feed(std::string_view bytes) final {
    begin_feed();
    Status taken;
    for (const http::EventStreamFrame& frame : splitter_.feed(bytes)) {
      const std::string_view type = frame.text(":message-type");
      if (type == "exception" || type == "error") {
        taken = read_error_frame(frame, reader());
      } else {
        taken = take(frame);
      }
      if (!taken) break;
    }
    settle();
    if (!taken) return fail_from(taken);
    if (splitter_.overflowed()) return too_large_an_event("An event", options().max_event_bytes);
    if (!splitter_.broken().empty()) return protocol_fault("The stream is broken: " + std::string(splitter_.broken()));
    return last_events();
  }

  Result<std::span<const chat::Event>> finish() final {
    begin_feed();
    complete_ = complete_ && splitter_.rest().empty();  // else a frame was cut
    if (complete()) return last_events();
    return truncated();
  }

  bool complete() const final { return complete_; }

 protected:
  // One frame that is no error. Must emit() one event.
  virtual Status take(const http::EventStreamFrame& frame) = 0;

  // Walks a payload to its end.
  template <class Walk>
  Status walk(std::string_view payload, Walk walk_it) {
    auto cursor = reader().scan_copy(payload);
    if (!cursor) return not_json("An event", cursor.error());
    Status walked = walk_it(*cursor);
    if (!walked) return walked;
    if (!cursor->finish()) return not_json("An event", *cursor->broken());
    return {};
  }

  bool complete_ = false;

 private:
  http::EventStreamSplitter splitter_;
};

// ---- Converse

class ConverseReader final : public FrameReader {
 public:
  ConverseReader(const ReadOptions& options, chat::Learned& learned, json::Reader& reader)
      : FrameReader(options, learned, reader), blocks_(options.max_event_bytes) {}

  Result<chat::Event> read_whole(std::string_view body) override {
    begin_feed();
    auto cursor = reader().scan(body);
    if (!cursor) return not_json("The answer", cursor.error());
    Ending ending;
    bool is_error = false;
    bool has_output = false;
    json::each_member(*cursor, [&](std::string_view key) {
      if (key == "output") {
        has_output = true;
        read_output(body, *cursor);
      } else if (key == "__type") {
        is_error = true;
      } else if (!read_ending(key, *cursor, ending)) {
        read_metadata(key, *cursor);
      }
    });
    if (!cursor->finish()) return not_json("The answer", *cursor->broken());
    if (is_error && !has_output) return read_error_in_answer(body, reader());
    end(ending);
    reader().shrink();
    emit(EventKind::kContent, body);
    return one_event();
  }

 protected:
  Status take(const http::EventStreamFrame& frame) override {
    const std::string_view type = frame.text(":event-type");
    const std::string_view payload = frame.payload;
    auto kind = EventKind::kContent;
    Status taken;
    if (type == "contentBlockDelta") {
      taken = walk(payload, [&](json::Cursor& cursor) { return blocks_.delta(payload, cursor, texts(), tell_); });
      if (blocks_.was_empty()) kind = EventKind::kOther;
    } else if (type == "contentBlockStart") {
      taken = walk(payload, [&](json::Cursor& cursor) { return blocks_.start(payload, cursor, texts(), tell_); });
    } else if (type == "contentBlockStop") {
      blocks_.stop(texts(), tell_);
      kind = EventKind::kOther;
    } else if (type == "messageStop") {
      kind = EventKind::kFinish;
      taken = walk(payload, [&](json::Cursor& cursor) { return take_stop(cursor); });
    } else if (type == "metadata") {
      kind = EventKind::kOther;
      has_metadata_ = true;
      taken = walk(payload, [&](json::Cursor& cursor) {
        json::each_member(cursor, [&](std::string_view key) { read_metadata(key, cursor); });
        return Status();
      });
    } else {
      kind = type == "messageStart" ? EventKind::kPreamble : EventKind::kOther;
    }
    if (taken) emit(kind, frame.raw);
    return taken;
  }
  // What was used is told behind the reason to stop.
  bool is_over() const override { return complete() && has_metadata_; }

 private:
  struct Ending {
    std::string reason;
    Escaped stop_sequence;
  };

  void read_output(std::string_view text, json::Cursor& cursor) {
    json::each_member(cursor, [&](std::string_view form) {
      if (form != "message") return;
      json::each_member(cursor, [&](std::string_view key) {
        if (key != "content") return;
        json::each_element(cursor, [&](std::size_t) { blocks_.whole(text, cursor, texts(), tell_); });
      });
    });
  }

  static bool read_ending(std::string_view key, json::Cursor& cursor, Ending& ending) {
    if (key == "stopReason") {
      ending.reason = json::plain(json::take_string(cursor).value_or(Escaped{}));
      return true;
    }
    if (key != "additionalModelResponseFields") return false;
    json::each_member(cursor, [&](std::string_view inner) {
      if (inner == "stop_sequence") ending.stop_sequence = json::take_string(cursor).value_or(Escaped{});
    });
    return true;
  }

  Status take_stop(json::Cursor& cursor) {
    blocks_.stop(texts(), tell_);
    complete_ = true;
    Ending ending;
    json::each_member(cursor, [&](std::string_view key) { read_ending(key, cursor, ending); });
    end(ending);
    return {};
  }

  void end(const Ending& ending) {
    if (ending.reason.empty()) return;
    FinishReason finish = finish_of(ending.reason);
    if (finish == FinishReason::kStop && blocks_.has_calls()) finish = FinishReason::kToolCalls;
    learned().finish_reason = ending.reason;
    learned().finish = finish;
    piece({.kind = PieceKind::kFinish, .text = ending.stop_sequence, .finish = finish});
  }

  void read_metadata(std::string_view key, json::Cursor& cursor) {
    if (key == "usage") return read_usage(cursor, learned());
    const bool tier = key == "serviceTier", latency = key == "performanceConfig";
    if (!tier && !latency && key != "trace") return;
    json::each_member(cursor, [&](std::string_view inner) {
      if ((tier && inner == "type") || (latency && inner == "latency")) {
        auto& word = tier ? learned().service_tier : learned().speed;
        word = json::plain(json::take_string(cursor).value_or(Escaped{}));
      } else if (inner == "promptRouter") {
        json::each_member(cursor, [&](std::string_view name) {
          if (name == "invokedModelId") learned().model = json::plain(json::take_string(cursor).value_or(Escaped{}));
        });
      }
    });
  }

  Blocks blocks_;
  bool has_metadata_ = false;
  Blocks::Tell tell_ = [this](const Piece& told) { show(told); };
};

// ---- InvokeModel: in the language of the model, which passes through

class InvokeReader final : public FrameReader {
 public:
  using FrameReader::FrameReader;

  Result<chat::Event> read_whole(std::string_view body) override {
    begin_feed();
    auto cursor = reader().scan(body);
    if (!cursor) return not_json("The answer", cursor.error());
    const bool shows = count(*cursor);
    read_facts(*cursor);
    if (!cursor->finish()) return not_json("The answer", *cursor->broken());
    if (auto status = check_error(shows, body); !status) return fail_from(status);
    reader().shrink();
    emit(EventKind::kContent, body);
    return one_event();
  }

 protected:
  // {"bytes": base64 of the model's own event, "p": padding}
  Status take(const http::EventStreamFrame& frame) override {
    if (frame.text(":event-type") != "chunk") {  // a keep-alive of a gateway
      emit(EventKind::kOther, frame.raw);
      return {};
    }
    Escaped bytes;
    Status taken = walk(frame.payload, [&](json::Cursor& cursor) -> Status {
      json::each_member(cursor, [&](std::string_view key) {
        if (key == "bytes") bytes = json::take_string(cursor).value_or(Escaped{});
      });
      return {};
    });
    if (!taken) return taken;
    auto kind = EventKind::kContent;
    if (const auto event = base64_decode(bytes.raw); event && !event->empty()) {
      if (auto cursor = reader().scan_copy(*event)) {
        const bool shows = count(*cursor);
        if (!shows && announces(*cursor)) kind = EventKind::kPreamble;
        read_facts(*cursor);
        if (auto status = check_error(shows, *event); !status) return status;
      }
    }
    emit(complete_ ? EventKind::kFinish : kind, frame.raw);
    return {};
  }

 private:
  // An event of Claude's of a kind that comes before anything is seen, or with nothing in it. What the events of other
  // vendors mean is not known.
  static bool announces(json::Cursor cursor) {
    std::string_view type, delta;
    json::each_member(cursor, [&](std::string_view key) {
      if (key == "type") {
        type = cursor.take_text();
      } else if (key == "delta") {
        json::each_member(cursor, [&](std::string_view inner) {
          if (inner == "type") delta = cursor.take_text();
        });
      }
    });
    if (type == "content_block_delta") {
      return delta == "text_delta" || delta == "thinking_delta" || delta == "input_json_delta";
    }
    constexpr std::array<std::string_view, 5> kShowNothing{"message_start", "content_block_start", "content_block_stop",
                                                           "message_delta", "ping"};
    return std::ranges::find(kShowNothing, type) != kShowNothing.end();
  }

  // True: it shows something.
  bool count(json::Cursor cursor) {
    const auto shown = shown_in(cursor);
    learned().shown += shown;
    return shown > 0;
  }

  // Claude's error objects, and those of AWS, which come in place of an answer. Images have an `error` that is text.
  Status check_error(bool shows, std::string_view text) {
    const auto error = std::exchange(error_, Error::kNone);
    if (shows || error == Error::kNone) return {};
    return error == Error::kAws ? read_error_in_answer(text, reader())
                                : anthropic::read_error_in_answer(text, reader());
  }

  void read_facts(json::Cursor& cursor) {
    json::each_member(cursor, [&](std::string_view key) {
      if (key == "usage") {
        read_claude_usage(cursor, learned());
      } else if (key == "model" || key == "id") {
        std::string& where = key == "model" ? learned().model : learned().id;
        where = json::plain(json::take_string(cursor).value_or(Escaped{}));
      } else if (key == "amazon-bedrock-invocationMetrics") {
        complete_ = true;
        read_metrics(cursor, learned());
      } else if (key == "stop_reason") {
        learned().finish_reason = json::plain(json::take_string(cursor).value_or(Escaped{}));
        learned().finish = finish_of(learned().finish_reason);
      } else if (key == "message" || key == "delta") {
        read_facts(cursor);
      } else if (key == "error" && cursor.kind() == json::Kind::kObject) {
        error_ = Error::kClaude;
      } else if (key == "__type") {
        error_ = Error::kAws;
      }
    });
  }

  enum class Error : std::uint8_t { kNone, kClaude, kAws };
  Error error_ = Error::kNone;
};

}  // namespace

std::unique_ptr<AnswerReader> make_reader(Kind kind, const ReadOptions& options, chat::Learned& learned,
                                          json::Reader& reader) {
  if (is_invoke(kind)) return std::make_unique<InvokeReader>(options, learned, reader);
  return std::make_unique<ConverseReader>(options, learned, reader);
}

}  // namespace sluice::dialect::bedrock
