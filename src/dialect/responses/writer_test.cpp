#include "dialect/responses/writer.h"

#include <gtest/gtest.h>

#include "chat/seal.h"
#include "dialect/responses/endpoint.h"
#include "dialect/responses/fixture_test.h"
#include "dialect/responses/owned_id.h"
#include "dialect/responses/replay_test.h"
#include "dialect/responses/stream_check_test.h"

namespace sluice::dialect::responses::writer_test {
namespace {

using namespace testing;
using chat::Piece;
using enum chat::PieceKind;

WriteOptions options(bool stream = true) {
  WriteOptions made;
  made.endpoint = &facts(Kind::kResponses);
  made.asked_model = "m";
  made.origin = "prov";
  made.exchange_id = "x1";
  made.created = 1700000000;
  made.stream = stream;
  return made;
}

chat::Learned learned() {
  chat::Learned made;
  made.finish = chat::FinishReason::kStop;
  return made;
}

std::string written(const std::vector<Piece>& pieces, const WriteOptions& with,
                    const chat::Learned& known = learned()) {
  Writer writer(with);
  std::string out;
  for (const Piece& piece : pieces) writer.write(std::span(&piece, 1), known, out);
  writer.finish(known, out);
  return out;
}

std::string response_of(const std::vector<Piece>& pieces, const chat::Learned& known = learned()) {
  const std::string streamed = written(pieces, options(), known);
  Stream stream(streamed);
  stream.check();
  // Whole is what the last event of a stream holds.
  EXPECT_EQ(sorted(written(pieces, options(false), known)), stream.response);
  return stream.response;
}

Piece text(std::string_view raw) {
  return {.kind = kText, .text = {raw}};
}

std::optional<chat::Sealed> opened(const std::string& quoted) {
  return quoted.size() < 2 ? std::nullopt : chat::open_seal(quoted.substr(1, quoted.size() - 2));
}

chat::SealedEntry sealed_in(const std::string& quoted) {
  const auto sealed = opened(quoted);
  EXPECT_TRUE(sealed && sealed->entries.size() == 1) << quoted;
  return sealed && !sealed->entries.empty() ? sealed->entries.front() : chat::SealedEntry();
}

// ---- there and back

// Sealed states are opened again.
std::string unsealed(const std::string& pieces) {
  std::string out;
  for (std::size_t begin = 0; begin < pieces.size();) {
    const auto end = std::min(pieces.find('\n', begin), pieces.size());
    std::string line = pieces.substr(begin, end - begin);
    if (line.starts_with("state: ")) {
      if (auto opened = chat::open_seal(line.substr(9, line.rfind(' ') - 9))) {
        EXPECT_EQ(opened->origin, "prov");
        line = "state: " + std::to_string(static_cast<int>(opened->entries.front().kind)) + " " +
               opened->entries.front().data + " " + opened->entries.front().id;
      }
    }
    out += line + "\n";
    begin = end + 1;
  }
  return out;
}

TEST(ResponsesWriter, WhatIsWrittenReadsBackTheSame) {
  for (const auto& test : cases()) {
    if (test->status != 200 || !at(test->expect, "/error").empty()) continue;
    SCOPED_TRACE(test->id);
    for (bool streams : {true, false}) {
      Writer writer(options(streams));
      std::string out;
      Outcome first;
      if (test->stream) {
        first = replay(test->body, 50, [&](auto pieces, const auto& known) { writer.write(pieces, known, out); });
      } else {
        json::Reader reader;
        auto answer = client().read_answer(Operation::kChat, nullptr, {}, first.learned, reader);
        const auto event = answer->read_whole(test->body);
        ASSERT_TRUE(event);
        writer.write(event->pieces, first.learned, out);
        std::string last;
        for (const Piece& piece : event->pieces) describe(first.pieces, last, piece);
      }
      writer.finish(first.learned, out);
      if (streams) Stream(out).check();
      const Outcome second = streams ? replay(out) : read_whole(out);
      EXPECT_FALSE(second.fault);
      EXPECT_EQ(unsealed(second.pieces), first.pieces + "\n");
      EXPECT_EQ(second.learned.usage.input, first.learned.usage.input);
      EXPECT_EQ(second.learned.usage.cache_write_1h, first.learned.usage.cache_write_1h);
      EXPECT_EQ(second.learned.usage.reasoning, first.learned.usage.reasoning);
      EXPECT_EQ(second.learned.id, first.learned.id);
      EXPECT_EQ(second.learned.finish, first.learned.finish);
    }
  }
}

// ---- streams

TEST(ResponsesWriter, ATextHasItsGrammar) {
  Stream stream(written({text("a"), text("b")}, options()));
  stream.check();
  EXPECT_EQ(stream.types,
            "response.created\nresponse.in_progress\nresponse.output_item.added\nresponse.content_part.added\n"
            "response.output_text.delta\nresponse.output_text.delta\nresponse.output_text.done\n"
            "response.content_part.done\nresponse.output_item.done\nresponse.completed\n");
  EXPECT_EQ(at(stream.events[0], "/response/output"), "[]");
  EXPECT_EQ(at(stream.events[0], "/response/usage"), "null");
  EXPECT_EQ(at(stream.events[0], "/response/status"), "\"in_progress\"");
}

TEST(ResponsesWriter, AnEmptyAnswerIsComplete) {
  Stream stream(written({}, options()));
  stream.check();
  EXPECT_EQ(stream.terminal, "\"response.completed\"");
}

TEST(ResponsesWriter, EveryKindOfItemHasItsPlace) {
  const std::string response = response_of({
      {.kind = kReasoning, .text = {"think"}},
      {.kind = kState, .state = {.kind = chat::State::Kind::kSignature, .data = {"sig"}, .origin = {}}},
      text("Hi"),
      {.kind = chat::PieceKind::kRefusal, .text = {"no"}},
      {.kind = kCall, .id = {"toolu_1"}, .name = {"f"}},
      {.kind = kArguments, .text = {R"({\"a\":)"}},
      {.kind = kArguments, .text = {"1}"}},
      {.kind = kCall, .id = {"toolu_2"}, .name = {"g"}},
      {.kind = kMedia, .media = {.type = {"image/png"}, .data = {"QUJD"}, .name = {}, .detail = {}, .context = {}}},
      {.kind = kServerItem, .raw = "{\"type\":\"web_search_call\",\n\"id\":\"ws_1\",\"status\":\"completed\"}"},
      {.kind = kServerItem, .raw = R"({"type":"server_tool_use","id":"srv"})"},
  });
  EXPECT_EQ(at(response, "/output/0/id"), "\"rs_sluice_x1_0\"");
  EXPECT_EQ(at(response, "/output/0/summary/0/text"), "\"think\"");
  EXPECT_EQ(sealed_in(at(response, "/output/0/encrypted_content")).data, "sig");
  EXPECT_EQ(sealed_in(at(response, "/output/0/encrypted_content")).kind, chat::State::Kind::kSignature);
  EXPECT_EQ(at(response, "/output/1/content/0/text"), "\"Hi\"");
  EXPECT_EQ(at(response, "/output/1/content/1/refusal"), "\"no\"");
  EXPECT_EQ(at(response, "/output/2/call_id"), "\"toolu_1\"");
  EXPECT_EQ(at(response, "/output/2/arguments"), R"("{\"a\":1}")");
  EXPECT_EQ(at(response, "/output/3/arguments"), "\"{}\"");
  EXPECT_EQ(at(response, "/output/4/result"), "\"QUJD\"");
  EXPECT_EQ(at(response, "/output/5/id"), "\"ws_1\"");
  EXPECT_EQ(at(response, "/output/6"), "");
}

TEST(ResponsesWriter, StatesThatStandAloneAreItemsWithoutASummary) {
  const std::string response = response_of({
      {.kind = kState, .state = {.kind = chat::State::Kind::kRedacted, .data = {"R"}, .origin = {}}},
      text("Hi"),
      {.kind = kState, .state = {.kind = chat::State::Kind::kThought, .data = {"T"}, .origin = {}}},
      text("more"),
      {.kind = kState, .state = {.kind = chat::State::Kind::kPlain, .data = {}, .origin = {}}},
  });
  EXPECT_EQ(at(response, "/output/0/summary"), "[]");
  EXPECT_EQ(sealed_in(at(response, "/output/0/encrypted_content")).data, "R");
  EXPECT_EQ(at(response, "/output/1/type"), "\"message\"");
  EXPECT_EQ(at(response, "/output/2/summary"), "[]");
  EXPECT_EQ(sealed_in(at(response, "/output/2/encrypted_content")).kind, chat::State::Kind::kThought);
  EXPECT_EQ(at(response, "/output/3/content/0/text"), "\"more\"");
  EXPECT_EQ(at(response, "/output/4"), "");
}

TEST(ResponsesWriter, ACallCarriesItsStateInItsId) {
  const std::string response =
      response_of({{.kind = kCall,
                    .id = {"c1"},
                    .name = {"f"},
                    .made_up_id = true,
                    .state = {.kind = chat::State::Kind::kThought, .data = {"T"}, .origin = {}}}});
  const std::string id = at(response, "/output/0/call_id");
  ASSERT_TRUE(opened(id));
  EXPECT_TRUE(opened(id)->made_up_id);
  EXPECT_EQ(sealed_in(id).data, "T");
}

TEST(ResponsesWriter, CustomToolsThatWereCalledAsFunctionsAreCustomAgain) {
  chat::Request request;
  request.tools.push_back(
      {.kind = chat::ToolKind::kCustom, .name = {"sql"}, .raw = R"({"type":"custom","name":"sql"})"});
  WriteOptions with = options();
  with.request = &request;
  const std::vector<Piece> pieces{{.kind = kCall, .id = {"c1"}, .name = {"sql"}},
                                  {.kind = kArguments, .text = {R"({\"input\":\"SEL)"}},
                                  {.kind = kArguments, .text = {R"(ECT\"})"}}};
  Stream stream(written(pieces, with));
  stream.check();
  EXPECT_EQ(at(stream.response, "/output/0/type"), "\"custom_tool_call\"");
  EXPECT_EQ(at(stream.response, "/output/0/input"), "\"SELECT\"");
}

TEST(ResponsesWriter, CitationsGetTheCharactersTheyAreOf) {
  const std::string response = response_of({
      text("na\xc3\xafve \\ud83d\\ude80"),
      {.kind = kCitation, .citation = {.url = {"https://a"}, .title = {"A"}, .quote = {}, .raw = R"({"type":"x"})"}},
      {.kind = kCitation, .citation = {.url = {"https://b"}, .title = {}, .quote = {}, .raw = {}}},
      text(" end"),
      {.kind = kCitation, .citation = {.url = {}, .title = {"Doc"}, .quote = {}, .raw = {}}},
      {.kind = kCitation,
       .citation = {.url = {"u"},
                    .title = {},
                    .quote = {},
                    .raw = {},
                    .of = {.unit = chat::Extent::Unit::kCharacters, .begin = 7, .end = 9}}},
  });
  const std::string path = "/output/0/content/0/annotations/";
  EXPECT_EQ(at(response, path + "0"),
            R"({"end_index":7,"start_index":0,"title":"A","type":"url_citation","url":"https://a"})");
  EXPECT_EQ(at(response, path + "1/end_index"), "7");
  EXPECT_EQ(at(response, path + "2"), R"({"file_id":"","filename":"Doc","index":11,"type":"file_citation"})");
  EXPECT_EQ(at(response, path + "3/start_index"), "7");
}

TEST(ResponsesWriter, LogprobsStandWithTheirText) {
  const Piece probs{.kind = kLogprobs, .raw = R"({"content":[{"token":"a","logprob":-1}],"refusal":null})"};
  Writer writer(options());
  std::string out;
  const std::vector<Piece> pieces{text("a"), probs};
  writer.write(pieces, learned(), out);
  writer.write(std::span(&probs, 1), learned(), out);
  writer.finish(learned(), out);
  Stream stream(out);
  stream.check();
  EXPECT_EQ(at(stream.events[4], "/logprobs"), R"([{"logprob":-1,"token":"a"}])");
  EXPECT_EQ(at(stream.response, "/output/0/content/0/logprobs/1/token"), "\"a\"");
}

// ---- the Response around it

TEST(ResponsesWriter, TheResponseRepeatsTheRequest) {
  json::Reader reader;
  const std::string body = padded(R"({"model":"m","instructions":"Be \"short\".","input":"Hi","temperature":0.70,
    "tools":[{"type":"function",
      "name":"f","parameters":{"type":"object"}},{"type":"web_search","user_location":{"type":"approximate","country":"NO"}}],
    "tool_choice":"required","metadata":{"a":"b"},"max_output_tokens":99,"user":"u",
    "reasoning":{"effort":"low"},"text":{"format":{"type":"json_object"},"verbosity":"low"},"parallel_tool_calls":false})");
  const auto request = server().read_chat(facts(Kind::kResponses), body, reader);
  ASSERT_TRUE(request);
  WriteOptions with = options();
  with.request = &*request;
  Stream stream(written({text("Hi")}, with));
  stream.check();
  const std::string& response = stream.response;
  EXPECT_EQ(at(response, "/instructions"), R"("Be \"short\".")");
  EXPECT_EQ(at(response, "/tools/0/name"), "\"f\"");
  EXPECT_EQ(at(response, "/tools/1"), R"({"type":"web_search","user_location":{"country":"NO","type":"approximate"}})");
  EXPECT_EQ(at(response, "/tool_choice"), "\"required\"");
  EXPECT_EQ(at(response, "/metadata/a"), "\"b\"");
  EXPECT_EQ(at(response, "/max_output_tokens"), "99");
  EXPECT_EQ(at(response, "/user"), "\"u\"");
  EXPECT_EQ(at(response, "/safety_identifier"), "null");
  EXPECT_EQ(at(response, "/reasoning/effort"), "\"low\"");
  EXPECT_EQ(at(response, "/text/format/type"), "\"json_object\"");
  EXPECT_EQ(at(response, "/text/verbosity"), "\"low\"");
  EXPECT_EQ(at(response, "/parallel_tool_calls"), "false");
}

TEST(ResponsesWriter, HasEveryMemberOfTheServicesOwnAnswers) {
  const std::string& real = find_case("text_basic").body;
  const std::string ours = response_of({text("Hi")});
  dom::parser parser;
  for (auto [key, value] : parser.parse(simdjson::padded_string(real)).value().get_object().value()) {
    EXPECT_NE(at(ours, "/" + std::string(key)), "") << key;
  }
  EXPECT_EQ(at(ours, "/id"), "\"resp_sluice_x1\"");
  EXPECT_EQ(at(ours, "/created_at"), "1700000000");
  EXPECT_EQ(at(ours, "/model"), "\"m\"");
  EXPECT_EQ(at(ours, "/store"), "false");
}

TEST(ResponsesWriter, EndsSayWhy) {
  const auto ended = [](chat::FinishReason finish) {
    return response_of({text("Hi"), {.kind = kFinish, .finish = finish}});
  };
  using enum chat::FinishReason;
  EXPECT_EQ(at(ended(kStop), "/status"), "\"completed\"");
  EXPECT_EQ(at(ended(kToolCalls), "/status"), "\"completed\"");
  EXPECT_EQ(at(ended(kLength), "/incomplete_details/reason"), "\"max_output_tokens\"");
  EXPECT_EQ(at(ended(kContextWindow), "/incomplete_details/reason"), "\"max_output_tokens\"");
  EXPECT_EQ(at(ended(kContentFilter), "/incomplete_details/reason"), "\"content_filter\"");
  EXPECT_EQ(at(ended(chat::FinishReason::kRefusal), "/incomplete_details/reason"), "\"content_filter\"");
  EXPECT_EQ(at(ended(kLength), "/output/0/status"), "\"incomplete\"");
  EXPECT_EQ(at(ended(kModelError), "/status"), "\"failed\"");
  EXPECT_EQ(at(ended(kModelError), "/error/code"), "\"server_error\"");
}

TEST(ResponsesWriter, ACallThatTheLimitCutKeepsWhatThereIs) {
  const std::string response = response_of({{.kind = kCall, .id = {"c"}, .name = {"f"}},
                                            {.kind = kArguments, .text = {R"({\"a\":\"b)"}},
                                            {.kind = kFinish, .finish = chat::FinishReason::kLength}});
  EXPECT_EQ(at(response, "/output/0/status"), "\"incomplete\"");
  EXPECT_EQ(at(response, "/output/0/arguments"), R"("{\"a\":\"b")");
}

// ---- errors in streams

Fault fault() {
  Fault made;
  made.kind = FaultKind::kProviderError;
  made.told = "Too \"many\".";
  made.code = "rate_limit_exceeded";
  made.meaning = Meaning::kRateLimit;
  return made;
}

TEST(ResponsesWriter, AnErrorBeforeAnythingIsAnErrorEvent) {
  Writer writer(options());
  std::string out;
  writer.fail(fault(), learned(), out);
  Stream stream(out);
  stream.check();
  ASSERT_EQ(stream.types, "error\n");
  EXPECT_EQ(at(stream.events[0], "/error/code"), "\"rate_limit_exceeded\"");
  EXPECT_EQ(at(stream.events[0], "/error/message"), R"("Too \"many\".")");
  EXPECT_EQ(at(stream.events[0], "/message"), R"("Too \"many\".")");
  EXPECT_EQ(at(stream.events[0], "/code"), "\"rate_limit_exceeded\"");
  EXPECT_EQ(at(stream.events[0], "/param"), "null");
  EXPECT_EQ(replay(out).fault->told, "Too \"many\".");
}

TEST(ResponsesWriter, AnErrorBehindOutputIsAFailedResponse) {
  Writer writer(options());
  std::string out;
  const Piece piece = text("Part");
  writer.write(std::span(&piece, 1), learned(), out);
  writer.fail(fault(), learned(), out);
  Stream stream(out);
  stream.check();
  EXPECT_EQ(stream.terminal, "\"response.failed\"");
  EXPECT_EQ(at(stream.response, "/status"), "\"failed\"");
  EXPECT_EQ(at(stream.response, "/error"), R"({"code":"rate_limit_exceeded","message":"Too \"many\"."})");
  EXPECT_EQ(at(stream.response, "/output/0/content/0/text"), "\"Part\"");
  EXPECT_EQ(at(stream.response, "/output/0/status"), "\"incomplete\"");
  const Outcome read = replay(out);
  EXPECT_EQ(read.fault->code, "rate_limit_exceeded");
  EXPECT_EQ(read.pieces, "text: Part");
}

TEST(ResponsesWriter, StreamsThatWerePassedOnGoOnWithTheirNumbers) {
  const Outcome passed = replay(find_case("text_stream").body.substr(0, 2400));
  ASSERT_GT(passed.learned.next_sequence, 0U);
  const std::string out = server().write_stream_error(facts(Kind::kResponses), fault(), passed.learned);
  Stream stream(out);
  stream.check(passed.learned.next_sequence);
  EXPECT_EQ(stream.terminal, "\"response.failed\"");
  EXPECT_EQ(at(stream.response, "/id"), "\"resp_fx0003\"");
  EXPECT_EQ(at(stream.response, "/error/code"), "\"rate_limit_exceeded\"");

  Stream early(server().write_stream_error(facts(Kind::kResponses), fault(), {}));
  early.check();
  EXPECT_EQ(early.types, "error\n");
}

// ---- ids

TEST(ResponsesOwnedId, MadeIdsAreKnown) {
  EXPECT_EQ(made_id("msg", "req 1/2", 3), "msg_sluice_req-1-2_3");
  EXPECT_TRUE(is_made_id("resp_sluice_abc"));
  EXPECT_TRUE(is_made_id("fc_sluice_abc_0"));
  EXPECT_FALSE(is_made_id("resp_68abc"));
  EXPECT_FALSE(is_made_id("resp_a_sluice_b"));
  EXPECT_FALSE(is_made_id(""));
}

}  // namespace
}  // namespace sluice::dialect::responses::writer_test
