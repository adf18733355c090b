// Signs requests on a loop of its own; the test's thread plays token end points and metadata servers with raw sockets.
//
// Thread rule: the test's thread. Lifetime: signers are made before the first request and outlive the last.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "net/client_fixture_test.h"
#include "provider/sign/signer.h"

namespace sluice::provider {

// A directory that goes with its owner.
class TestFolder {
 public:
  TestFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-sign-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string write(std::string_view name, std::string_view text) const {
    auto file = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file.string();
  }

 private:
  std::string path_;
};

// 2026-11-22T10:11:12Z
inline const WallTime kTime = WallTime(std::chrono::seconds(1'795'342'272));
inline constexpr std::chrono::hours kHour{1};

// What became of a request.
struct Signed {
  Status status;
  http::RequestHead head;
  Ms took{0};

  std::string field(std::string_view name) const { return std::string(head.headers.get(name).value_or("")); }
};

inline Fault fault_of(const Signed& outcome) {
  EXPECT_FALSE(outcome.status) << outcome.field("authorization");
  return outcome.status ? Fault{} : outcome.status.error();
}

class SignTest : public net::ClientTest {
 protected:
  struct PendingSign {
    std::future<Signed> future;
    std::shared_ptr<Cancel> cancel;
    bool done(Ms within = Ms(0)) const { return future.wait_for(within) == std::future_status::ready; }
    Signed get() {
      if (done(Ms(20'000))) return future.get();
      ADD_FAILURE() << "the request was not signed";
      std::abort();  // the loop still holds it
    }
  };

  SignTest() { variables_["HOME"] = folder_.path(); }

  PendingSign sign(const Signer& signer, WallTime at = kTime, std::string body = "{}") {
    return sign_on(loop_, *client_, tasks_, signer, at, std::move(body));
  }
  PendingSign sign_on(net::Loop& loop, net::Client& client, TaskGroup& tasks, const Signer& signer, WallTime at,
                      std::string body = "{}") {
    auto promise = std::make_shared<std::promise<Signed>>();
    PendingSign pending{promise->get_future(), std::make_shared<Cancel>()};
    loop.post([this, &loop, &client, &tasks, &signer, at, body, promise, cancel = pending.cancel] {
      spawn(run_sign(loop, client, signer, at, body, promise, cancel), tasks);
    });
    return pending;
  }
  void leave(const PendingSign& pending) {
    loop_.post([cancel = pending.cancel] { cancel->cancel(Fault{.kind = FaultKind::kClientGone}); });
  }

  Surroundings surroundings() {
    Surroundings made;
    made.environment = [this](std::string_view name) -> std::optional<std::string> {
      auto found = variables_.find(name);
      return found == variables_.end() ? std::nullopt : std::optional(found->second);
    };
    made.origin = [](const http::Url& url) -> Result<net::Origin> {
      net::Origin origin;
      origin.host = url.host;
      origin.port = url.port;
      return origin;
    };
    return made;
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(listener_.port()); }

  std::string target_ = "/model/m/converse";
  TestFolder folder_;
  std::map<std::string, std::string, std::less<>> variables_;

 private:
  Task<void> run_sign(net::Loop& loop, net::Client& client, const Signer& signer, WallTime at, std::string body,
                      std::shared_ptr<std::promise<Signed>> promise, std::shared_ptr<Cancel> cancel) {
    Signed outcome;
    outcome.head = {"POST", target_, {}};
    const auto began = now();
    {
      SignTools tools{loop, client, *workers_, *cancel, at};
      const std::string_view piece = body;
      outcome.status = co_await signer.sign(outcome.head, {&piece, 1}, tools);
    }
    outcome.took = std::chrono::duration_cast<Ms>(now() - began);
    promise->set_value(std::move(outcome));
  }
};

}  // namespace sluice::provider
