#include "ingress/client_sink.h"

#include "dialect/openai/endpoint.h"
#include "exchange/scene_test.h"

namespace sluice::ingress::client_sink_test {
namespace {

chat::Event content(std::string_view wire) {
  return {chat::EventKind::kContent, wire};
}

class ClientSinkTest : public ::testing::Test {
 protected:
  ClientSinkTest() {
    scene_.x.id = "req_1";
    scene_.x.endpoint = &dialect::openai::facts(dialect::openai::Kind::kChat);
    scene_.x.asked.stream = true;
  }
  template <class Body>
  void run(Body body, Ms keep_alive = Ms(0)) {
    ClientSink sink(scene_.x, cors_, keep_alive);
    auto all = [&]() -> Task<int> {
      co_await body(sink);
      co_return 0;
    };
    scene_.run(all());
  }
  Task<Status> push(ClientSink& sink, std::string_view wire) {
    auto event = content(wire);
    co_return co_await sink.push({&event, 1});
  }
  Task<void> pause(Ms time) {
    Cancel never;
    co_await net::sleep(scene_.loop, time, never);
  }
  FakeRequest& request() { return scene_.request; }

  Scene scene_;
  Cors cors_;
};

constexpr AnswerForm kEvents = AnswerForm::kEvents;

TEST_F(ClientSinkTest, AWholeAnswerIsOneSend) {
  auto provider = make_provider("p");
  auto deployment = make_deployment(*provider, "m");
  scene_.x.current = &scene_.x.tries.emplace_back(provider::Target{deployment.get(), "m"}, scene_.x.cancel);
  run([&](ClientSink& sink) -> Task<void> {
    co_await sink.begin({.status = 200, .form = AnswerForm::kWhole, .headers = {{"content-type", "application/json"}}});
    EXPECT_FALSE(request().started());
    co_await push(sink, "{}");
    co_await sink.finish();
  });
  EXPECT_EQ(request().sends, 1);
  EXPECT_EQ(request().bytes, "{}");
  EXPECT_EQ(request().sent.headers.get("content-type"), "application/json");
  EXPECT_EQ(request().sent.headers.get("x-request-id"), "req_1");
  EXPECT_EQ(request().sent.headers.get("x-sluice-request-id"), "req_1");
  EXPECT_EQ(request().sent.headers.get("x-sluice-attempts"), "1");
  EXPECT_EQ(scene_.x.status_sent, 200);
  EXPECT_TRUE(scene_.x.first_content);
}

struct EndCase {
  AnswerForm form;
  std::optional<std::uint64_t> length;
  std::vector<chat::Event> events;
  std::string_view before;  // what leaves before finish()
};
class EndOfAnswerTest : public ClientSinkTest, public ::testing::WithParamInterface<EndCase> {};

TEST_P(EndOfAnswerTest, LeavesWithFinish) {
  std::string all;
  for (const auto& event : GetParam().events) all += event.wire;
  run([&](ClientSink& sink) -> Task<void> {
    co_await sink.begin({.status = 200, .form = GetParam().form, .length = GetParam().length});
    for (const auto& event : GetParam().events) co_await sink.push({&event, 1});
    EXPECT_EQ(request().bytes, GetParam().before);
    co_await sink.finish();
  });
  EXPECT_EQ(request().bytes, all);
}

constexpr chat::Event kMore{.wire = "more"};
constexpr chat::Event kLast{.kind = chat::EventKind::kFinish, .wire = "last", .last = true};
INSTANTIATE_TEST_SUITE_P(Forms, EndOfAnswerTest,
                         ::testing::Values(EndCase{AnswerForm::kWhole, {}, {kMore}, ""},
                                           EndCase{AnswerForm::kEvents, {}, {kMore, kLast}, "more"},
                                           EndCase{AnswerForm::kEvents, {}, {kMore, kLast, kMore}, "more"},
                                           EndCase{AnswerForm::kRaw, 8, {kMore, kMore}, "more"},
                                           EndCase{AnswerForm::kRaw, {}, {kMore, kMore}, "moremore"}));

TEST_F(ClientSinkTest, AStreamIsWrittenAsItComes) {
  run([&](ClientSink& sink) -> Task<void> {
    co_await sink.begin({.status = 200, .form = kEvents, .headers = {{"content-type", "text/event-stream"}}});
    co_await push(sink, "data: 1\n\n");
    co_await push(sink, "data: 2\n\n");
    co_await sink.finish();
  });
  EXPECT_EQ(request().writes, 2);
  EXPECT_EQ(request().bytes, "data: 1\n\ndata: 2\n\n");
  EXPECT_EQ(request().sent.headers.get("content-type"), "text/event-stream");
  EXPECT_EQ(request().sent.headers.get("cache-control"), "no-cache");
  EXPECT_EQ(request().sent.headers.get("x-accel-buffering"), "no");
  EXPECT_TRUE(request().finished);
  EXPECT_FALSE(request().aborted);
}

TEST_F(ClientSinkTest, RawBytesKeepTheirLength) {
  run([&](ClientSink& sink) -> Task<void> {
    co_await sink.begin(
        {.status = 200, .form = AnswerForm::kRaw, .length = 3, .headers = {{"content-type", "audio/mpeg"}}});
    co_await push(sink, "mp3");
    co_await sink.finish();
  });
  EXPECT_EQ(request().sent.headers.get("content-length"), "3");
  EXPECT_FALSE(request().sent.headers.has("cache-control"));
}

TEST_F(ClientSinkTest, ASilentStreamIsKeptAlive) {
  run(
      [&](ClientSink& sink) -> Task<void> {
        co_await pause(Ms(130));  // nothing came from the provider yet
        EXPECT_TRUE(request().started());
        co_await sink.begin({.status = 200, .form = kEvents});
        co_await push(sink, "data: 1\n\n");
        co_await pause(Ms(130));
        co_await push(sink, "data: 2\n\n");
        co_await sink.finish();
      },
      Ms(50));
  EXPECT_TRUE(request().bytes.starts_with(": keep-alive\n\n"));
  auto one = request().bytes.find("data: 1\n\n"), two = request().bytes.find("data: 2\n\n");
  ASSERT_NE(one, std::string::npos);
  ASSERT_NE(two, std::string::npos);
  EXPECT_EQ(request().bytes.substr(one + 9, 14), ": keep-alive\n\n");
  EXPECT_EQ(request().sent.headers.get("content-type"), "text/event-stream; charset=utf-8");
  EXPECT_TRUE(request().finished);
}

TEST_F(ClientSinkTest, AStreamThatSpeaksGetsNoComments) {
  run(
      [&](ClientSink& sink) -> Task<void> {
        co_await sink.begin({.status = 200, .form = kEvents});
        for (int i = 0; i < 16; ++i) {
          co_await push(sink, "data: x\n\n");
          co_await pause(Ms(40));
        }
        co_await sink.finish();
      },
      Ms(500));
  EXPECT_EQ(request().bytes.find("keep-alive"), std::string::npos);
}

TEST_F(ClientSinkTest, NobodyElseGetsComments) {
  scene_.x.asked.stream = false;
  run(
      [&](ClientSink& sink) -> Task<void> {
        co_await pause(Ms(120));
        co_await sink.begin({.status = 200, .form = AnswerForm::kWhole});
        co_await push(sink, "{}");
        co_await sink.finish();
      },
      Ms(40));
  EXPECT_EQ(request().bytes, "{}");
}

TEST_F(ClientSinkTest, RawBytesAreNotMixedWithComments) {
  run(
      [&](ClientSink& sink) -> Task<void> {
        co_await sink.begin({.status = 200, .form = AnswerForm::kRaw});
        co_await push(sink, "abc");
        co_await pause(Ms(120));
        co_await push(sink, "def");
        co_await sink.finish();
      },
      Ms(40));
  EXPECT_EQ(request().bytes, "abcdef");
}

TEST_F(ClientSinkTest, CommentsAndEventsAreNotWrittenAtOnce) {
  request().write_takes = Ms(60);
  run(
      [&](ClientSink& sink) -> Task<void> {
        co_await pause(Ms(55));  // a comment is being written
        co_await sink.begin({.status = 200, .form = kEvents});
        co_await push(sink, "data: 1\n\n");
        co_await sink.finish();
      },
      Ms(30));
  EXPECT_TRUE(request().bytes.starts_with(": keep-alive\n\n"));
  EXPECT_TRUE(request().bytes.find("data: 1\n\n") != std::string::npos);
  EXPECT_TRUE(request().finished);
}

TEST_F(ClientSinkTest, AnErrorBeforeTheAnswerIsAnAnswer) {
  const provider::Target target;
  for (int i = 0; i < 2; ++i) scene_.x.tries.emplace_back(target, scene_.x.cancel);
  run([&](ClientSink& sink) -> Task<void> {
    co_await sink.fail(Fault{.kind = FaultKind::kUnreachable, .told = "No way."});
  });
  EXPECT_EQ(request().sent.status, 502);
  EXPECT_NE(request().bytes.find("\"message\":\"No way.\""), std::string::npos);
  EXPECT_EQ(request().sent.headers.get("x-sluice-attempts"), "2");
  EXPECT_EQ(request().sent.headers.get("x-should-retry"), "false");
  EXPECT_EQ(scene_.x.status_sent, 502);
}

TEST_F(ClientSinkTest, AnErrorInsideAStreamIsItsLastEvent) {
  run([&](ClientSink& sink) -> Task<void> {
    co_await sink.begin({.status = 200, .form = kEvents});
    co_await push(sink, "data: 1\n\n");
    co_await sink.fail(Fault{.kind = FaultKind::kTruncated, .told = "It was cut."});
  });
  EXPECT_EQ(request().sends, 0);
  EXPECT_TRUE(request().bytes.starts_with("data: 1\n\ndata: {\"error\":{\"message\":\"It was cut.\""))
      << request().bytes;
  EXPECT_TRUE(request().bytes.ends_with("data: [DONE]\n\n"));
  EXPECT_TRUE(request().finished);
}

TEST_F(ClientSinkTest, AnErrorAfterACommentIsToldInsideTheStream) {
  run(
      [&](ClientSink& sink) -> Task<void> {
        co_await pause(Ms(80));
        co_await sink.fail(Fault{.kind = FaultKind::kProviderTimeout, .told = "Too slow."});
      },
      Ms(30));
  EXPECT_EQ(request().sent.status, 200);
  EXPECT_NE(request().bytes.find("data: {\"error\":{\"message\":\"Too slow.\""), std::string::npos);
  EXPECT_TRUE(request().finished);
}

TEST_F(ClientSinkTest, AWholeAnswerAfterACommentIsRefused) {
  Status begun;
  run(
      [&](ClientSink& sink) -> Task<void> {
        co_await pause(Ms(80));
        begun = co_await sink.begin({.status = 200, .form = AnswerForm::kWhole});
        co_await sink.fail(begun ? Fault{} : begun.error());
      },
      Ms(30));
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().kind, FaultKind::kProviderProtocol);
  EXPECT_NE(request().bytes.find("data: {\"error\""), std::string::npos);
}

TEST_F(ClientSinkTest, AnErrorInsideRawBytesBreaksThemOff) {
  run([&](ClientSink& sink) -> Task<void> {
    co_await sink.begin({.status = 200, .form = AnswerForm::kRaw});
    co_await push(sink, "half");
    co_await sink.fail(Fault{.kind = FaultKind::kTruncated, .told = "cut"});
  });
  EXPECT_EQ(request().bytes, "half");
  EXPECT_TRUE(request().aborted);
  EXPECT_FALSE(request().finished);
}

TEST_F(ClientSinkTest, NobodyIsToldWhenTheClientLeft) {
  run([&](ClientSink& sink) -> Task<void> { co_await sink.fail(Fault{.kind = FaultKind::kClientGone}); });
  EXPECT_EQ(request().bytes, "");
  EXPECT_TRUE(request().aborted);
}

TEST_F(ClientSinkTest, AWriteThatFailsIsTheClientsEnd) {
  request().write_result = sluice::fail(FaultKind::kClientGone, "gone");
  Status pushed;
  run([&](ClientSink& sink) -> Task<void> {
    co_await sink.begin({.status = 200, .form = kEvents});
    pushed = co_await push(sink, "data: 1\n\n");
    co_await sink.fail(pushed.error());
  });
  ASSERT_FALSE(pushed);
  EXPECT_EQ(pushed.error().kind, FaultKind::kClientGone);
  EXPECT_TRUE(request().aborted);
}

TEST_F(ClientSinkTest, AnEmptyStreamIsAnAnswer) {
  run([&](ClientSink& sink) -> Task<void> {
    co_await sink.begin({.status = 200, .form = kEvents});
    co_await sink.finish();
  });
  EXPECT_TRUE(request().started());
  EXPECT_TRUE(request().finished);
}

TEST_F(ClientSinkTest, AddsCorsForTheOrigin) {
  cors_.origins = {"*"};
  request().mutable_head().headers.add("origin", "https://app.example");
  run([&](ClientSink& sink) -> Task<void> { co_await sink.fail(Fault{.kind = FaultKind::kNotFound}); });
  EXPECT_EQ(request().sent.headers.get("access-control-allow-origin"), "https://app.example");
}

}  // namespace
}  // namespace sluice::ingress::client_sink_test
