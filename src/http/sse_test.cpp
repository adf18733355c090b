#include "http/sse.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "checkout.h"

namespace sluice::http::sse_test {
namespace {

constexpr std::size_t kLimit = 1 << 20;

// What a conforming reader dispatches: the name and the data of each event with data.
struct Dispatched {
  std::string event;
  std::string data;
  bool operator==(const Dispatched&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Dispatched& dispatched) {
  return out << dispatched.event << '|' << dispatched.data.substr(0, 100);
}

struct Outcome {
  std::vector<std::string> raws;
  std::vector<Dispatched> events;
  std::string rest;
  std::optional<Dispatched> last;  // what finish() found
  bool operator==(const Outcome&) const = default;
};

Outcome replay(std::string_view stream, const std::vector<std::size_t>& sizes) {
  SseSplitter splitter(kLimit);
  Outcome outcome;
  auto feed = [&](std::string_view bytes) {
    const std::string copy(bytes);  // so that a view into an older chunk is found by the sanitizer
    for (const SseFrame& frame : splitter.feed(copy)) {
      outcome.raws.emplace_back(frame.raw);
      if (frame.has_data) outcome.events.push_back({std::string(frame.event), std::string(frame.data)});
    }
  };
  for (std::size_t size : sizes) {
    feed(stream.substr(0, size));
    stream.remove_prefix(std::min(size, stream.size()));
  }
  if (!stream.empty()) feed(stream);
  outcome.rest = splitter.rest();
  const SseFrame last = splitter.finish();
  if (last.has_data) outcome.last = Dispatched{std::string(last.event), std::string(last.data)};
  return outcome;
}

std::vector<std::size_t> ones(std::size_t count) {
  return std::vector<std::size_t>(count, 1);
}

struct Case {
  std::string name;
  std::vector<Dispatched> events;   // what a conforming parser yields
  std::vector<Dispatched> lenient;  // what finish() may add
};

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases{
      {"bom", {{"", "x"}}, {}},
      {"byte_at_a_time", {{"a", "1"}, {"b", "2"}}, {}},
      {"comments", {{"", "x\ny"}}, {}},
      // The blank line's last CR could be half of a CRLF: only the end of the stream tells.
      {"cr_only", {{"", "x"}}, {{"", "y"}}},
      {"crlf_split", {{"", "x"}, {"", "y"}}, {}},
      {"event_without_data", {{"", "x"}}, {}},
      {"mixed_endings", {{"", "x"}, {"", "y"}}, {{"", "z"}}},
      {"multi_data", {{"", "{\"a\":\n1}"}, {"", ""}, {"", ""}}, {}},
      {"no_space", {{"", "x"}, {"", " y"}, {"e", "z"}}, {}},
      {"no_trailing_blank", {{"", "x"}}, {{"", "y"}}},
      {"utf8_split", {{"", "na\xc3\xafve \xe2\x80\x94 \xe2\x9c\x93 \xf0\x9f\x98\x80"}}, {}},
      {"big_event", {{"", std::string()}}, {}},  // the data is checked by its size
  };
  return kCases;
}

std::string fixture(const std::string& name) {
  std::ifstream file(in_checkout("tests/fixtures/sse-edge/") + name + ".sse", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SseSplitter, ReadsTheEdgeCasesOfTheFormat) {
  for (const Case& test : cases()) {
    const std::string stream = fixture(test.name);
    ASSERT_FALSE(stream.empty()) << test.name;
    Outcome outcome = replay(stream, {});
    if (test.name == "big_event") {
      ASSERT_EQ(outcome.events.size(), 1u);
      EXPECT_EQ(outcome.events[0].data.size(), 200000u);
      continue;
    }
    EXPECT_EQ(outcome.events, test.events) << test.name;
    EXPECT_EQ(outcome.last.has_value(), !test.lenient.empty()) << test.name;
    if (outcome.last && !test.lenient.empty()) EXPECT_EQ(*outcome.last, test.lenient[0]) << test.name;
  }
}

TEST(SseSplitter, GivesTheSameFramesForEveryCutting) {
  for (const Case& test : cases()) {
    const std::string stream = fixture(test.name);
    const Outcome whole = replay(stream, {});
    EXPECT_EQ(replay(stream, ones(stream.size())), whole) << test.name;
    const std::size_t step = stream.size() > 1000 ? 9973 : 1;
    for (std::size_t cut = 0; cut <= stream.size(); cut += step) {
      EXPECT_EQ(replay(stream, {cut}), whole) << test.name << " cut at " << cut;
    }
  }
}

TEST(SseSplitter, LosesNoByte) {
  for (const Case& test : cases()) {
    const std::string stream = fixture(test.name);
    const Outcome outcome = replay(stream, {5, 1, 7});
    std::string joined;
    for (const std::string& raw : outcome.raws) joined += raw;
    EXPECT_EQ(joined + outcome.rest, stream) << test.name;
  }
}

TEST(SseSplitter, GivesCommentsAndBlankLinesAsFramesWithoutData) {
  const Outcome outcome = replay(": ping\n\n\nevent: x\n\ndata: 1\n\n", {});
  EXPECT_EQ(outcome.raws, (std::vector<std::string>{": ping\n\n", "\n", "event: x\n\n", "data: 1\n\n"}));
  EXPECT_EQ(outcome.events, (std::vector<Dispatched>{{"", "1"}}));
}

TEST(SseSplitter, KeepsTheLineFeedOfACrlfWithItsFrame) {
  const Outcome outcome = replay("data: 1\r\n\r\ndata: 2\r\n\r\n", {10});
  EXPECT_EQ(outcome.raws, (std::vector<std::string>{"data: 1\r\n\r\n", "data: 2\r\n\r\n"}));
}

TEST(SseSplitter, PointsIntoTheBytesWhileNothingIsCut) {
  SseSplitter splitter(kLimit);
  const std::string bytes = "data: 1\n\ndata: 2\n\n";
  auto frames = splitter.feed(bytes);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].raw.data(), bytes.data());
  EXPECT_EQ(frames[1].data.data(), bytes.data() + 15);
  EXPECT_EQ(splitter.rest(), "");
}

TEST(SseSplitter, IgnoresUnknownFieldsAndNamesThatOnlyBeginLikeOne) {
  const Outcome outcome = replay("id: 1\nretry: 5\ndatax: no\ndata: yes\n data: no\n\n", {});
  EXPECT_EQ(outcome.events, (std::vector<Dispatched>{{"", "yes"}}));
}

TEST(SseSplitter, JoinsTheLinesOfSeveralEventsOfOneCall) {
  std::string stream;
  std::vector<Dispatched> expected;
  for (int i = 0; i < 50; ++i) {
    stream += "data: a\ndata: b\ndata:\n\n";
    expected.push_back({"", "a\nb\n"});
  }
  EXPECT_EQ(replay(stream, {}).events, expected);
  EXPECT_EQ(replay(stream, {33, 200}).events, expected);
}

TEST(SseSplitter, StopsAtAnEventAboveTheLimitHoweverItIsCut) {
  const std::string small = "data: ok\n\n";
  const std::string stream = small + "data: " + std::string(50, 'x') + "\n\n" + small;
  for (std::size_t size : {1u, 7u, 1000u}) {
    SseSplitter splitter(40);
    std::size_t frames = 0;
    for (std::size_t at = 0; at < stream.size(); at += size) {
      frames += splitter.feed(std::string_view(stream).substr(at, size)).size();
    }
    EXPECT_TRUE(splitter.overflowed());
    EXPECT_EQ(frames, 1u);
    EXPECT_TRUE(splitter.finish().raw.empty());
  }
}

TEST(SseSplitter, AcceptsAnEventOfExactlyTheLimit) {
  const std::string stream = "data: 12\n\n";
  SseSplitter splitter(stream.size());
  EXPECT_EQ(splitter.feed(stream).size(), 1u);
  EXPECT_FALSE(splitter.overflowed());
}

TEST(SseSplitter, FinishGivesAnEventWithoutItsLineEnd) {
  const Outcome outcome = replay("data: 1\n\nevent: e\ndata: 2", {});
  EXPECT_EQ(outcome.rest, "event: e\ndata: 2");
  EXPECT_EQ(outcome.last, (Dispatched{"e", "2"}));
}

}  // namespace
}  // namespace sluice::http::sse_test
