#include "dialect/cohere/answer.h"

#include "dialect/cohere/error.h"
#include "dialect/cohere/fixture_test.h"
#include "json/reader.h"

namespace sluice::dialect::cohere::answer_test {
namespace {

using namespace std::chrono_literals;
using testing::Case;
using testing::cases;
using testing::find_case;
using testing::Heard;

struct Outcome {
  Heard heard;
  std::string wire, kinds;
  chat::Learned learned;
  std::optional<Fault> fault;
  bool complete = false;
};

Outcome replay(std::string_view stream, std::size_t size, const ReadOptions& options = {}) {
  json::Reader reader;
  Outcome outcome;
  Answer answer(options, outcome.learned, reader);
  const auto note = [&](const Result<std::span<const chat::Event>>& result) {
    for (const chat::Event& event : answer.last_events()) {
      outcome.wire += event.wire;
      outcome.kinds += static_cast<char>('0' + static_cast<int>(event.kind));
      for (const chat::Piece& piece : event.pieces) outcome.heard.add(piece);
    }
    if (!result) outcome.fault = result.error();
    return result.has_value();
  };
  bool going = true;
  for (std::size_t at = 0; at < stream.size() && going; at += size) {
    const std::string chunk(stream.substr(at, size));
    going = note(answer.feed(chunk));
  }
  if (going) note(answer.finish());
  outcome.complete = answer.complete();
  return outcome;
}

Outcome read_whole(std::string_view body) {
  json::Reader reader;
  Outcome outcome;
  Answer answer({}, outcome.learned, reader);
  const std::string text = testing::padded(body);
  const auto event = answer.read_whole(text);
  if (!event) {
    outcome.fault = event.error();
    return outcome;
  }
  for (const chat::Piece& piece : event->pieces) outcome.heard.add(piece);
  return outcome;
}

std::string finish_word(chat::FinishReason finish) {
  return finish == chat::FinishReason::kStopSequence ? "stop" : std::string(chat::name(finish));
}

void expect_meaning(const Case& test, const Outcome& outcome) {
  const Heard& heard = outcome.heard;
  EXPECT_EQ(heard.text, test.text("/text")) << test.id;
  EXPECT_EQ(heard.reasoning, test.text("/reasoning").value_or("")) << test.id;
  EXPECT_EQ(finish_word(heard.finish), test.text("/finish")) << test.id;
  EXPECT_EQ(outcome.learned.finish, heard.finish);
  EXPECT_EQ(heard.states.size(), heard.reasoning.empty() ? 0u : 1u) << test.id;
  testing::dom::array calls;
  std::size_t index = 0;
  if (!test.expect["tool_calls"].get(calls)) {
    ASSERT_EQ(heard.calls.size(), calls.size()) << test.id;
    EXPECT_EQ(heard.states, std::vector<std::string>{"5tool_plan"}) << test.id;
    for (testing::dom::element call : calls) {
      EXPECT_EQ(heard.calls[index].id, std::string_view(call["id"].value()));
      EXPECT_EQ(heard.calls[index].name, std::string_view(call["name"].value()));
      EXPECT_EQ(testing::sorted(heard.calls[index++].arguments), testing::sorted(call["arguments"].value()));
    }
  }
  EXPECT_EQ(heard.calls.size(), index) << test.id;
  testing::dom::array citations;
  EXPECT_EQ(heard.citations.size(), test.expect["citations"].get(citations) ? 0 : citations.size()) << test.id;
  testing::dom::array tokens;
  EXPECT_EQ(heard.logprobs.size(), test.expect["logprobs_tokens"].get(tokens) ? 0 : tokens.size()) << test.id;
  const chat::Usage& usage = outcome.learned.usage;
  EXPECT_EQ(usage.source, chat::UsageSource::kProvider) << test.id;
  EXPECT_EQ(usage.input, test.number("/usage/input")) << test.id;
  EXPECT_EQ(usage.output, test.number("/usage/output")) << test.id;
  EXPECT_EQ(usage.cache_read, test.number("/usage/cache_read")) << test.id;
  EXPECT_TRUE(outcome.learned.id.starts_with("fxc-")) << test.id;
}

TEST(CohereAnswer, ReadsEveryRecordedAnswer) {
  std::size_t count = 0;
  for (const auto& test : cases()) {
    if (test->stream || test->status != 200) continue;
    ++count;
    const Outcome outcome = read_whole(test->body);
    ASSERT_FALSE(outcome.fault) << test->id;
    expect_meaning(*test, outcome);
  }
  EXPECT_EQ(count, 8u);
}

TEST(CohereAnswer, ReadsEveryRecordedStream) {
  std::size_t count = 0;
  for (const auto& test : cases()) {
    if (!test->stream) continue;
    ++count;
    const Outcome outcome = replay(test->body, test->body.size());
    if (test->is_error()) {
      ASSERT_TRUE(outcome.fault) << test->id;
      EXPECT_EQ(name(outcome.fault->meaning), test->text("/error/kind")) << test->id;
      EXPECT_EQ(outcome.fault->told, "internal server error") << test->id;
      EXPECT_EQ(outcome.heard.text, test->text("/text_before_error")) << test->id;
      EXPECT_FALSE(outcome.complete) << test->id;
      continue;
    }
    ASSERT_FALSE(outcome.fault) << test->id << outcome.fault->detail;
    EXPECT_TRUE(outcome.complete) << test->id;
    EXPECT_EQ(outcome.wire, test->body) << test->id;
    expect_meaning(*test, outcome);
  }
  EXPECT_EQ(count, 5u);
}

TEST(CohereAnswer, DoesNotMindHowTheStreamIsCut) {
  for (const auto& test : cases()) {
    if (!test->stream) continue;
    const Outcome whole = replay(test->body, test->body.size());
    for (std::size_t size : {1, 3, 17, 100}) {
      const Outcome cut = replay(test->body, size);
      EXPECT_EQ(cut.heard, whole.heard) << test->id << size;
      EXPECT_EQ(cut.wire, whole.wire) << test->id << size;
      EXPECT_EQ(cut.kinds, whole.kinds) << test->id << size;
      EXPECT_EQ(cut.learned.usage, whole.learned.usage) << test->id << size;
      EXPECT_EQ(cut.fault.has_value(), whole.fault.has_value()) << test->id << size;
    }
  }
}

TEST(CohereAnswer, TellsAStreamThatWasCutOff) {
  for (const auto& test : cases()) {
    if (!test->stream || test->is_error()) continue;
    for (std::size_t end = 0; end != std::string::npos; end = test->body.find("\n\n", end + 2)) {
      const auto part = std::string_view(test->body).substr(0, end == 0 ? 0 : end + 2);
      const Outcome cut = replay(part, 1000);
      const bool ended = part.find("event: message-end") != std::string_view::npos;
      EXPECT_EQ(cut.complete, ended) << test->id << end;
      EXPECT_EQ(cut.fault.has_value(), !ended) << test->id << end;
      if (cut.fault) EXPECT_EQ(cut.fault->kind, FaultKind::kTruncated) << test->id;
    }
  }
}

TEST(CohereAnswer, TellsPlansThoughtsAndTextsInOrder) {
  EXPECT_EQ(replay(find_case("tool_calls_parallel_stream").body, 10).heard.order, "rscaca");
  EXPECT_EQ(replay(find_case("thinking_stream").body, 10).heard.order, "rst");
  EXPECT_EQ(replay(find_case("citations_stream").body, 10).heard.order, "tq");
  EXPECT_EQ(replay(find_case("text_stream").body, 10).kinds, "00111323");
  // Whatever the order of the members.
  const Outcome whole = read_whole(
      R"({"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}],"citations":[{"start":1}],"content":[{"type":"text","text":"T"}],"tool_plan":"P"},"finish_reason":"COMPLETE"})");
  EXPECT_EQ(whole.heard.order, "rstqca");
  EXPECT_EQ(whole.heard.finish, chat::FinishReason::kToolCalls);
}

TEST(CohereAnswer, TellsTheSourcesOfCitations) {
  EXPECT_EQ(replay(find_case("citations_stream").body, 10).heard.citations,
            std::vector<std::string>{"Note||Sky is blue."});
}

TEST(CohereAnswer, TellsLogprobsAsChatDoes) {
  EXPECT_EQ(
      read_whole(find_case("logprobs").body).heard.logprobs,
      std::vector<std::string>{R"({"content":[{"token":"Blue","logprob":-0.1,"bytes":null,"top_logprobs":[]}]})"});
  const Outcome several = read_whole(R"({"logprobs":[{"text":"ab","token_ids":[1,2],"logprobs":[-0.5,-0.25]}]})");
  EXPECT_EQ(several.heard.logprobs,
            std::vector<std::string>{R"({"content":[{"token":"ab","logprob":-0.75,"bytes":null,"top_logprobs":[]}]})"});
}

TEST(CohereAnswer, TellsFailures) {
  EXPECT_EQ(read_whole(R"({"finish_reason":"ERROR"})").fault->meaning, Meaning::kServerError);
  EXPECT_EQ(read_whole(R"({"finish_reason":"TIMEOUT"})").fault->meaning, Meaning::kTimeout);
  EXPECT_EQ(read_whole("{").fault->kind, FaultKind::kProviderProtocol);
  EXPECT_EQ(replay("data: {\n\n", 3).fault->kind, FaultKind::kProviderProtocol);
  EXPECT_EQ(replay("data: [1]\n\ndata: {\"type\":7,\"delta\":[]}\n\n", 3).fault->kind, FaultKind::kTruncated);
}

TEST(CohereAnswer, CountsWhatRerankAndEmbedUsed) {
  const Outcome outcome = read_whole(R"({"id":"x","results":[],"meta":{"billed_units":{"input_tokens":7.0}}})");
  EXPECT_EQ(outcome.learned.usage.input, 7u);
  EXPECT_EQ(outcome.learned.id, "x");
}

const WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25) + 10h;

TEST(CohereReadError, ReadsEveryRecordedError) {
  std::size_t count = 0;
  for (const auto& test : cases()) {
    if (test->status == 200) continue;
    ++count;
    const Fault fault = read_error(test->status, test->headers, test->body, kNow);
    EXPECT_EQ(name(fault.meaning), test->text("/error/kind")) << test->id;
    EXPECT_EQ(fault.retry == Retry::kSame, test->flag("/error/retryable")) << test->id;
    const auto wait = test->number("/error/retry_after_ms");
    EXPECT_EQ(fault.retry_after, wait ? std::optional(Ms(*wait)) : std::nullopt) << test->id;
    EXPECT_FALSE(fault.told.empty()) << test->id;
  }
  EXPECT_EQ(count, 8u);
}

TEST(CohereReadError, LooksIntoTheMessage) {
  const auto meaning = [](int status, std::string_view message) {
    return read_error(status, {}, R"({"message":")" + std::string(message) + "\"}", kNow).meaning;
  };
  EXPECT_EQ(meaning(400, "too many tokens: size limit exceeded by 11326 tokens"), Meaning::kContextLength);
  EXPECT_EQ(meaning(429, "You are using a Trial key, which is limited to 1000 API calls / month."),
            Meaning::kQuotaExhausted);
  EXPECT_EQ(meaning(429, "Please add a payment method"), Meaning::kBilling);
  EXPECT_EQ(meaning(498, "blocked token"), Meaning::kAuthentication);
  EXPECT_EQ(meaning(504, ""), Meaning::kTimeout);
}

TEST(CohereWriteError, TellsTheMessageAlone) {
  Fault fault;
  fault.kind = FaultKind::kNotFound;
  fault.told = "No such model.";
  EXPECT_EQ(write_error(fault, 404).body, R"({"message":"No such model."})");
  const ErrorAnswer ours = write_error(read_error(401, {}, R"({"message":"invalid api token"})", kNow), 502);
  EXPECT_EQ(ours.status, 503);
  EXPECT_EQ(ours.body, R"({"message":"The provider refused this gateway's own credentials (status 401)."})");
  EXPECT_EQ(write_error(read_error(402, {}, "{}", kNow), 502).body,
            R"({"message":"The account that this gateway has with the provider has no quota left."})");
}

}  // namespace
}  // namespace sluice::dialect::cohere::answer_test
