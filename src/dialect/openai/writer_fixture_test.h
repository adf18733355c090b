// Answers written for clients of this dialect, and read again.
//
// Thread rule: one thread. Lifetime: what reread() and returned() give is valid until the next call.
#pragma once

#include <gtest/gtest.h>

#include "chat/reply.h"
#include "chat/seal.h"
#include "dialect/openai/answer.h"
#include "dialect/openai/chat_reader.h"
#include "dialect/openai/fixture_test.h"
#include "dialect/openai/writer.h"
#include "json/reader.h"

namespace sluice::dialect::openai {

using chat::FinishReason;
using chat::Part;
using chat::PartKind;
using chat::Piece;
using chat::PieceKind;
using chat::State;
using testing::cases;

inline Piece piece(PieceKind kind, std::string_view text = {}, std::uint32_t choice = 0) {
  Piece piece;
  piece.kind = kind;
  piece.text = {text};
  piece.choice = choice;
  return piece;
}
inline Piece state(State::Kind kind, std::string_view data = {}) {
  Piece made = piece(PieceKind::kState);
  made.state = {.kind = kind, .data = {data}};
  return made;
}
inline Piece call(std::string_view id, std::string_view name = "f") {
  Piece made = piece(PieceKind::kCall);
  made.id = {id};
  made.name = {name};
  return made;
}
inline Piece finish(FinishReason reason, std::uint32_t choice = 0) {
  Piece made = piece(PieceKind::kFinish, {}, choice);
  made.finish = reason;
  return made;
}

class OpenAiWriter : public ::testing::Test {
 protected:
  OpenAiWriter() {
    learned_.id = "msg_1";
    learned_.model = "claude";
    learned_.usage = {
        .source = chat::UsageSource::kProvider, .input = 10, .cache_read = 4, .output = 5, .reasoning = 2};
    request_.usage_wanted = false;
  }
  WriteOptions options(bool streams) {
    return {.request = &request_,
            .asked_model = "fast",
            .origin = "p",
            .exchange_id = "x1",
            .created = 7,
            .stream = streams};
  }
  std::string written(const std::vector<Piece>& pieces, bool streams) {
    auto writer = make_writer(options(streams));
    std::string out;
    writer->write(pieces, learned_, out);
    writer->finish(learned_, out);
    return out;
  }
  // The deltas of a stream, and what ends it, without what all chunks have.
  std::string deltas(const std::vector<Piece>& pieces) {
    std::string out = written(pieces, true);
    for (std::string_view same :
         {R"("id":"msg_1","object":"chat.completion.chunk","created":7,"model":"claude","system_fingerprint":null,)",
          R"("choices":[{"index":0,"delta":)", R"(,"logprobs":null,"finish_reason":null}])", "data: ", "\n\n"}) {
      for (std::size_t at; (at = out.find(same)) != std::string::npos;) out.erase(at, same.size());
    }
    return out;
  }
  std::string message(const std::vector<Piece>& pieces) {
    const std::string out = written(pieces, false);
    const auto begin = out.find(R"("message":)") + 10;
    return out.substr(begin, out.find(R"(,"logprobs")") - begin);
  }
  // The same pieces as read back by the dialect's own reader, collected.
  chat::Choice reread(const std::vector<Piece>& pieces, bool streams) {
    body_ = written(pieces, streams);
    json::pad(body_);
    json::Reader reader;
    chat::Learned learned;
    answers_.push_back(std::make_unique<Answer>(Kind::kChat, ReadOptions{}, learned, reader));
    Answer& answer = *answers_.back();
    collector_ = {};
    if (streams) {
      EXPECT_TRUE(answer.feed(body_)) << body_;
      for (const chat::Event& event : answer.last_events()) collector_.add(event.pieces);
      EXPECT_TRUE(answer.finish());
    } else {
      auto event = answer.read_whole(body_);
      EXPECT_TRUE(event) << body_;
      if (event) collector_.add(event->pieces);
    }
    return collector_.choices().front();
  }
  // The assistant's message of an answer as it is when a client sends it back, after unseal().
  std::vector<Part> returned(const std::string& message) {
    body_ = R"({"messages":[)" + message + "]}";
    json::pad(body_);
    auto request = read_chat(body_, reader_);
    EXPECT_TRUE(request) << (request ? "" : request.error().told);
    if (!request) return {};
    returned_ = std::move(*request);
    chat::unseal(returned_, "p", chat::StateOf::kOtherDialect);
    EXPECT_TRUE(returned_.lost.empty() || returned_.lost[0].path.ends_with("annotations"));
    return returned_.turns.empty() ? std::vector<Part>() : returned_.turns[0].parts;
  }

  chat::Learned learned_;
  chat::Request request_, returned_;
  json::Reader reader_;
  std::string body_;
  std::vector<std::unique_ptr<Answer>> answers_;
  chat::Collector collector_;
};

}  // namespace sluice::dialect::openai
