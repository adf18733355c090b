#include <gtest/gtest.h>

#include "chat/seal.h"
#include "dialect/anthropic/fixture_test.h"

namespace sluice::dialect::anthropic::testing::writer_test {
namespace {

using chat::FinishReason;
using chat::Piece;
using chat::PieceKind;
using chat::State;

WriteOptions options(bool stream) {
  return {.endpoint = &endpoints()[0],
          .asked_model = "public",
          .origin = "other",
          .exchange_id = "x1",
          .created = 5,
          .stream = stream};
}

std::string write(std::span<const Piece> pieces, const chat::Learned& learned, bool stream) {
  std::string out;
  auto writer = server().write_answer(options(stream));
  for (const Piece& piece : pieces) writer->write({&piece, 1}, learned, out);
  writer->finish(learned, out);
  return out;
}

Piece text(std::string_view raw, PieceKind kind = PieceKind::kText) {
  Piece piece;
  piece.kind = kind;
  piece.text = {raw};
  return piece;
}
Piece state(State::Kind kind, std::string_view data) {
  Piece piece;
  piece.kind = PieceKind::kState;
  piece.state = {.kind = kind, .data = {data}, .origin = {}};
  return piece;
}
Piece call(std::string_view id, std::string_view name) {
  Piece piece;
  piece.kind = PieceKind::kCall;
  piece.id = {id};
  piece.name = {name};
  return piece;
}
Piece finish(FinishReason reason) {
  Piece piece;
  piece.kind = PieceKind::kFinish;
  piece.finish = reason;
  return piece;
}

chat::Learned learned() {
  chat::Learned known;
  known.id = "msg_7";
  known.model = "served";
  known.usage = {.source = chat::UsageSource::kProvider,
                 .input = 100,
                 .cache_read = 60,
                 .cache_write = 30,
                 .cache_write_1h = 10,
                 .output = 9,
                 .reasoning = 4};
  return known;
}

std::string opened(std::string_view sealed) {
  const auto seal = chat::open_seal(sealed);
  if (!seal || seal->entries.empty()) return "none";
  return seal->origin + ":" + std::to_string(static_cast<int>(seal->entries[0].kind)) + ":" + seal->entries[0].data;
}

TEST(AnthropicWriter, WritesAStream) {
  const std::vector<Piece> pieces{text("Hi"), text(" \\u00e9"), finish(FinishReason::kStop)};
  EXPECT_EQ(
      write(pieces, learned(), true),
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_7\",\"type\":\"message\","
      "\"role\":\"assistant\",\"model\":\"served\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,"
      "\"stop_details\":null,\"container\":null,\"diagnostics\":null,\"usage\":{\"input_tokens\":10,"
      "\"cache_creation_input_tokens\":30,\"cache_read_input_tokens\":60,\"cache_creation\":"
      "{\"ephemeral_5m_input_tokens\":20,\"ephemeral_1h_input_tokens\":10},\"output_tokens\":9,"
      "\"output_tokens_details\":{\"thinking_tokens\":4},\"server_tool_use\":null,\"service_tier\":null,"
      "\"inference_geo\":null,\"speed\":null}}}\n\n"
      "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
      "{\"type\":\"text\",\"text\":\"\",\"citations\":null}}\n\n"
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
      "{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n"
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
      "{\"type\":\"text_delta\",\"text\":\" \\u00e9\"}}\n\n"
      "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
      "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\","
      "\"stop_sequence\":null,\"stop_details\":null,\"container\":null},\"usage\":{\"input_tokens\":10,"
      "\"cache_creation_input_tokens\":30,\"cache_read_input_tokens\":60,\"output_tokens\":9,"
      "\"output_tokens_details\":{\"thinking_tokens\":4},\"server_tool_use\":null}}\n\n"
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
}

// Pieces of every fixture, written and read again, say the same; what was opaque is sealed.
TEST(AnthropicWriter, IsReadAgainAsItWasMeant) {
  for (const auto& test : cases()) {
    if (test->status != 200 || test->is_error() || kind_of(*test) == Kind::kCountTokens) continue;
    for (const bool stream : {true, false}) {
      SCOPED_TRACE(test->id + (stream ? " streamed" : " whole"));
      chat::Learned known;
      json::Reader reader;
      auto answer = client_of(host_of(*test)).read_answer(Operation::kChat, nullptr, {}, known, reader);
      auto writer = server().write_answer(options(stream));
      std::string out;
      Heard heard;
      auto take = [&](const chat::Event& event) {
        writer->write(event.pieces, known, out);
        for (const Piece& piece : event.pieces) heard.add(piece);
      };
      const std::string body = padded(test->body);
      if (test->stream) {
        const auto events = answer->feed(body);
        ASSERT_TRUE(events);
        for (const chat::Event& event : *events) take(event);
      } else {
        const auto event = answer->read_whole(body);
        ASSERT_TRUE(event);
        take(*event);
      }
      writer->finish(known, out);
      const Outcome again = stream ? replay(out, 13) : read_whole(out);
      EXPECT_FALSE(again.fault) << again.told;
      EXPECT_TRUE(again.complete);
      EXPECT_EQ(again.heard.text, heard.text + heard.refusal);
      EXPECT_EQ(again.heard.reasoning, heard.reasoning);
      EXPECT_EQ(again.heard.finish, heard.finish);
      EXPECT_EQ(again.heard.stop_sequence, heard.stop_sequence);
      EXPECT_EQ(again.learned.usage, known.usage);
      EXPECT_EQ(again.learned.id, known.id);
      ASSERT_EQ(again.heard.signatures.size(), heard.signatures.size());
      for (std::size_t i = 0; i < heard.signatures.size(); ++i)
        EXPECT_EQ(opened(again.heard.signatures[i]), "other:1:" + heard.signatures[i]);
      ASSERT_EQ(again.heard.redacted.size(), heard.redacted.size());
      for (std::size_t i = 0; i < heard.redacted.size(); ++i)
        EXPECT_EQ(opened(again.heard.redacted[i]), "other:2:" + heard.redacted[i]);
      ASSERT_EQ(again.heard.calls.size(), heard.calls.size());
      for (std::size_t i = 0; i < heard.calls.size(); ++i) {
        EXPECT_EQ(again.heard.calls[i].id, heard.calls[i].id);
        EXPECT_EQ(again.heard.calls[i].name, heard.calls[i].name);
        if (test->expect.at_pointer("/partial_tool_call").error()) {
          const std::string& arguments = heard.calls[i].arguments;
          EXPECT_EQ(sorted(std::string_view(again.heard.calls[i].arguments)),
                    sorted(std::string_view(arguments.empty() ? "{}" : arguments)));
        } else {
          EXPECT_TRUE(again.heard.calls[i].arguments.contains("Os"));
        }
      }
    }
  }
}

TEST(AnthropicWriter, ACallWithoutArgumentsHasAnEmptyObject) {
  const std::vector<Piece> pieces{call("a", "f"), call("b", "g"), text("{\\\"x\\\":1}", PieceKind::kArguments),
                                  finish(FinishReason::kStop)};
  const Outcome streamed = replay(write(pieces, {}, true));
  ASSERT_EQ(streamed.heard.calls.size(), 2u);
  EXPECT_EQ(streamed.heard.calls[0].arguments, "{}");
  EXPECT_EQ(streamed.heard.calls[1].arguments, R"({"x":1})");
  EXPECT_EQ(streamed.heard.finish, FinishReason::kToolCalls);
  const Outcome whole = read_whole(write(pieces, {}, false));
  ASSERT_EQ(whole.heard.calls.size(), 2u);
  EXPECT_EQ(whole.heard.calls[1].arguments, R"({"x":1})");
  EXPECT_EQ(whole.heard.finish, FinishReason::kToolCalls);
  EXPECT_EQ(whole.learned.id, "msg_x1");
  EXPECT_EQ(whole.learned.model, "public");
}

TEST(AnthropicWriter, ACutCallIsNotLost) {
  const std::vector<Piece> pieces{call("a", "f"), text("{\\\"x\\\":\\\"ab", PieceKind::kArguments),
                                  finish(FinishReason::kLength)};
  EXPECT_EQ(replay(write(pieces, {}, true)).heard.calls.at(0).arguments, R"({"x":"ab)");
  const Outcome whole = read_whole(write(pieces, {}, false));
  EXPECT_EQ(whole.heard.calls.at(0).arguments, R"({"_raw":"{\"x\":\"ab"})");
  EXPECT_EQ(whole.heard.finish, FinishReason::kLength);
}

TEST(AnthropicWriter, CarriesTheStateOfOthers) {
  Piece thinking_call = call("c1", "f");
  thinking_call.state = {.kind = State::Kind::kThought, .data = {"Y2FsbA=="}, .origin = {}};
  thinking_call.made_up_id = true;
  const std::vector<Piece> pieces{text("why", PieceKind::kReasoning),       state(State::Kind::kPlain, ""),
                                  state(State::Kind::kEncrypted, "ZW5j"),   text("said"),
                                  state(State::Kind::kThought, "dGV4dA=="), thinking_call,
                                  finish(FinishReason::kToolCalls)};
  for (const bool stream : {true, false}) {
    SCOPED_TRACE(stream);
    const std::string out = write(pieces, {}, stream);
    const Outcome again = stream ? replay(out) : read_whole(out);
    ASSERT_EQ(again.heard.signatures.size(), 2u);
    EXPECT_EQ(opened(again.heard.signatures[0]), "other:5:");
    EXPECT_EQ(opened(again.heard.signatures[1]), "other:3:ZW5j");
    ASSERT_EQ(again.heard.redacted.size(), 1u);
    EXPECT_EQ(opened(again.heard.redacted[0]), "other:4:dGV4dA==");
    ASSERT_EQ(again.heard.calls.size(), 1u);
    EXPECT_EQ(opened(again.heard.calls[0].id), "other:4:Y2FsbA==");
    EXPECT_TRUE(chat::open_seal(again.heard.calls[0].id)->made_up_id);
  }
}

TEST(AnthropicWriter, TellsSourcesThatHaveAnAddress) {
  Piece source = text("", PieceKind::kCitation);
  source.citation = {.url = {"https://x"}, .title = {"T"}, .quote = {"q"}, .raw = {}};
  const std::vector<Piece> pieces{text("a"), source, text("", PieceKind::kCitation), finish(FinishReason::kStop)};
  for (const bool stream : {true, false}) {
    const std::string out = write(pieces, {}, stream);
    EXPECT_TRUE(chat::may_hold_seal(out));  // it is taken away when it comes back
    EXPECT_EQ((stream ? replay(out) : read_whole(out)).heard.citations, std::vector<std::string>{"https://x|T|q"});
  }
}

TEST(AnthropicWriter, CutsTextsBehindTheirSources) {
  Piece source = text("", PieceKind::kCitation);
  source.citation = {.url = {"https://x"}, .title = {}, .quote = {}, .raw = {}};
  const std::vector<Piece> pieces{text("a"), text("b"), source,    source,
                                  text("c"), source,    text("d"), finish(FinishReason::kStop)};
  dom::parser parser;
  const std::string whole = write(pieces, {}, false);
  const dom::array blocks = parser.parse(whole).value()["content"].value();
  std::string told;
  for (dom::element block : blocks) {
    dom::array sources;
    const bool cited = !block["citations"].get(sources);
    told += std::string(std::string_view(block["text"].value())) + std::to_string(cited ? sources.size() : 0) + " ";
  }
  EXPECT_EQ(told, "ab2 c1 d0 ");
  const std::string streamed = write(pieces, {}, true);
  EXPECT_EQ(replay(streamed).heard.text, "abcd");
  std::size_t begun = 0;
  for (auto at = streamed.find("event: content_block_start"); at != std::string::npos;
       at = streamed.find("event: content_block_start", at + 1))
    ++begun;
  EXPECT_EQ(begun, 3u);
}

TEST(AnthropicWriter, TellsWhyItEnds) {
  auto reason = [](FinishReason finished) {
    const std::vector<Piece> pieces{text("a"), finish(finished)};
    return replay(write(pieces, {}, true)).learned.finish_reason;
  };
  EXPECT_EQ(reason(FinishReason::kLength), "max_tokens");
  EXPECT_EQ(reason(FinishReason::kContextWindow), "model_context_window_exceeded");
  EXPECT_EQ(reason(FinishReason::kContentFilter), "refusal");
  EXPECT_EQ(reason(FinishReason::kPause), "pause_turn");
  EXPECT_EQ(reason(FinishReason::kToolCalls), "end_turn");  // there is none to answer
  const std::vector<Piece> broken{text("a"), finish(FinishReason::kModelError)};
  const std::string out = write(broken, {}, true);
  EXPECT_FALSE(out.contains("message_stop"));
  EXPECT_EQ(replay(out).fault, FaultKind::kProviderError);
  EXPECT_EQ(read_whole(write(broken, {}, false)).learned.finish_reason, "refusal");
}

TEST(AnthropicWriter, AFailureIsAnErrorAndNoEnd) {
  std::string out;
  auto writer = server().write_answer(options(true));
  const Piece piece = text("a");
  writer->write({&piece, 1}, {}, out);
  writer->fail({.kind = FaultKind::kTruncated, .told = "It ended."}, {}, out);
  EXPECT_FALSE(out.contains("message_stop"));
  EXPECT_FALSE(out.contains("message_delta"));
  const Outcome again = replay(out);
  EXPECT_EQ(again.fault, FaultKind::kProviderError);
  EXPECT_EQ(again.told, "It ended.");
}

TEST(AnthropicServer, SmallAnswers) {
  EXPECT_EQ(server().write_count(14), R"({"input_tokens":14})");
  EXPECT_TRUE(server().takes_comments(endpoints()[0]));
  EXPECT_EQ(server().keep_alive(endpoints()[0]), "event: ping\ndata: {\"type\": \"ping\"}\n\n");
  const std::vector<ModelEntry> models{{"a"}, {"b\"c"}};
  EXPECT_EQ(sorted(std::string_view(server().write_models(models))),
            R"({"data":[{"created_at":"1970-01-01T00:00:00Z","display_name":"a","id":"a","type":"model"},)"
            R"({"created_at":"1970-01-01T00:00:00Z","display_name":"b\"c","id":"b\"c","type":"model"}],)"
            R"("first_id":"a","has_more":false,"last_id":"b\"c"})");
  EXPECT_EQ(server().write_models({}), R"({"data":[],"has_more":false,"first_id":null,"last_id":null})");
}

}  // namespace
}  // namespace sluice::dialect::anthropic::testing::writer_test
