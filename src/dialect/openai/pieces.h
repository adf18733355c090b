// What the choices of chat/completions answers say, as pieces: of whole answers and of a stream's events.
//
// Source: the API's reference; Mistral's lists of content, reasoning_content, reasoning and reasoning_details as
// DeepSeek, vLLM, xAI and OpenRouter have them. Thread rule: one answer, one thread. Lifetime: pieces are valid as long
// as the text they were read from and `texts`.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/event.h"
#include "chat/learned.h"
#include "chat/texts.h"
#include "dialect/openai/calls.h"
#include "dialect/openai/details.h"
#include "dialect/openai/finish.h"
#include "json/reader.h"

namespace sluice::dialect::openai {

// One element of `choices`, its members as written; empty: not there.
struct ChoiceText {
  std::uint64_t index = 0;
  std::string_view delta;        // `delta` or `message`
  std::string_view logprobs;     // an object
  std::string_view stop_reason;  // vLLM: what stop sequence matched
  std::string_view finish;       // the word, without quotes
};

class ChatPieces {
 public:
  using Emit = std::function<void(chat::Piece)>;

  void read(const ChoiceText& choice, const chat::Learned& learned, chat::Texts& texts, const Emit& emit);
  // `citations` of the whole answer, as Perplexity and xAI have them: addresses. Said again in each event.
  void cite(std::string_view citations) { citations_ = citations; }
  // The answer is over: ends the choices that did not say why they ended.
  void finish(chat::Texts& texts, const Emit& emit);

 private:
  struct Column {
    std::uint32_t choice = 0;
    bool reasons = false;  // reasoning was begun and has not ended
    bool finished = false;
    Held held;
    CallQueue calls;
    ReasoningDetails details;
    std::string audio;  // base64 of what came so far
    std::string transcript;
  };
  // The members of a delta, in the order in which they are told.
  struct Delta {
    std::string_view reasoning, details, content, refusal, audio, images, annotations, calls, function;
  };
  // Where pieces go to: what read() was given.
  struct Out {
    Column& column;
    chat::Texts& texts;
    const Emit& emit;
    std::string_view answer_id;

    void piece(chat::Piece piece) const;
    void text(chat::PieceKind kind, json::Escaped text) const;
  };

  Column* column(std::uint64_t index);
  void say(const Delta& delta, const Out& out);
  void reason(json::Escaped text, const Out& out);
  void end_reasoning(const Out& out);
  void say_details(std::string_view array, bool is_shown, const Out& out);
  void say_content(std::string_view content, const Out& out);
  void say_chunk(std::string_view chunk, const Out& out);
  void hear(std::string_view audio, const Out& out);
  void show(std::string_view images, const Out& out);
  void annotate(std::string_view annotations, const Out& out);
  void call(std::string_view calls, const Out& out);
  void call_function(std::string_view function, const Out& out);
  void cite_all(const Out& out);
  void end(std::string_view finish, std::string_view stop_reason, const Out& out);

  std::vector<Column> columns_;
  std::string citations_;
  json::Reader reader_;
};

}  // namespace sluice::dialect::openai
