// Answers of the OpenAI dialect, whole and streamed: what kind of piece each event is, usage, the model that served,
// and whether the answer really ended. Of chat answers also the content, in pieces.
//
// Thread rule: one answer, one thread. Lifetime: events are valid until the next call.
#pragma once

#include <string>
#include <string_view>

#include "dialect/event_reader.h"
#include "dialect/openai/chunk.h"
#include "dialect/openai/endpoint.h"

namespace sluice::dialect::openai {

class Answer final : public SseReader {
 public:
  // Usage is hidden only on endpoints with a usage option: an event that holds nothing else is left out, and a `usage`
  // member is cut from the others.
  Answer(Kind kind, const ReadOptions& options, chat::Learned& learned, json::Reader& reader)
      : SseReader(options, learned, reader),
        kind_(kind),
        hides_usage_(options.usage == ReadOptions::Usage::kHide && facts(kind).usage_option) {}

  // [DONE], or a finish reason for each choice that was begun (chat, completions), or the terminal type of the other
  // endpoints.
  bool complete() const override { return terminal_ || choices_.all_finished(); }
  Result<chat::Event> read_whole(std::string_view body) override;

 protected:
  Status take(const http::SseFrame& frame) override;
  void close() override;
  // Usage may come behind the reasons to finish, and another image behind one that is whole.
  bool is_over() const override { return done_ || (terminal_ && ends_with_type()); }

 private:
  bool is_of_choices() const { return kind_ == Kind::kChat || kind_ == Kind::kCompletions; }
  bool has_begun() const { return is_of_choices() ? choices_.begun() : has_content_; }
  bool ends_with_type() const {
    return kind_ == Kind::kSpeech || kind_ == Kind::kTranscriptions || kind_ == Kind::kTranslations;
  }
  Status take_json(const http::SseFrame& frame);
  void end(std::string_view wire);
  chat::EventKind kind_of(const Chunk& chunk) const;
  Chunk read(std::string_view text, json::Cursor& cursor);
  void emit_without_usage(chat::EventKind kind, const http::SseFrame& frame, const Chunk& chunk);

  Kind kind_;
  bool hides_usage_;
  Choices choices_;
  ChatPieces pieces_;
  ChatPieces::Emit emit_piece_ = [this](chat::Piece piece) { this->piece(std::move(piece)); };
  bool terminal_ = false;
  bool has_content_ = false;
  bool done_ = false;  // [DONE] came
};

}  // namespace sluice::dialect::openai
