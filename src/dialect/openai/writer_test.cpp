#include "dialect/openai/writer.h"

#include "dialect/openai/writer_fixture_test.h"

namespace sluice::dialect::openai::writer_test {
namespace {

TEST_F(OpenAiWriter, StreamsChunks) {
  EXPECT_EQ(written({piece(PieceKind::kText, R"(Hi \"you\" \u00e9)"), finish(FinishReason::kStop)}, true),
            R"(data: {"id":"msg_1","object":"chat.completion.chunk","created":7,"model":"claude",)"
            R"("system_fingerprint":null,"choices":[{"index":0,"delta":{"role":"assistant","content":""},)"
            R"("logprobs":null,"finish_reason":null}]})"
            "\n\n"
            R"(data: {"id":"msg_1","object":"chat.completion.chunk","created":7,"model":"claude",)"
            R"("system_fingerprint":null,"choices":[{"index":0,"delta":{"content":"Hi \"you\" \u00e9"},)"
            R"("logprobs":null,"finish_reason":null}]})"
            "\n\n"
            R"(data: {"id":"msg_1","object":"chat.completion.chunk","created":7,"model":"claude",)"
            R"("system_fingerprint":null,"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]})"
            "\n\ndata: [DONE]\n\n");
}

TEST_F(OpenAiWriter, TellsUsageOnlyWhereItIsAskedFor) {
  EXPECT_FALSE(written({piece(PieceKind::kText, "a")}, true).contains("usage"));
  request_.usage_wanted = true;
  const std::string out = written({piece(PieceKind::kText, "a"), finish(FinishReason::kStop)}, true);
  EXPECT_TRUE(out.contains(R"("finish_reason":null}],"usage":null})"));
  EXPECT_TRUE(out.ends_with(
      R"("choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":)"
      R"({"cached_tokens":4,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":2,"audio_tokens":0}}})"
      "\n\ndata: [DONE]\n\n"))
      << out;
  learned_.usage = {};
  EXPECT_FALSE(written({}, true).contains("prompt_tokens")) << "nothing is known";
}

TEST_F(OpenAiWriter, StreamsCallsOneAfterTheOther) {
  EXPECT_EQ(deltas({call("a"), piece(PieceKind::kArguments, R"({\"x\":)"), piece(PieceKind::kArguments, "1}"),
                    call("b", "g"), finish(FinishReason::kStop)}),
            R"({{"role":"assistant","content":""}})"
            R"({{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}})"
            R"({{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":"}}]}})"
            R"({{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}})"
            R"({{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}]}})"
            R"({{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}})"
            R"({{},"logprobs":null,"finish_reason":"tool_calls"}]}[DONE])");
}

TEST_F(OpenAiWriter, WritesCustomToolsAndUnwrapsThem) {
  request_.tools.push_back({.kind = chat::ToolKind::kCustom, .name = {"sql"}});
  Piece custom = call("a", "other");
  custom.tool = chat::ToolKind::kCustom;
  const std::vector<Piece> pieces{custom,
                                  piece(PieceKind::kArguments, R"(x\n)"),
                                  call("b", "sql"),
                                  piece(PieceKind::kArguments, R"({\"input\":)"),
                                  piece(PieceKind::kArguments, R"(\"y\\n\"})"),
                                  finish(FinishReason::kToolCalls)};
  EXPECT_EQ(message(pieces), R"({"role":"assistant","content":null,"refusal":null,"annotations":[],"tool_calls":[)"
                             R"({"id":"a","type":"custom","custom":{"name":"other","input":"x\n"}},)"
                             R"({"id":"b","type":"custom","custom":{"name":"sql","input":"y\n"}}]})");
  const std::string streamed = deltas(pieces);
  EXPECT_TRUE(streamed.contains(R"({"index":0,"custom":{"input":"x\n"}})")) << streamed;
  EXPECT_TRUE(streamed.contains(R"({"index":1,"custom":{"input":"y\n"}})")) << streamed;
}

TEST_F(OpenAiWriter, AnswersTheOlderFunctionsInTheirForm) {
  request_.give(chat::Field::kTools, "functions");
  const std::vector<Piece> pieces{call("a"), piece(PieceKind::kArguments, "{}"), finish(FinishReason::kToolCalls)};
  EXPECT_EQ(deltas(pieces),
            R"({{"role":"assistant","content":""}}{{"function_call":{"name":"f","arguments":""}}})"
            R"({{"function_call":{"arguments":"{}"}}}{{},"logprobs":null,"finish_reason":"function_call"}]}[DONE])");
  const std::string whole = written(pieces, false);
  EXPECT_TRUE(whole.contains(R"("function_call":{"name":"f","arguments":"{}"})")) << whole;
  EXPECT_TRUE(whole.contains(R"("finish_reason":"function_call")")) << whole;
}

TEST_F(OpenAiWriter, WritesWholeAnswers) {
  learned_.service_tier = "default";
  EXPECT_EQ(written({piece(PieceKind::kReasoning, "Hm"), state(State::Kind::kNone), piece(PieceKind::kText, "a"),
                     piece(PieceKind::kText, "b"), finish(FinishReason::kLength), piece(PieceKind::kText, "c", 1),
                     finish(FinishReason::kStop, 1)},
                    false)
                .substr(0, 164),
            R"({"id":"msg_1","object":"chat.completion","created":7,"model":"claude","choices":[{"index":0,"message":)"
            R"({"role":"assistant","content":"ab","refusal":null,"reasoning_c)");
  learned_ = {};
  EXPECT_EQ(
      written({}, false),
      R"({"id":"chatcmpl-x1","object":"chat.completion","created":7,"model":"fast","choices":[{"index":0,"message":)"
      R"({"role":"assistant","content":"","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],)"
      R"("system_fingerprint":null})");
}

TEST_F(OpenAiWriter, SaysWhyTheAnswerEnded) {
  const auto word = [&](FinishReason reason, Piece said = piece(PieceKind::kText, "a")) {
    const std::string out = written({std::move(said), finish(reason)}, true);
    const auto at = out.rfind(R"("finish_reason":")") + 17;
    const std::string streamed = out.substr(at, out.find('"', at) - at);
    EXPECT_TRUE(written({piece(PieceKind::kText, "a"), finish(reason)}, false).contains(R"("finish_reason":")"));
    return streamed;
  };
  EXPECT_EQ(word(FinishReason::kStopSequence), "stop");
  EXPECT_EQ(word(FinishReason::kLength), "length");
  EXPECT_EQ(word(FinishReason::kContextWindow), "length");
  EXPECT_EQ(word(FinishReason::kContentFilter), "content_filter");
  EXPECT_EQ(word(FinishReason::kRefusal), "content_filter");
  EXPECT_EQ(word(FinishReason::kRefusal, piece(PieceKind::kRefusal, "No")), "stop");
  EXPECT_EQ(word(FinishReason::kPause), "stop");
  EXPECT_EQ(word(FinishReason::kStop, call("a")), "tool_calls");
  EXPECT_EQ(word(FinishReason::kLength, call("a")), "length") << "a call that was cut off";
}

TEST_F(OpenAiWriter, AMalformedOutputEndsInAnError) {
  learned_.finish_reason = "MALFORMED_FUNCTION_CALL";
  const std::string out = written({piece(PieceKind::kText, "a"), finish(FinishReason::kModelError)}, true);
  EXPECT_FALSE(out.contains(R"("finish_reason":")")) << out;
  EXPECT_TRUE(out.contains("The model's output was malformed (MALFORMED_FUNCTION_CALL).")) << out;
}

TEST_F(OpenAiWriter, ARefusalThatTheProviderExplainsIsNoAnswer) {
  const std::vector<Piece> pieces{piece(PieceKind::kRefusal, "Misuse."), finish(FinishReason::kRefusal)};
  learned_.finish_reason = "stop";  // the model's own words
  for (bool streams : {false, true}) EXPECT_TRUE(written(pieces, streams).contains(R"("finish_reason":"stop")"));
  learned_.finish_reason = "refusal";
  for (bool streams : {false, true}) {
    const std::string out = written(pieces, streams);
    EXPECT_TRUE(out.contains(R"("refusal":"Misuse.")")) << out;
    EXPECT_TRUE(out.contains(R"("finish_reason":"content_filter")")) << out;
  }
}

TEST_F(OpenAiWriter, CarriesReasoningInTheIdOfTheNextCall) {
  const std::vector<Piece> pieces{piece(PieceKind::kReasoning, "Hm \\u00e9"),
                                  state(State::Kind::kSignature, "s1"),
                                  state(State::Kind::kRedacted, "r1"),
                                  piece(PieceKind::kText, "Said."),
                                  call("toolu_1"),
                                  piece(PieceKind::kArguments, "{}"),
                                  call("toolu_2"),
                                  finish(FinishReason::kToolCalls)};
  // A client keeps what the API has: text and calls.
  for (bool streams : {false, true}) {
    const chat::Choice choice = reread(pieces, streams);
    std::string calls;
    for (const Part& part : choice.parts) {
      if (part.kind != PartKind::kCall) continue;
      calls += calls.empty() ? "" : ",";
      calls +=
          R"({"type":"function","id":")" + std::string(part.id.raw) + R"(","function":{"name":"f","arguments":"{}"}})";
    }
    const auto parts = returned(R"({"role":"assistant","content":"Said.","tool_calls":[)" + calls + "]}");
    ASSERT_EQ(parts.size(), 5u) << streams;
    EXPECT_EQ(json::plain(parts[0].text), "Hm \xc3\xa9");
    EXPECT_EQ(parts[0].state.kind, State::Kind::kSignature);
    EXPECT_EQ(parts[0].state.data.raw, "s1");
    EXPECT_EQ(parts[1].state.kind, State::Kind::kRedacted);
    EXPECT_EQ(parts[2].text.raw, "Said.");
    EXPECT_EQ(parts[3].id.raw, "toolu_1");
    EXPECT_EQ(parts[4].id.raw, "toolu_2");
  }
}

TEST_F(OpenAiWriter, CarriesAMadeUpIdAndACallsOwnState) {
  Piece made = call("call_0");
  made.made_up_id = true;
  made.state = {.kind = State::Kind::kThought, .data = {"c2ln"}};
  const std::vector<Piece> pieces{made, finish(FinishReason::kToolCalls)};
  const auto parts = returned(message(pieces));
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].id.raw, "call_0");
  EXPECT_TRUE(parts[0].made_up_id);
  EXPECT_EQ(parts[0].state.data.raw, "c2ln");
}

TEST_F(OpenAiWriter, PutsReasoningIntoDetailsWhereNoCallFollows) {
  const std::vector<Piece> pieces{piece(PieceKind::kReasoning, "Hm"), state(State::Kind::kEncrypted, "e1"),
                                  piece(PieceKind::kText, "Said."), state(State::Kind::kThought, "t1"),
                                  finish(FinishReason::kStop)};
  const auto parts = returned(message(pieces));
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].kind, PartKind::kReasoning);
  EXPECT_EQ(parts[0].text.raw, "Hm");
  EXPECT_EQ(parts[0].state.data.raw, "e1");
  EXPECT_EQ(parts[1].kind, PartKind::kText);
  EXPECT_EQ(parts[1].state.data.raw, "t1");
  const std::string streamed = deltas(pieces);
  const auto at = streamed.find(R"("reasoning_details":)");
  ASSERT_NE(at, std::string::npos);
  EXPECT_LT(streamed.find("Said."), at);
  EXPECT_EQ(streamed.substr(at, 300).substr(0, 60),
            message(pieces).substr(message(pieces).find(R"("reasoning_details":)"), 60));
}

TEST_F(OpenAiWriter, ShowsReasoning) {
  const std::vector<Piece> pieces{piece(PieceKind::kReasoning, "a"), piece(PieceKind::kReasoning, "b"),
                                  state(State::Kind::kPlain), piece(PieceKind::kText, "c"),
                                  finish(FinishReason::kStop)};
  EXPECT_TRUE(deltas(pieces).contains(R"({{"reasoning_content":"a"}}{{"reasoning_content":"b"}}{{"content":"c"}})"));
  EXPECT_TRUE(message(pieces).contains(R"("reasoning_content":"ab")"));
  const auto parts = returned(message(pieces));
  EXPECT_EQ(parts[0].state.kind, State::Kind::kPlain);
  EXPECT_EQ(parts[0].text.raw, "ab");
}

TEST_F(OpenAiWriter, PlacesCitationsByCharacters) {
  Piece cited = piece(PieceKind::kCitation);
  cited.citation = {.url = {"https://a"}, .title = {"A"}, .quote = {}, .raw = {}};
  Piece placed = cited;
  placed.citation.of = {.unit = chat::Extent::Unit::kCharacters, .begin = 3, .end = 4};
  Piece document = piece(PieceKind::kCitation);
  document.citation = {.url = {}, .title = {"Doc"}, .quote = {"q"}, .raw = "{\"page\":\n1}"};
  const std::vector<Piece> pieces{piece(PieceKind::kText, R"(\u00e9\ud83d\ude80 é)"),
                                  cited,
                                  cited,
                                  piece(PieceKind::kText, "abc"),
                                  placed,
                                  document,
                                  finish(FinishReason::kStop)};
  const std::string first =
      R"({"type":"url_citation","url_citation":{"start_index":0,"end_index":4,"url":"https://a","title":"A"}})";
  const std::string second =
      R"({"type":"url_citation","url_citation":{"start_index":3,"end_index":4,"url":"https://a","title":"A"}})";
  const std::string streamed = deltas(pieces);
  EXPECT_TRUE(streamed.contains(R"({{"annotations":[)" + first + "," + first + "," + second + ",")) << streamed;
  EXPECT_TRUE(streamed.contains(
      R"({"type":"document_citation","start_index":4,"end_index":7,"title":"Doc","quote":"q","document_citation":{"page": 1}})"))
      << streamed;
  EXPECT_FALSE(streamed.contains('\n'));
  EXPECT_TRUE(message(pieces).contains(R"("annotations":[)" + first + "," + first + ",")) << message(pieces);
}

TEST_F(OpenAiWriter, WritesMediaAndLogprobs) {
  Piece image = piece(PieceKind::kMedia);
  image.media = {.type = {"image/png"}, .data = {"AA=="}};
  Piece audio = piece(PieceKind::kMedia);
  audio.media = {.type = {"audio/wav"}, .data = {"BB=="}, .context = {"Hello"}};
  Piece first = piece(PieceKind::kLogprobs);
  first.raw = R"({"content":[1],"refusal":null})";
  Piece second = piece(PieceKind::kLogprobs);
  second.raw = R"({"content":[2,3]})";
  const std::vector<Piece> pieces{
      piece(PieceKind::kText, "a"), first, piece(PieceKind::kText, "b"), second, image, audio,
      finish(FinishReason::kStop)};
  const std::string streamed = deltas(pieces);
  EXPECT_TRUE(streamed.contains(R"({"content":"a"},"logprobs":{"content":[1],"refusal":null},"finish_reason":null)"))
      << streamed;
  EXPECT_TRUE(
      streamed.contains(R"({{"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}})"));
  EXPECT_TRUE(streamed.contains(R"({{"audio":{"id":"audio_x1","data":"BB==","expires_at":7,"transcript":"Hello"}}})"));
  const std::string whole = written(pieces, false);
  EXPECT_TRUE(whole.contains(R"("logprobs":{"content":[1,2,3],"refusal":null})")) << whole;
  EXPECT_TRUE(whole.contains(R"("audio":{"id":"audio_x1")"));
  EXPECT_TRUE(whole.contains(R"("images":[)"));
}

TEST_F(OpenAiWriter, EndsABrokenStreamWithAnError) {
  auto writer = make_writer(options(true));
  std::string out;
  const std::vector<Piece> pieces{piece(PieceKind::kText, "a")};
  writer->write(pieces, learned_, out);
  Fault fault;
  fault.kind = FaultKind::kTruncated;
  fault.told = "Cut.";
  writer->fail(fault, learned_, out);
  EXPECT_FALSE(out.contains(R"("finish_reason":")"));
  EXPECT_TRUE(out.contains(R"(data: {"error":{"message":"Cut.")"));
  json::Reader reader;
  chat::Learned learned;
  Answer answer(Kind::kChat, {}, learned, reader);
  EXPECT_EQ(answer.feed(out).error().kind, FaultKind::kProviderError);
}

}  // namespace
}  // namespace sluice::dialect::openai::writer_test
