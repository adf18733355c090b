// A provider that costs next to nothing: bench/run --upstream plain measures proxies against it instead of the
// simulator.
//
// Answers any POST on any path with a small chat completion, or with a stream of events, as the header x-sim says:
// {"events": 64, "event_delay_ms": 10, "break": {"after": 1, "how": "hang"}}, a subset of the simulator's scripts.
// Everything else in a request is ignored. One thread; each event leaves in a write of its own.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kMeta =
    R"({"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"gpt-4o-mini",)";
constexpr std::string_view kWhole =
    R"({"id":"chatcmpl-bench","object":"chat.completion","created":1760000000,"model":"gpt-4o-mini","choices":[{"index":0,)"
    R"("message":{"role":"assistant","content":"The answer is short, as most of the answers are that people pay for."},)"
    R"("finish_reason":"stop"}],"usage":{"prompt_tokens":250,"completion_tokens":16,"total_tokens":266}})";
constexpr std::size_t kLongestHead = 64 << 10;

struct Script {
  std::uint64_t events = 0;  // 0: one whole answer
  std::chrono::milliseconds delay{0};
  std::uint64_t hang_after = 0;  // 0: never
};

struct Connection {
  std::string head;  // as much as was read of it
  std::uint64_t body_left = 0;
  bool in_body = false;
  Script script;
  std::uint64_t sent = 0;  // events of the stream so far
  std::uint64_t turn = 0;  // which request this is, so that a late timer of an old one does nothing
};

struct Timer {
  Clock::time_point when;
  int fd;
  std::uint64_t turn;
  bool operator>(const Timer& other) const { return when > other.when; }
};

std::string chunk(std::string_view data) {
  std::array<char, 24> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", data.size());
  return size.data() + std::string(data) + "\r\n";
}

std::string event(std::string_view choices) {
  return "data: " + std::string(kMeta) + std::string(choices) + "}\n\n";
}

std::uint64_t number_after(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) return 0;
  const std::string digits(text.substr(at + name.size(), 20));
  return std::strtoull(digits.c_str() + std::min(digits.find_first_of("0123456789"), digits.size()), nullptr, 10);
}

std::string_view header(std::string_view head, std::string_view name) {
  for (std::size_t end = head.find('\n'); end != std::string_view::npos; end = head.find('\n')) {
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 1);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (strncasecmp(line.data(), name.data(), name.size()) == 0) return line.substr(name.size() + 1);
  }
  return {};
}

class Upstream {
 public:
  explicit Upstream(std::uint16_t port);
  [[noreturn]] void run();

 private:
  void accept_all();
  void read(int fd);
  bool take(int fd, Connection& connection, std::string_view bytes);
  void begin(Connection& connection);
  void answer(int fd, Connection& connection);
  void stream(int fd, Connection& connection);
  void send(int fd, std::string_view bytes);
  void fire(Clock::time_point now);
  void close(int fd);

  int listener_;
  int epoll_;
  std::unordered_map<int, Connection> connections_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::uint64_t turns_ = 0;
  std::vector<char> buffer_ = std::vector<char>(256 << 10);
  const std::string whole_ =
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + std::to_string(kWhole.size()) +
      "\r\n\r\n" + std::string(kWhole);
  const std::string stream_head_ =
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
      "transfer-encoding: chunked\r\n\r\n" +
      chunk(event(R"("choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}])"));
  const std::string word_ = chunk(event(R"("choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}])"));
  const std::string tail_ =
      chunk(event(R"("choices":[{"index":0,"delta":{},"finish_reason":"stop"}])")) +
      chunk(event(R"("choices":[],"usage":{"prompt_tokens":250,"completion_tokens":64,"total_tokens":314})")) +
      chunk("data: [DONE]\n\n") + "0\r\n\r\n";
};

Upstream::Upstream(std::uint16_t port)
    : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 4096) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("bench_upstream: listen");
    std::exit(1);
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener_;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
  std::printf("listening on http://127.0.0.1:%u\n", ntohs(address.sin_port));
  std::fflush(stdout);
}

void Upstream::run() {
  std::array<epoll_event, 256> events{};
  for (;;) {
    timespec timeout{3600, 0};
    if (!timers_.empty()) {
      const auto left = std::max<std::int64_t>((timers_.top().when - Clock::now()).count(), 0);
      timeout = {left / 1'000'000'000, left % 1'000'000'000};
    }
    const int n = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    for (int i = 0; i < n; ++i) {
      if (events[i].data.fd == listener_) {
        accept_all();
      } else {
        read(events[i].data.fd);
      }
    }
    fire(Clock::now());
  }
}

void Upstream::accept_all() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_.insert_or_assign(fd, Connection{});
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
}

void Upstream::read(int fd) {
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return;
  const ssize_t n = recv(fd, buffer_.data(), buffer_.size(), 0);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0 || !take(fd, found->second, {buffer_.data(), static_cast<std::size_t>(n)})) close(fd);
}

// False when the connection is of no more use.
bool Upstream::take(int fd, Connection& connection, std::string_view bytes) {
  if (!connection.in_body) {
    connection.head += bytes;
    const std::size_t end = connection.head.find("\r\n\r\n");
    if (end == std::string::npos) return connection.head.size() < kLongestHead;
    const std::size_t body = connection.head.size() - end - 4;
    connection.head.resize(end + 2);
    begin(connection);
    bytes = bytes.substr(bytes.size() - body);
  }
  if (bytes.size() > connection.body_left) return false;
  connection.body_left -= bytes.size();
  if (connection.body_left > 0) return true;
  connection.in_body = false;
  answer(fd, connection);
  return true;
}

void Upstream::begin(Connection& connection) {
  const std::string_view script = header(connection.head, "x-sim");
  connection.body_left = number_after(header(connection.head, "content-length"), "");
  connection.script.events = number_after(script, "\"events\"");
  connection.script.delay = std::chrono::milliseconds(number_after(script, "\"event_delay_ms\""));
  connection.script.hang_after = number_after(script, "\"after\"");
  connection.in_body = true;
  connection.sent = 0;
  connection.turn = ++turns_;
  connection.head.clear();
}

void Upstream::answer(int fd, Connection& connection) {
  if (connection.script.events == 0) return send(fd, whole_);
  send(fd, stream_head_);
  stream(fd, connection);
}

void Upstream::stream(int fd, Connection& connection) {
  const auto delay = connection.script.delay;
  while (connection.sent < connection.script.events) {
    if (delay.count() > 0) {
      timers_.push({Clock::now() + delay, fd, connection.turn});
      return;
    }
    send(fd, word_);
    ++connection.sent;
    if (connection.sent == connection.script.hang_after) return;
  }
  send(fd, tail_);
}

void Upstream::fire(Clock::time_point now) {
  while (!timers_.empty() && timers_.top().when <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    const auto found = connections_.find(timer.fd);
    if (found == connections_.end() || found->second.turn != timer.turn) continue;
    Connection& connection = found->second;
    send(timer.fd, word_);
    if (++connection.sent < connection.script.events) {
      timers_.push({timer.when + connection.script.delay, timer.fd, timer.turn});
    } else {
      send(timer.fd, tail_);
    }
  }
}

// What a slow peer does not take at once is lost and the peer notices: benchmarks are read faster than they are
// written.
void Upstream::send(int fd, std::string_view bytes) {
  if (::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
    shutdown(fd, SHUT_RDWR);
  }
}

void Upstream::close(int fd) {
  connections_.erase(fd);
  ::close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 2) {
    std::fprintf(stderr, "usage: bench_upstream [PORT]\n");
    return 2;
  }
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  Upstream(static_cast<std::uint16_t>(argc == 2 ? std::strtoul(argv[1], nullptr, 10) : 0)).run();
}
