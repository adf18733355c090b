#include "base/log.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"

namespace sluice::log_test {
namespace {

// Standard error goes into a pipe while one of these is there.
class LogTest : public ::testing::Test {
 protected:
  LogTest() {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    saved_ = ::dup(STDERR_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[1]);
    reading_ = ends[0];
  }
  ~LogTest() override {
    log::stop();
    restore();
    ::close(reading_);
    log::start(log::Level::kInfo, log::Format::kJson);
    log::stop();
  }

  void restore() {
    if (saved_ < 0) return;
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
    saved_ = -1;
  }

  // What is in the pipe until nothing came for a while; all of it when the writing end is closed.
  std::string read_all(int quiet_ms = 0) {
    std::string text;
    char buffer[65536];
    pollfd ready{reading_, POLLIN, 0};
    while (::poll(&ready, 1, quiet_ms) > 0) {
      auto bytes = ::read(reading_, buffer, sizeof buffer);
      if (bytes <= 0) break;
      text.append(buffer, static_cast<std::size_t>(bytes));
    }
    return text;
  }

  // One entry, written and read.
  template <class Write>
  std::string logged(log::Level level, log::Format format, Write write) {
    log::start(level, format);
    write();
    log::stop();
    return read_all();
  }

  int reading_ = -1;
  int saved_ = -1;
};

using log::Format;
using log::Level;

// From the message on: what comes before it is the time.
std::string_view from_level(std::string_view line) {
  auto at = line.find(",\"level\"");
  return at == std::string_view::npos ? line : line.substr(at);
}

TEST_F(LogTest, WritesOneJsonObjectALine) {
  auto text = logged(Level::kInfo, Format::kJson, [] {
    log::write(Level::kInfo, "listening", {{"address", "127.0.0.1"}, {"port", std::int64_t{8080}}, {"tls", false}});
  });
  EXPECT_EQ(from_level(text),
            ",\"level\":\"info\",\"msg\":\"listening\",\"address\":\"127.0.0.1\",\"port\":8080,\"tls\":false}\n");
  EXPECT_TRUE(text.starts_with("{\"time\":\"20"));
}

TEST_F(LogTest, TheTimeIsRfc3339WithMilliseconds) {
  auto text = logged(Level::kInfo, Format::kJson, [] { log::write(Level::kInfo, "x"); });
  auto time = text.substr(9, 24);
  std::string shape;
  for (char c : time) shape.push_back(c >= '0' && c <= '9' ? '0' : c);
  EXPECT_EQ(shape, "0000-00-00T00:00:00.000Z");
}

TEST_F(LogTest, EscapesWhatStrangersSend) {
  auto text = logged(Level::kInfo, Format::kJson, [] {
    log::write(Level::kWarn, "a\"b\n", {{"path", "/x\r\n{\"level\":\"error\"}"}, {"broken", "\xff"}});
  });
  EXPECT_EQ(from_level(text),
            ",\"level\":\"warn\",\"msg\":\"a\\\"b\\n\",\"path\":\"/"
            "x\\u000d\\n{\\\"level\\\":\\\"error\\\"}\",\"broken\":\"\xef\xbf\xbd\"}\n");
}

TEST_F(LogTest, TextEntriesStayOnOneLine) {
  auto text = logged(Level::kInfo, Format::kText, [] {
    log::write(Level::kError, "one\ntwo", {{"path", "/a\nb"}, {"count", std::int64_t{-3}}, {"ok", true}});
  });
  EXPECT_TRUE(text.ends_with("Z error one?two path=\"/a\\nb\" count=-3 ok=true\n")) << text;
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
}

TEST_F(LogTest, LeavesOutEmptyFields) {
  auto json = logged(Level::kInfo, Format::kJson,
                     [] { log::write(Level::kInfo, "x", {{"a", ""}, {"b", std::int64_t{0}}, {"c", false}}); });
  EXPECT_EQ(from_level(json), ",\"level\":\"info\",\"msg\":\"x\",\"b\":0,\"c\":false}\n");
  auto text = logged(Level::kInfo, Format::kText, [] { log::write(Level::kInfo, "x", {{"a", ""}, {"b", "c"}}); });
  EXPECT_TRUE(text.ends_with("info x b=\"c\"\n"));
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheLevel) {
  auto text = logged(Level::kWarn, Format::kJson, [] {
    EXPECT_FALSE(log::enabled(Level::kInfo));
    EXPECT_TRUE(log::enabled(Level::kWarn));
    log::write(Level::kInfo, "not this");
    log::set_level(Level::kTrace);
    log::write(Level::kTrace, "this");
  });
  EXPECT_EQ(from_level(text), ",\"level\":\"trace\",\"msg\":\"this\"}\n");
}

TEST_F(LogTest, TellsAFault) {
  Fault fault{.kind = FaultKind::kConnectionLost, .told = "It broke.", .detail = "errno 104"};
  auto text = logged(Level::kInfo, Format::kJson, [&] { log::write(Level::kError, "failed", fault); });
  EXPECT_EQ(from_level(text),
            ",\"level\":\"error\",\"msg\":\"failed\",\"fault\":\"connection_lost\",\"error\":\"It "
            "broke.\",\"detail\":\"errno 104\"}\n");
}

TEST_F(LogTest, WritesAtOnceWhenNotStarted) {
  log::set_level(Level::kInfo);
  log::write(Level::kInfo, "early");
  EXPECT_NE(read_all().find("\"early\""), std::string::npos);
}

TEST_F(LogTest, StartedItWritesWithinAShortTime) {
  log::start(Level::kInfo, Format::kJson);
  log::write(Level::kInfo, "soon");
  EXPECT_NE(read_all(500).find("\"soon\""), std::string::npos);
}

TEST_F(LogTest, EntriesOfManyThreadsDoNotMix) {
  log::start(Level::kInfo, Format::kJson);
  std::string text;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([] {
        for (int i = 0; i < 100; ++i) log::write(Level::kInfo, "entry", {{"filler", "abcdefghijklmnopqrstuvwxyz"}});
      });
    }
  }
  text = read_all(200);
  log::stop();
  text += read_all();
  auto lines = split(text, '\n');
  ASSERT_EQ(lines.size(), 401u);
  for (std::size_t i = 0; i < 400; ++i) {
    EXPECT_EQ(from_level(lines[i]), ",\"level\":\"info\",\"msg\":\"entry\",\"filler\":\"abcdefghijklmnopqrstuvwxyz\"}");
  }
}

TEST_F(LogTest, CountsWhatASlowReaderMissed) {
  log::start(Level::kInfo, Format::kJson);
  std::string filler(100'000, 'x');
  constexpr int kEntries = 300;  // 30 MB: more than the pipe, the batch being written and the queue hold
  for (int i = 0; i < kEntries; ++i) log::write(Level::kInfo, "big", {{"filler", filler}});
  std::string text = read_all(500);
  log::stop();
  text += read_all();
  int written = 0;
  std::int64_t dropped = 0;
  constexpr std::string_view kNotice = "{\"level\":\"warn\",\"msg\":\"log entries dropped\",\"count\":";
  for (auto line : split(text, '\n')) {
    if (line.starts_with(kNotice)) {
      auto count = line.substr(kNotice.size());
      dropped += to_number<std::int64_t>(count.substr(0, count.size() - 1)).value_or(0);
    } else if (line.ends_with('}')) {  // a line that was cut counts as dropped
      ++written;
    }
  }
  EXPECT_GT(dropped, 0);
  EXPECT_GT(written, 0);
  EXPECT_EQ(written + dropped, kEntries);
}

TEST_F(LogTest, AnEntryBehindOneThatWasCutHasItsOwnLine) {
  log::start(Level::kInfo, Format::kJson);
  log::write(Level::kInfo, "big", {{"filler", std::string(300'000, 'x')}});
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));  // longer than the writer waits for a reader
  log::write(Level::kInfo, "after");
  std::string text = read_all(500);
  log::stop();
  text += read_all();
  int after = 0, notices = 0;
  for (auto line : split(text, '\n')) {
    after += line.starts_with("{\"time\"") && line.find("\"after\"") != std::string_view::npos ? 1 : 0;
    notices += line.starts_with("{\"level\":\"warn\",\"msg\":\"log entries dropped\",\"count\":1}") ? 1 : 0;
  }
  EXPECT_EQ(after, 1);
  EXPECT_EQ(notices, 1);
}

}  // namespace
}  // namespace sluice::log_test
