// A running gateway as commands see it: asked over HTTP with a key, by a loop of the command's own.
//
// Thread rule: one thread. Ownership: a RemoteLoop owns what its tasks need and outlives them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/workers.h"
#include "http/message.h"
#include "net/client.h"
#include "net/loop.h"

namespace sluice::app {

struct Remote {
  net::Origin origin;
  std::string base_path;  // of the URL, without a slash at its end
  Secret key;
};

// "http://127.0.0.1:8080", "https://gateway.example/below". Faults: kInvalidConfig, told for the command line.
Result<Remote> remote_gateway(std::string_view url, Secret key);

struct RemoteAnswer {
  int status = 0;
  http::Headers headers;
  std::string body;
};

class RemoteLoop {
 public:
  RemoteLoop() : resolvers_(2, Workers::AtEnd::kDrop), client_(loop_, resolvers_, net::ClientLimits{}) {}
  RemoteLoop(const RemoteLoop&) = delete;
  RemoteLoop& operator=(const RemoteLoop&) = delete;

  net::Loop& loop() { return loop_; }
  net::Client& client() { return client_; }

  // Runs the task to its end. May be called once.
  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    TaskGroup group;
    auto all = [&]() -> Task<void> {
      result.emplace(co_await task);
      client_.close_idle();
      // What closing has queued runs before the loop stops.
      loop_.post([this] { loop_.post([this] { loop_.stop(); }); });
    };
    loop_.post([&] { spawn(all(), group); });
    loop_.run();
    return std::move(*result);
  }

 private:
  net::Loop loop_;
  Workers resolvers_;
  net::Client client_;
};

// One question, answered within the limit. `path` is below the gateway's URL. Faults: those of net::Client::call and
// Call::read; kTooLarge for an answer of more than 64 MiB.
Task<Result<RemoteAnswer>> ask(RemoteLoop& loop, const Remote& gateway, std::string method, std::string path,
                               std::string body, Ms limit);

// What an answer with an error status of the administrator's API says, in a sentence.
std::string error_text(const RemoteAnswer& answer);

}  // namespace sluice::app
