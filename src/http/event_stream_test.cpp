#include "http/event_stream.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "checkout.h"

namespace sluice::http::event_stream_test {
namespace {

constexpr std::size_t kLimit = 1 << 20;

struct Outcome {
  std::vector<std::string> raws, payloads, types;
  std::string rest, broken;
  bool operator==(const Outcome&) const = default;
};

Outcome replay(std::string_view stream, const std::vector<std::size_t>& sizes, std::size_t limit = kLimit) {
  EventStreamSplitter splitter(limit);
  Outcome outcome;
  auto feed = [&](std::string_view bytes) {
    const std::string copy(bytes);  // so that a view into an older chunk is found by the sanitizer
    for (const EventStreamFrame& frame : splitter.feed(copy)) {
      outcome.raws.emplace_back(frame.raw);
      outcome.payloads.emplace_back(frame.payload);
      outcome.types.emplace_back(frame.text(":event-type"));
    }
  };
  for (std::size_t size : sizes) {
    feed(stream.substr(0, size));
    stream.remove_prefix(std::min(size, stream.size()));
  }
  if (!stream.empty()) feed(stream);
  outcome.rest = splitter.rest();
  outcome.broken = splitter.broken();
  return outcome;
}

std::string fixture(const std::string& name) {
  std::ifstream file(in_checkout("tests/fixtures/") + name + ".bin", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string message(std::string_view type, std::string_view payload) {
  const EventStreamHeader header{.name = ":event-type", .value = type};
  std::string out;
  append_frame(out, {&header, 1}, payload);
  return out;
}

TEST(EventStreamSplitter, SplitsRecordedStreams) {
  const std::string stream = fixture("bedrock/text_stream");
  const Outcome whole = replay(stream, {});
  EXPECT_EQ(whole.broken, "");
  EXPECT_EQ(whole.rest, "");
  EXPECT_EQ(whole.types,
            (std::vector<std::string>{"messageStart", "contentBlockDelta", "contentBlockDelta", "contentBlockDelta",
                                      "contentBlockStop", "messageStop", "metadata"}));
  EXPECT_EQ(whole.payloads.front(), R"({"role":"assistant","p":"abcdefgh"})");
  std::string joined;
  for (const std::string& raw : whole.raws) joined += raw;
  EXPECT_EQ(joined, stream);
}

TEST(EventStreamSplitter, DoesNotMindHowTheStreamIsCut) {
  for (const char* name : {"bedrock/text_stream", "bedrock/stream_split_chunks", "bedrock/stream_bad_crc",
                           "bedrock/stream_truncated_frame", "bedrock/framing_all_header_types"}) {
    const std::string stream = fixture(name);
    ASSERT_FALSE(stream.empty()) << name;
    const Outcome whole = replay(stream, {});
    EXPECT_EQ(replay(stream, std::vector<std::size_t>(stream.size(), 1)), whole) << name;
    EXPECT_EQ(replay(stream, {1, 3, 4, 5, 7, 30, 60, 1, 1, 90}), whole) << name;
    for (std::size_t cut = 1; cut < stream.size(); ++cut) ASSERT_EQ(replay(stream, {cut}), whole) << name << cut;
  }
}

TEST(EventStreamSplitter, ReadsEveryTypeOfHeader) {
  const std::string stream = fixture("bedrock/framing_all_header_types");
  EventStreamSplitter splitter(kLimit);
  const auto frames = splitter.feed(stream);
  ASSERT_EQ(frames.size(), 1u);
  const auto headers = frames[0].all_headers();
  const std::vector<std::pair<std::string_view, HeaderType>> expected{
      {":message-type", HeaderType::kString}, {":event-type", HeaderType::kString},
      {":content-type", HeaderType::kString}, {"h-true", HeaderType::kTrue},
      {"h-false", HeaderType::kFalse},        {"h-byte", HeaderType::kInt8},
      {"h-short", HeaderType::kInt16},        {"h-int", HeaderType::kInt32},
      {"h-long", HeaderType::kInt64},         {"h-bin", HeaderType::kBytes},
      {"h-str", HeaderType::kString},         {"h-ts", HeaderType::kTimestamp},
      {"h-uuid", HeaderType::kUuid}};
  ASSERT_EQ(headers.size(), expected.size());
  for (std::size_t i = 0; i < headers.size(); ++i) {
    EXPECT_EQ(headers[i].name, expected[i].first);
    EXPECT_EQ(headers[i].type, expected[i].second) << headers[i].name;
  }
  EXPECT_EQ(headers[5].value, "\xf9");
  EXPECT_EQ(headers[9].value, std::string_view("\0\1\2\xff", 4));
  EXPECT_EQ(frames[0].text("h-str"), "naïve");
  EXPECT_EQ(frames[0].text("h-bin"), "");  // not a string
  EXPECT_EQ(frames[0].text("h-none"), "");
  EXPECT_EQ(frames[0].payload, R"({"role":"assistant"})");

  std::string again;
  append_frame(again, headers, frames[0].payload);
  EXPECT_EQ(again, stream);
}

TEST(EventStreamSplitter, ChecksBothChecksums) {
  const std::string good = message("a", "{}") + message("b", "{}") + message("c", "{}");
  const std::size_t size = good.size() / 3;
  for (std::size_t at = size; at < 2 * size; ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    const Outcome outcome = replay(bad, {});
    EXPECT_NE(outcome.broken, "") << at;
    EXPECT_EQ(outcome.types, std::vector<std::string>{"a"}) << at;
    EXPECT_EQ(outcome.rest, "");
  }
  EXPECT_EQ(replay(fixture("bedrock/stream_bad_crc"), {}).broken, "the checksum of a message is wrong");
}

TEST(EventStreamSplitter, KeepsWhatIsCutOffAtTheEnd) {
  const std::string stream = fixture("bedrock/stream_truncated_frame");
  const Outcome outcome = replay(stream, {});
  EXPECT_EQ(outcome.broken, "");
  EXPECT_FALSE(outcome.rest.empty());
  EXPECT_TRUE(stream.ends_with(outcome.rest));
}

TEST(EventStreamSplitter, StopsAtMessagesAboveItsLimit) {
  const std::string small = message("a", "{}");
  const std::string large = message("b", std::string(1000, 'x'));
  EXPECT_EQ(replay(small + large, {}, large.size()).broken, "");
  const Outcome outcome = replay(small + large.substr(0, 12), {}, large.size() - 1);
  EXPECT_EQ(outcome.broken, "a message is larger than its limit");
  EXPECT_EQ(outcome.types, std::vector<std::string>{"a"});

  const std::string value(32767, 'v');
  const std::vector<EventStreamHeader> headers(5, {.name = "n", .value = value});
  std::string out;
  append_frame(out, headers, "");
  EXPECT_EQ(replay(out, {}).broken, "the headers of a message are larger than their limit");
}

TEST(EventStreamSplitter, RefusesMalformedHeaders) {
  using namespace std::string_view_literals;
  const auto broken = [](std::string_view headers) {
    std::string out(12, '\0');
    out += headers;
    out[3] = static_cast<char>(16 + headers.size());
    out[7] = static_cast<char>(headers.size());
    const auto add_crc = [&out](std::size_t at, std::size_t covered) {
      const auto crc = ::crc32_z(0, reinterpret_cast<const Bytef*>(out.data()), covered);
      for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<char>(crc >> (24 - 8 * i) & 0xff);
    };
    add_crc(8, 8);
    out.append(4, '\0');
    add_crc(out.size() - 4, out.size() - 4);
    return replay(out, {}).broken;
  };
  EXPECT_EQ(broken("\x01n\x07\x00\x01v"sv), "");
  for (std::string_view headers : {"\x00"sv, "\x01"sv, "\x01n"sv, "\x01n\x0a"sv, "\x01n\x07"sv, "\x01n\x07\x00\x02v"sv,
                                   "\x01n\x05zzz"sv, "\x00\x00"sv, "\x01n\x00\xff"sv}) {
    EXPECT_EQ(broken(headers), "the headers of a message are malformed") << ::testing::PrintToString(headers);
  }
}

TEST(AppendFrame, WritesEmptyMessages) {
  std::string out;
  append_frame(out, {}, "");
  EXPECT_EQ(out.size(), 16u);
  EXPECT_EQ(replay(out, {}).payloads, std::vector<std::string>{""});
}

TEST(AppendFrame, CutsWhatTheFormatCannotHold) {
  const std::string name(300, 'n');
  const std::string value(40000, 'v');
  const EventStreamHeader header{.name = name, .value = value};
  std::string out;
  append_frame(out, {&header, 1}, "p");
  EventStreamSplitter splitter(kLimit);
  const auto frames = splitter.feed(out);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].text(std::string_view(name).substr(0, 255)).size(), 32767u);
  EXPECT_EQ(frames[0].payload, "p");
}

}  // namespace
}  // namespace sluice::http::event_stream_test
