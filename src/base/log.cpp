#include "base/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/text.h"
#include "base/thread.h"

namespace sluice::log {

namespace {

// Entries are appended to one text under a lock and written together many times a second: an entry on a request's path
// costs its formatting, not a system call or a wake-up, and what is written at once keeps nobody from the processor.
class Writer {
 public:
  static constexpr std::size_t kMaxQueued = 8 << 20;
  static constexpr Ms kInterval{10};

  void start() {
    std::lock_guard lock(mutex_);
    stopping_ = false;
    running_ = true;
    thread_ = named_thread("log", [this] { work(); });
  }

  void stop() {
    {
      std::lock_guard lock(mutex_);
      if (!running_) return;
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void add(std::string_view line) {
    std::unique_lock lock(mutex_);
    if (queued_.size() + line.size() > kMaxQueued) {
      ++dropped_;
      return;
    }
    queued_ += line;
    if (!running_) return flush(lock);
    if (std::exchange(asleep_, false)) wake_.notify_one();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      asleep_ = queued_.empty();
      wake_.wait(lock, [this] { return stopping_ || dropped_ > 0 || !queued_.empty(); });
      asleep_ = false;
      wake_.wait_for(lock, kInterval, [this] { return stopping_; });
      if (!stopping_) flush(lock);
    }
    running_ = false;
    flush(lock);
  }

  // Writes what is queued, without the lock, before it the number of entries that were dropped. What is not taken
  // counts as dropped; a notice that is not taken is told again.
  void flush(std::unique_lock<std::mutex>& lock) {
    auto told = dropped_;
    std::string text = cut_ ? "\n" : "";
    if (told > 0) {
      text += fmt::format("{{\"level\":\"warn\",\"msg\":\"log entries dropped\",\"count\":{}}}\n", told);
    }
    auto notice = text.size();
    text += queued_;
    queued_.clear();
    if (text.empty()) return;
    lock.unlock();
    auto written = write_some(text);
    lock.lock();
    if (written >= notice) dropped_ -= told;
    dropped_ += static_cast<std::uint64_t>(
        std::count(text.begin() + static_cast<std::ptrdiff_t>(std::max(written, notice)), text.end(), '\n'));
    if (written > 0) cut_ = text[written - 1] != '\n';
  }

  // A pipe that nobody reads must not hold us: after a second we give up. POLLOUT promises room for PIPE_BUF bytes, so
  // no write blocks; a file always takes some, of which as much as keeps nobody else from the processor. Returns how
  // much was taken.
  static std::size_t write_some(std::string_view bytes) {
    struct stat file{};
    const bool is_file = ::fstat(STDERR_FILENO, &file) == 0 && S_ISREG(file.st_mode);
    std::size_t written = 0;
    while (written < bytes.size()) {
      pollfd ready{STDERR_FILENO, POLLOUT, 0};
      bool takes = is_file || (::poll(&ready, 1, kPatienceMs) == 1 && (ready.revents & POLLOUT) != 0);
      auto next = bytes.substr(written, is_file ? kMostToFile : PIPE_BUF);
      auto taken = takes ? ::write(STDERR_FILENO, next.data(), next.size()) : -1;
      if (taken <= 0) break;
      written += static_cast<std::size_t>(taken);
      if (written < bytes.size()) std::this_thread::yield();
    }
    return written;
  }

  static constexpr int kPatienceMs = 1000;
  static constexpr std::size_t kMostToFile = 8 << 10;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::string queued_;
  std::uint64_t dropped_ = 0;  // entries, not told yet
  bool cut_ = false;           // the last write ended inside a line
  bool stopping_ = false;
  bool running_ = false;
  bool asleep_ = false;  // the thread waits for something to write
  std::jthread thread_;
};

// The one mutable global of the program: a process has one standard error.
struct Log {
  Writer writer;
  std::atomic<Level> level{Level::kInfo};
  std::atomic<Format> format{Format::kJson};
};

Log& the_log() {
  static Log log;  // check: allow global because a process has one standard error
  return log;
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::kTrace:
      return "trace";
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarn:
      return "warn";
    case Level::kError:
      return "error";
  }
  return "error";
}

void append_value(std::string& line, const Field& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) return append_json_string(line, *text);
  if (const auto* flag = std::get_if<bool>(&field.value)) {
    line += *flag ? "true" : "false";
    return;
  }
  line += fmt::format_int(std::get<std::int64_t>(field.value)).c_str();
}

// Seconds are formatted once a second and thread, not once an entry.
std::string_view timestamp(WallTime time) {
  struct Cached {
    std::time_t second = -1;
    char text[24];
  };
  thread_local Cached cached;
  auto second = std::chrono::system_clock::to_time_t(time);
  if (cached.second != second) {
    *fmt::format_to_n(cached.text, 23, "{:%Y-%m-%dT%H:%M:%S}", fmt::gmtime(second)).out = '\0';
    cached.second = second;
  }
  return cached.text;
}

bool is_empty(const Field& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  return text && text->empty();
}

void append_time(std::string& line) {
  auto time = wall_now();
  auto millis = std::chrono::duration_cast<Ms>(time.time_since_epoch()).count() % 1000;
  line += timestamp(time);
  line.push_back('.');
  for (auto unit : {100, 10, 1}) line.push_back(static_cast<char>('0' + millis / unit % 10));
  line.push_back('Z');
}

std::string json_line(Level level, std::string_view message, std::initializer_list<Field> fields) {
  std::string line;
  line.reserve(768);
  line += R"({"time":")";
  append_time(line);
  line += R"(","level":")";
  line += name_of(level);
  line += R"(","msg":)";
  append_json_string(line, message);
  for (const Field& field : fields) {
    if (is_empty(field)) continue;
    line += ",\"";
    line += field.name;
    line += "\":";
    append_value(line, field);
  }
  line += "}\n";
  return line;
}

std::string text_line(Level level, std::string_view message, std::initializer_list<Field> fields) {
  std::string line;
  append_time(line);
  line.push_back(' ');
  line += name_of(level);
  line.push_back(' ');
  line += printable(message, 1000);
  for (const Field& field : fields) {
    if (is_empty(field)) continue;
    line.push_back(' ');
    line += field.name;
    line.push_back('=');
    append_value(line, field);
  }
  line.push_back('\n');
  return line;
}

}  // namespace

void start(Level level, Format format) {
  the_log().level = level;
  the_log().format = format;
  the_log().writer.start();
}

void stop() {
  the_log().writer.stop();
}

void set_level(Level level) {
  the_log().level = level;
}

void set_format(Format format) {
  the_log().format = format;
}

bool enabled(Level level) {
  return level >= the_log().level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  bool json = the_log().format.load(std::memory_order_relaxed) == Format::kJson;
  the_log().writer.add(json ? json_line(level, message, fields) : text_line(level, message, fields));
}

void write(Level level, std::string_view message, const Fault& fault) {
  write(level, message, {{"fault", name(fault.kind)}, {"error", fault.told}, {"detail", fault.detail}});
}

}  // namespace sluice::log
