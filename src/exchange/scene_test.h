// What stages and sinks need around them in tests: a request without a socket, a loop, an exchange, a sink that keeps
// what it gets, and a stage that does what the test says.
//
// Thread rule: one thread; Scene::run() may be called once.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "dialect/openai/openai.h"
#include "exchange/stage.h"
#include "json/reader.h"

namespace sluice {

class FakeRequest final : public net::Request {
 public:
  FakeRequest(net::Loop& loop, http::RequestHead head) : loop_(loop), head_(std::move(head)), arrived_(now()) {}

  const http::RequestHead& head() const override { return head_; }
  std::string_view peer() const override { return "192.0.2.1"; }
  Instant arrived() const override { return arrived_; }
  net::Loop& loop() override { return loop_; }
  Cancel& cancel() override { return cancel_; }
  Task<Result<std::string>> body() override { co_return body_result; }

  Task<Status> send(http::ResponseHead head, std::string_view body) override {
    sent = std::move(head);
    bytes += body;
    started_ = finished = true;
    ++sends;
    co_return write_result;
  }
  void start(http::ResponseHead head) override {
    if (started_) return;
    sent = std::move(head);
    started_ = true;
  }
  Task<Status> write(std::span<const std::string_view> pieces) override {
    if (write_takes.count() > 0) {
      Cancel never;
      co_await net::sleep(loop_, write_takes, never);
    }
    for (auto piece : pieces) bytes += piece;
    ++writes;
    co_return write_result;
  }
  Task<Status> finish() override {
    finished = true;
    co_return write_result;
  }
  bool started() const override { return started_; }
  void abort() override { aborted = true; }
  void reset() override { aborted = true; }

  http::RequestHead& mutable_head() { return head_; }

  Result<std::string> body_result;
  Status write_result;
  Ms write_takes{0};
  http::ResponseHead sent;
  std::string bytes;
  int sends = 0;
  int writes = 0;
  bool finished = false;
  bool aborted = false;

 private:
  net::Loop& loop_;
  http::RequestHead head_;
  Instant arrived_;
  Cancel cancel_;
  bool started_ = false;
};

class KeptAnswer final : public Sink {
 public:
  Task<Status> begin(AnswerHead answer) override {
    head = std::move(answer);
    ++begins;
    co_return result;
  }
  Task<Status> push(std::span<const chat::Event> events) override {
    for (const auto& event : events) {
      bytes += event.wire;
      for (const auto& piece : event.pieces) texts += piece.text.raw;
      kinds.push_back(event.kind);
    }
    ++pushes;
    co_return result;
  }

  Status result;
  AnswerHead head;
  std::string bytes;
  std::string texts;  // of the pieces
  std::vector<chat::EventKind> kinds;
  int begins = 0;
  int pushes = 0;
};

// The rest of a pipeline, as a function.
class Rest final : public Stage {
 public:
  using Act = std::function<Task<Status>(Exchange&, Sink&)>;
  void set(Act act) { act_ = std::move(act); }
  Task<Status> run(Exchange& x, Sink& out, Next next) override {
    ++calls;
    tried = next.tried();
    if (act_) co_return co_await act_(x, out);
    co_return Status{};
  }

  int calls = 0;
  Try* tried = nullptr;  // of the last call

 private:
  Act act_;
};

class Scene {
 public:
  explicit Scene(http::RequestHead head = {"POST", "/v1/chat/completions", {{"host", "x"}}})
      : request(loop, std::move(head)), x(request, tools) {
    x.server = &dialect::openai::server();
  }

  // Runs the task to its end.
  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    TaskGroup group;
    auto all = [&]() -> Task<void> {
      result = co_await task;
      loop.stop();
    };
    loop.post([&] { spawn(all(), group); });
    loop.run();
    EXPECT_TRUE(result.has_value());
    return std::move(*result);
  }
  Status run(Stage& stage) {
    Stage* below[] = {&rest};
    return run(stage.run(x, out, Next(below)));
  }

  net::Loop loop;
  Workers workers{1};
  net::Client client{loop, workers, net::ClientLimits{}};
  json::Reader reader;
  LoopTools tools{loop, client, workers, reader};
  FakeRequest request;
  Exchange x;
  KeptAnswer out;
  Rest rest;
};

// A provider, and a route of its own with the deployments named.
inline std::unique_ptr<provider::Provider> make_provider(std::string name) {
  auto made = std::make_unique<provider::Provider>();
  made->name = std::move(name);
  made->origin.host = "127.0.0.1";
  made->base_path = "/v1";
  made->clients = {&dialect::openai::client()};
  return made;
}
inline std::unique_ptr<provider::Deployment> make_deployment(const provider::Provider& provider, std::string model,
                                                             std::uint32_t weight = 1) {
  auto made = std::make_unique<provider::Deployment>();
  made->name = provider.name + "/" + model;
  made->provider = &provider;
  made->model = std::move(model);
  made->weight = weight;
  return made;
}

}  // namespace sluice
