// A plain blocking HTTP client for the tests: sees every byte and every read, and can leave in any way.
//
// Thread rule: one thread. A read waits at most five seconds.
#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/text.h"
#include "sim/simulator.h"

namespace sluice::sim {

struct Seen {
  int status = 0;                              // 0: not even a head came
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // without chunked framing
  bool complete = false;                       // framed to its end
  bool reset = false;
  std::vector<std::string> chunks;  // the pieces of a chunked body

  boost::json::value json() const { return boost::json::parse(body); }
  // The data of the events of a stream, in order; comments are left out.
  std::vector<std::string> events() const {
    std::vector<std::string> found;
    for (auto line : split(body, '\n')) {
      if (line.starts_with("data: ")) found.emplace_back(line.substr(6));
    }
    return found;
  }
};

class TestPeer {
 public:
  explicit TestPeer(std::uint16_t port) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    timeval limit{5, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) leave();
  }
  ~TestPeer() { leave(); }
  TestPeer(const TestPeer&) = delete;
  TestPeer& operator=(const TestPeer&) = delete;

  void leave() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  void send_bytes(std::string_view bytes) {
    while (!bytes.empty()) {
      auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void request(std::string_view method, std::string_view target, std::string_view body = "",
               std::string_view headers = "") {
    std::string text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nhost: sim\r\n";
    text += std::string(headers);
    text += "content-length: " + std::to_string(body.size()) + "\r\n\r\n";
    send_bytes(text + std::string(body));
  }

  // What one read gives; empty at the end, or when nothing came in time.
  std::string read_some() {
    char buffer[65536];
    auto got = recv(socket_, buffer, sizeof buffer, 0);
    if (got < 0 && errno == ECONNRESET) reset_ = true;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) timed_out_ = true;
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string();
  }
  bool timed_out() const { return timed_out_; }
  bool was_reset() const { return reset_; }

  Seen answer() {
    Seen seen;
    while (!input_.contains("\r\n\r\n") && more()) {
    }
    auto end = input_.find("\r\n\r\n");
    if (end != std::string::npos) {
      read_head(seen, input_.substr(0, end));
      input_.erase(0, end + 4);
      read_body(seen);
    }
    seen.reset = reset_;
    return seen;
  }

 private:
  bool more() {
    auto bytes = read_some();
    input_ += bytes;
    return !bytes.empty();
  }

  static void read_head(Seen& seen, const std::string& head) {
    auto lines = split(head, '\n');
    seen.status = std::atoi(std::string(lines[0].substr(9, 3)).c_str());
    for (auto line : lines) {
      auto colon = line.find(": ");
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (colon != std::string_view::npos) seen.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
    }
  }

  void read_body(Seen& seen) {
    if (seen.headers.contains("content-length")) {
      auto length = std::stoull(seen.headers["content-length"]);
      while (input_.size() < length && more()) {
      }
      seen.complete = input_.size() >= length;
      seen.body = input_.substr(0, length);
      input_.erase(0, length);
      return;
    }
    while (true) {
      while (!input_.contains("\r\n") && more()) {
      }
      auto line = input_.find("\r\n");
      if (line == std::string::npos) return;
      auto size = std::strtoull(input_.c_str(), nullptr, 16);
      while (input_.size() < line + 2 + size + 2 && more()) {
      }
      std::string chunk = input_.substr(line + 2, size);
      seen.body += chunk;
      if (input_.size() < line + 2 + size + 2) return;
      input_.erase(0, line + 2 + size + 2);
      seen.complete = size == 0;
      if (seen.complete) return;
      seen.chunks.push_back(chunk);
    }
  }

  int socket_ = -1;
  std::string input_;
  bool timed_out_ = false;
  bool reset_ = false;
};

// A simulator on a free port, and the requests most tests send to it.
struct TestSim {
  explicit TestSim(SimOptions options = {}) : simulator(std::move(options)) { port = simulator.start().value_or(0); }

  Seen call(std::string_view method, std::string_view target, std::string_view body = "",
            std::string_view headers = "") {
    TestPeer peer(port);
    peer.request(method, target, body, headers);
    return peer.answer();
  }
  Seen chat(std::string_view body, std::string_view script = "{}") {
    return call("POST", "/v1/chat/completions", body, "x-sim: " + std::string(script) + "\r\n");
  }
  boost::json::object stats() { return call("GET", "/_sim/stats").json().as_object(); }
  boost::json::array ledger() { return call("GET", "/_sim/ledger").json().as_array(); }

  // Waits until a number of the statistics is reached; at most three seconds.
  bool reaches(std::string_view name, std::int64_t value) {
    for (int i = 0; i < 300; ++i) {
      if (stats().at(name).to_number<std::int64_t>() == value) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  Simulator simulator;
  std::uint16_t port = 0;
};

inline constexpr std::string_view kHello = R"({"model":"gpt-4o","messages":[{"role":"user","content":"hello there"}]})";
inline constexpr std::string_view kHelloStream =
    R"({"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"hello there"}]})";
inline constexpr std::string_view kHelloStreamUsage =
    R"({"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true},)"
    R"("messages":[{"role":"user","content":"hello there"}]})";

}  // namespace sluice::sim
