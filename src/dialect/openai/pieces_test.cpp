#include "dialect/openai/pieces.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "chat/reply.h"
#include "dialect/openai/answer.h"
#include "dialect/openai/fixture_test.h"

namespace sluice::dialect::openai::pieces_test {
namespace {

using chat::FinishReason;
using chat::Piece;
using chat::PieceKind;
using testing::cases;

// Pieces in words; texts that go on are one.
class Told {
 public:
  void add(std::span<const Piece> pieces) {
    for (const Piece& piece : pieces) {
      const std::string word = word_of(piece);
      const bool goes_on = (piece.kind == PieceKind::kText || piece.kind == PieceKind::kReasoning ||
                            piece.kind == PieceKind::kRefusal || piece.kind == PieceKind::kArguments) &&
                           word == last_;
      if (!goes_on) out_ += (out_.empty() ? "" : " ") + word;
      last_ = word;
      out_ += piece.text.raw;
    }
  }
  const std::string& text() const { return out_; }

 private:
  static std::string word_of(const Piece& piece) {
    static constexpr std::string_view kNames[]{"text",  "refusal",  "reasoning", "state",    "call",  "arguments",
                                               "media", "citation", "item",      "logprobs", "finish"};
    std::string word(kNames[static_cast<std::size_t>(piece.kind)]);
    if (piece.choice != 0) word += std::to_string(piece.choice);
    if (piece.kind == PieceKind::kState || piece.state.kind != chat::State::Kind::kNone) {
      word += "<" + std::to_string(static_cast<int>(piece.state.kind)) + json::plain(piece.state.data) + ">";
    }
    if (piece.kind == PieceKind::kCall) {
      word += "(" + std::string(piece.id.raw) + "," + std::string(piece.name.raw) +
              (piece.made_up_id ? ",made up" : "") + (piece.tool == chat::ToolKind::kCustom ? ",custom" : "") + ")";
    }
    if (piece.kind == PieceKind::kMedia) {
      word += "(" + std::string(piece.media.type.raw) + "," + std::string(piece.media.data.raw) + "," +
              std::string(piece.media.context.raw) + ")";
    }
    if (piece.kind == PieceKind::kCitation)
      word += "(" + std::string(piece.citation.url.raw) + "," + std::string(piece.citation.title.raw) + ")";
    if (piece.kind == PieceKind::kFinish) word += "(" + std::string(chat::name(piece.finish)) + ")";
    return word + (piece.raw.empty() ? ":" : std::string(piece.raw) + ":");
  }

  std::string out_, last_;
};

std::string told(std::string_view stream, const std::vector<std::size_t>& sizes = {}) {
  json::Reader reader;
  chat::Learned learned;
  Answer answer(Kind::kChat, {}, learned, reader);
  Told told;
  auto feed = [&](std::string_view bytes) {
    const std::string copy(bytes);
    const auto events = answer.feed(copy);
    for (const chat::Event& event : answer.last_events()) told.add(event.pieces);
  };
  for (std::size_t size : sizes) {
    feed(stream.substr(0, size));
    stream.remove_prefix(std::min(size, stream.size()));
  }
  if (!stream.empty()) feed(stream);
  if (answer.finish()) {
    for (const chat::Event& event : answer.last_events()) told.add(event.pieces);
  }
  return told.text();
}

std::string told_whole(std::string body) {
  json::pad(body);
  json::Reader reader;
  chat::Learned learned;
  Answer answer(Kind::kChat, {}, learned, reader);
  Told told;
  auto event = answer.read_whole(body);
  EXPECT_TRUE(event);
  if (event) told.add(event->pieces);
  return told.text();
}

std::string delta(std::string_view members, std::string_view more = {}) {
  return R"(data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{)" + std::string(members) + "}" +
         std::string(more) + "}]}\n\n";
}
constexpr std::string_view kStop = R"(,"finish_reason":"stop")";
constexpr std::string_view kToolCalls = R"(,"finish_reason":"tool_calls")";

// What a fixture expects, as the pieces' parts.
void expect_parts(const testing::Case& test, const std::vector<chat::Choice>& choices) {
  std::string text, reasoning, refusal, transcript;
  std::vector<const chat::Part*> calls;
  for (const chat::Part& part : choices[0].parts) {
    if (part.kind == chat::PartKind::kText) text += json::plain(part.text);
    if (part.kind == chat::PartKind::kReasoning) {
      reasoning += json::plain(part.text);
      EXPECT_NE(part.state.kind, chat::State::Kind::kNone) << test.id;
    }
    if (part.kind == chat::PartKind::kRefusal) refusal += json::plain(part.text);
    if (part.kind == chat::PartKind::kAudio) transcript += json::plain(part.media.context);
    if (part.kind == chat::PartKind::kCall) calls.push_back(&part);
  }
  EXPECT_EQ(text, test.text("/text").value_or("")) << test.id;
  EXPECT_EQ(reasoning, test.text("/reasoning").value_or("")) << test.id;
  EXPECT_EQ(refusal, test.text("/refusal").value_or("")) << test.id;
  EXPECT_EQ(transcript, test.text("/audio_transcript").value_or("")) << test.id;
  EXPECT_EQ(chat::name(choices[0].finish), test.text("/finish").value_or("").substr(0, 20)) << test.id;
  testing::dom::array expected;
  if (test.expect["tool_calls"].get(expected)) {
    EXPECT_TRUE(calls.empty()) << test.id;
    return;
  }
  ASSERT_EQ(calls.size(), expected.size()) << test.id;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const testing::dom::element call = expected.at(i).value();
    std::string_view id;
    if (call["id"].get(id)) {
      EXPECT_TRUE(calls[i]->made_up_id) << test.id;
    } else {
      EXPECT_EQ(calls[i]->id.raw, id) << test.id;
    }
    EXPECT_EQ(calls[i]->name.raw, std::string_view(call["name"].value())) << test.id;
    testing::dom::parser parser;
    EXPECT_EQ(simdjson::to_string(parser.parse(simdjson::padded_string(calls[i]->arguments)).value()),
              simdjson::to_string(call["arguments"].value()))
        << test.id;
  }
}

TEST(OpenAiPieces, AreWhatEveryRecordedAnswerSays) {
  std::size_t answers = 0;
  for (const auto& test : cases()) {
    if (test->status != 200 || !test->expect["error"].error()) continue;
    ++answers;
    json::Reader reader;
    chat::Learned learned;
    Answer answer(Kind::kChat, {}, learned, reader);
    chat::Collector collector;
    std::string body = test->body;
    json::pad(body);
    if (test->stream) {
      EXPECT_TRUE(answer.feed(body)) << test->id;
      for (const chat::Event& event : answer.last_events()) collector.add(event.pieces);
      EXPECT_TRUE(answer.finish()) << test->id;
    } else {
      auto event = answer.read_whole(body);
      ASSERT_TRUE(event) << test->id;
      collector.add(event->pieces);
    }
    const auto& choices = collector.choices();
    // Mistral's word for the model's window is a length to the fixtures.
    if (test->id == "mistral/model_length_stop") {
      EXPECT_EQ(choices[0].finish, FinishReason::kContextWindow);
      continue;
    }
    expect_parts(*test, choices);
    testing::dom::array texts;
    if (test->expect["choices"].get(texts)) continue;
    ASSERT_EQ(choices.size(), texts.size()) << test->id;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      EXPECT_EQ(json::plain(choices[i].parts[0].text), std::string_view(texts.at(i).value())) << test->id;
    }
  }
  EXPECT_EQ(answers, 33u);
}

TEST(OpenAiPieces, AreTheSameForEveryCutting) {
  for (const auto& test : cases()) {
    if (!test->stream) continue;
    const std::string whole = told(test->body);
    EXPECT_EQ(told(test->body, std::vector<std::size_t>(test->body.size(), 1)), whole) << test->id;
    for (std::size_t cut = 0; cut <= test->body.size(); cut += 7) {
      ASSERT_EQ(told(test->body, {cut}), whole) << test->id << " cut at " << cut;
    }
  }
}

TEST(OpenAiPieces, CarryTextsAsTheyAreWritten) {
  EXPECT_EQ(told(delta(R"("content":"\ud83d")") + delta(R"("content":"\ude80 \u00e9\n")", kStop)),
            R"(text:\ud83d\ude80 \u00e9\n finish(stop):)");
}

TEST(OpenAiPieces, EndReasoningWhereSomethingElseBegins) {
  EXPECT_EQ(told(delta(R"("content":"a","reasoning_content":"b")") + delta(R"("reasoning":"c")") +
                 delta(R"("refusal":"d")", kStop)),
            "reasoning:b state<5>: text:a reasoning:c state<5>: refusal:d finish(refusal):");
  EXPECT_EQ(told(delta(R"("reasoning_content":"b","reasoning":"b")", kStop)), "reasoning:b state<5>: finish(stop):");
  EXPECT_EQ(told(delta(R"("reasoning_content":"","reasoning":"b")", kStop)), "reasoning:b state<5>: finish(stop):");
}

TEST(OpenAiPieces, PutReasoningDetailsTogether) {
  EXPECT_EQ(
      told(
          delta(
              R"("reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a","index":0,"format":"f"}])") +
          delta(
              R"("reasoning":"b","reasoning_details":[{"type":"reasoning.text","text":"b","index":0,"signature":null}])") +
          delta(R"("reasoning_details":[{"type":"reasoning.text","signature":"s","index":0}])") +
          delta(R"("reasoning_details":[{"type":"reasoning.encrypted","data":"e","index":1}],"content":"c")", kStop)),
      R"(reasoning:ab state<3[{"type":"reasoning.text","text":"ab","index":0,"format":"f","signature":"s"},)"
      R"({"type":"reasoning.encrypted","data":"e","index":1}]>: text:c finish(stop):)");
  EXPECT_EQ(told(delta(R"("reasoning_details":[{"type":"reasoning.summary","summary":"s"}])", kStop)),
            "reasoning:s state<5>: finish(stop):");
}

TEST(OpenAiPieces, ReadMistralsLists) {
  EXPECT_EQ(
      told(delta(R"("content":[{"type":"thinking","thinking":[{"type":"text","text":"a"}]},{"type":"text","text":"b"},)"
                 R"({"type":"reference","reference_ids":[1]}])",
                 kStop)),
      R"(reasoning:a state<5>: text:b item{"type":"reference","reference_ids":[1]}: finish(stop):)");
}

std::string call(std::string_view members) {
  return delta(R"("tool_calls":[{)" + std::string(members) + "}]");
}

TEST(OpenAiCalls, ComeOneAfterTheOther) {
  const std::string stream =
      call(R"("index":0,"id":"a","type":"function","function":{"name":"f","arguments":""})") +
      call(R"("index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{\"x"})") +
      call(R"("index":0,"function":{"arguments":"{\"a\":"})") + call(R"("index":1,"function":{"arguments":"\":2}"})") +
      call(R"("index":0,"function":{"arguments":"1}"})") + delta("", kToolCalls);
  EXPECT_EQ(told(stream), R"(call(a,f): arguments:{\"a\":1} call(b,g): arguments:{\"x\":2} finish(tool_calls):)");
}

TEST(OpenAiCalls, AreNotHeldBackWhenTheOneBeforeIsWhole) {
  const std::string stream = call(R"("index":0,"id":"a","function":{"name":"f","arguments":"{\"a\":\"}\"}"})") +
                             call(R"("index":1,"id":"b","function":{"name":"g","arguments":"{"})");
  EXPECT_EQ(told(stream), R"(call(a,f): arguments:{\"a\":\"}\"} call(b,g): arguments:{)");
}

TEST(OpenAiCalls, AreFoundWithoutIndexesOrIds) {
  const std::string finish = delta("", kToolCalls);
  EXPECT_EQ(told(call(R"("id":"a","function":{"name":"f","arguments":"{}"})") +
                 call(R"("id":"b","function":{"name":"g","arguments":"{"})") + call(R"("function":{"arguments":"}"})") +
                 finish),
            "call(a,f): arguments:{} call(b,g): arguments:{} finish(tool_calls):");
  EXPECT_EQ(told(call(R"("index":0,"id":"a","function":{"name":"f","arguments":"{}"})") +
                 call(R"("index":0,"id":"b","function":{"name":"g","arguments":"{}"})") + finish),
            "call(a,f): arguments:{} call(b,g): arguments:{} finish(tool_calls):");
  EXPECT_EQ(told(call(R"("index":0,"id":"","function":{"name":"f","arguments":"{}"})") +
                 call(R"("index":1,"function":{"name":"g"})") + finish),
            "call(call_chatcmpl-1_0,f,made up): arguments:{} call(call_chatcmpl-1_1,g,made up): finish(tool_calls):");
  EXPECT_EQ(told(call(R"("index":0,"function":{"arguments":"{}"})") + finish), "finish(tool_calls):")
      << "nothing can be called that has no name";
}

TEST(OpenAiCalls, MayBeWholeInOneDeltaWithTheFinish) {
  EXPECT_EQ(
      told(delta(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}},)"
                 R"({"index":1,"id":"b","type":"custom","custom":{"name":"c","input":"x\ny"}},)"
                 R"({"index":2,"id":"d","function":{"name":"g","arguments":{"o": 1}},)"
                 R"("extra_content":{"google":{"thought_signature":"s"}}}])",
                 kStop)),
      R"(call(a,f): arguments:{} call(b,c,custom): arguments:x\ny call<4s>(d,g): arguments:{\"o\": 1} finish(tool_calls):)");
  EXPECT_EQ(told(delta(R"("function_call":{"name":"f","arguments":"{\"a\""})") +
                 delta(R"("function_call":{"arguments":":1}"})", R"(,"finish_reason":"function_call")")),
            R"(call(call_chatcmpl-1_0,f,made up): arguments:{\"a\":1} finish(tool_calls):)");
}

TEST(OpenAiPieces, TellWhyTheAnswerEnded) {
  const auto finish = [](std::string_view word) {
    return told(delta(R"("content":"a")", R"(,"finish_reason":")" + std::string(word) + "\""));
  };
  EXPECT_EQ(finish("length"), "text:a finish(length):");
  EXPECT_EQ(finish("model_length"), "text:a finish(context_window):");
  EXPECT_EQ(finish("content_filter"), "text:a finish(content_filter):");
  EXPECT_EQ(finish("error"), "text:a finish(model_error):");
  EXPECT_EQ(finish("eos"), "text:a finish(stop):");
  EXPECT_EQ(told(delta(R"("content":"a")", R"(,"stop_reason":"END","finish_reason":"stop")")),
            "text:a finish(stop_sequence):END");
  EXPECT_EQ(told(delta(R"("content":"a")") + "data: [DONE]\n\n"), "text:a finish(stop):");
}

TEST(OpenAiPieces, HoldMediaCitationsAndLogprobs) {
  EXPECT_EQ(
      told(delta(R"("audio":{"id":"x","data":"UklGRg=="})") + delta(R"("audio":{"data":"AAAA","transcript":"Hel"})") +
           delta(R"("audio":{"transcript":"lo"})", kStop)),
      "media(audio/wav,UklGRgAAAA==,Hello): finish(stop):");
  EXPECT_EQ(told(delta(R"("images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}])", kStop)),
            "media(image/png,AA==,): finish(stop):");
  EXPECT_EQ(
      told(delta(R"("content":"a","annotations":[{"type":"url_citation","url_citation":{"url":"u","title":"t"}}])",
                 R"(,"logprobs":{"content":[1]},"finish_reason":"stop")")),
      R"(text:a citation(u,t): logprobs{"content":[1]}: finish(stop):)");
  EXPECT_EQ(told(R"(data: {"citations":["https://a"],"choices":[{"delta":{"content":"a"}}]})"
                 "\n\n"
                 R"(data: {"citations":["https://a","https://b"],"choices":[{"delta":{},"finish_reason":"stop"}]})"
                 "\n\n"),
            "text:a citation(https://a,): citation(https://b,): finish(stop):");
}

TEST(OpenAiPieces, KeepChoicesApart) {
  EXPECT_EQ(
      told(
          R"(data: {"choices":[{"delta":{"content":"a"},"index":1},{"index":0,"delta":{"reasoning":"b"}}]})"
          "\n\n"
          R"(data: {"choices":[{"index":1,"delta":{},"finish_reason":"stop"},{"index":0,"delta":{},"finish_reason":"length"}]})"
          "\n\n"),
      "text1:a reasoning:b finish1(stop): state<5>: finish(length):");
}

TEST(OpenAiPieces, ReadDataOfSeveralLines) {
  EXPECT_EQ(told("data: {\"choices\":[{\"delta\":\ndata: {\"content\":\"a\"}}]}\n\ndata: {\"choices\":[{\"delta\":\n"
                 "data: {\"content\":\"b\"},\"finish_reason\":\"stop\"}]}\n\n"),
            "text:ab finish(stop):");
}

TEST(OpenAiPieces, SurviveStrangeShapes) {
  for (std::string_view members :
       {R"("content":7)", R"("content":[7,null,[],{"type":7}])", R"("tool_calls":{})", R"("tool_calls":[7,{}])",
        R"("tool_calls":[{"function":7,"index":"a","id":7}])", R"("function_call":7)", R"("audio":"a")",
        R"("annotations":[7])", R"("images":[{"image_url":7}])", R"("reasoning_details":[7,{"type":7,"text":null}])"}) {
    told(delta(members) + delta("", kStop));
    told_whole(R"({"choices":[{"message":{)" + std::string(members) + R"(},"finish_reason":7}]})");
  }
  EXPECT_EQ(
      told_whole(
          R"({"choices":[{"index":99999999999,"message":{"content":"a"}},{"index":1,"message":{"content":"b"}}]})"),
      "text1:b finish1(stop):");
  EXPECT_EQ(told_whole("[]"), "");
}

TEST(OpenAiObjectEnd, SeesTheEndOfAnObject) {
  const auto reached = [](std::string_view text) {
    ObjectEnd end;
    for (char c : text) end.feed({&c, 1});
    return end.reached();
  };
  for (std::string_view text : {"{}", R"({"a":"}"})", R"({"a":"\"}"})", R"({"a":[{}]} )"})
    EXPECT_TRUE(reached(text)) << text;
  for (std::string_view text : {"", "{", R"({"a":"}")", R"({"a":{})", "}", R"("{}")"})
    EXPECT_FALSE(reached(text)) << text;
}

// Perplexity repeats the whole text so far in `message`.
TEST(OpenAiPieces, TakeTheDeltaAloneWhereAMessageStandsBesideIt) {
  const std::string message = R"("message":{"role":"assistant","content":"ab","tool_calls":[{"index":0,"id":"c"}]})";
  const std::string delta = R"("delta":{"content":"b"},"finish_reason":"stop")";
  for (const std::string& choice : {delta + "," + message, message + "," + delta}) {
    EXPECT_EQ(told(R"(data: {"choices":[{"index":0,)" + choice + "}]}\n\ndata: [DONE]\n\n"), "text:b finish(stop):");
  }
}

}  // namespace
}  // namespace sluice::dialect::openai::pieces_test
