// The whole gateway in this process, over real sockets, before simulated providers.
#include "app/runtime.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/journal/folder_test.h"
#include "sim/test_peer.h"

namespace sluice::app::runtime_test {
namespace {

constexpr std::string_view kMaster = "sk-sl-master-of-the-test";

class RuntimeTest : public ::testing::Test {
 protected:
  RuntimeTest() {
    ProviderConfig provider;
    provider.name = "sim";
    provider.type = "openai";
    provider.base_url = "http://127.0.0.1:" + std::to_string(sim_.port) + "/v1";
    provider.api_key = Secret("sk-provider");
    provider.proxy = Secret("none");
    config_.providers.push_back(provider);
    config_.models.push_back({.name = "fast", .deployments = {{.model = "sim/gpt-4o"}}});
    config_.listen = {"127.0.0.1", 0};
    config_.threads = 2;
    config_.drain = Ms(2000);
  }
  ~RuntimeTest() override { stop(); }

  std::unique_ptr<Runtime> make(const Config& config, std::string_view data = "data") {
    auto books = Books::open(folder_.file(data), config);
    EXPECT_TRUE(books) << books.error().told;
    return std::make_unique<Runtime>(
        config, Secret(std::string(kMaster)), [](std::string_view) { return std::nullopt; }, std::move(*books));
  }
  void start() {
    runtime_ = make(config_);
    auto port = runtime_->start();
    ASSERT_TRUE(port) << port.error().told;
    port_ = *port;
  }
  void stop() {
    if (!runtime_) return;
    runtime_->begin_drain();
    for (int i = 0; i < 800 && !runtime_->done(); ++i) std::this_thread::sleep_for(Ms(5));
    EXPECT_TRUE(runtime_->done());
    runtime_.reset();
  }

  sim::Seen ask(std::string_view method, std::string_view target, std::string_view body = "",
                std::string_view key = kMaster) {
    sim::TestPeer peer(port_);
    peer.request(method, target, body,
                 "content-type: application/json\r\nauthorization: Bearer " + std::string(key) + "\r\n");
    return peer.answer();
  }
  static std::string chat(std::string_view model) {
    return R"({"model":")" + std::string(model) + R"(","messages":[{"role":"user","content":"hello"}]})";
  }

  journal::Folder folder_;
  sim::TestSim sim_;
  Config config_;
  std::unique_ptr<Runtime> runtime_;
  std::uint16_t port_ = 0;
};

TEST_F(RuntimeTest, AnswersThroughARoute) {
  start();
  auto answer = ask("POST", "/v1/chat/completions", chat("fast"));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.headers["x-sluice-deployment"], "sim/gpt-4o");
  EXPECT_EQ(answer.headers["x-sluice-route"], "fast");
}

TEST_F(RuntimeTest, StreamsThroughARoute) {
  start();
  sim::TestPeer peer(port_);
  std::string body = R"({"model":"fast","stream":true,"messages":[{"role":"user","content":"hello"}]})";
  peer.request("POST", "/v1/chat/completions", body,
               "content-type: application/json\r\nauthorization: Bearer " + std::string(kMaster) + "\r\n");
  auto answer = peer.answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.complete);
  ASSERT_FALSE(answer.events().empty());
  EXPECT_EQ(answer.events().back(), "[DONE]");
}

TEST_F(RuntimeTest, OnlyTheOpenPathsNeedNoKey) {
  start();
  EXPECT_EQ(ask("GET", "/healthz", "", "wrong").status, 200);
  EXPECT_EQ(ask("GET", "/readyz", "", "wrong").status, 200);
  for (auto target : {"/metrics", "/v1/models", "/v1/models/fast", "/sim/v1/models", "/", "/admin"})
    EXPECT_EQ(ask("GET", target, "", "wrong").status, 401) << target;
  EXPECT_EQ(ask("POST", "/v1/chat/completions", chat("fast"), "wrong").status, 401);
}

TEST_F(RuntimeTest, CountsWhatItServed) {
  start();
  ask("POST", "/v1/chat/completions", chat("fast"));
  auto page = ask("GET", "/metrics");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find(R"(sluice_requests_total{operation="chat",route="fast",status="200"} 1)"), std::string::npos)
      << page.body;
  EXPECT_TRUE(page.body.ends_with("# EOF\n"));
}

TEST_F(RuntimeTest, AReloadIsForTheNextRequests) {
  start();
  EXPECT_EQ(ask("POST", "/v1/chat/completions", chat("new")).status, 404);
  auto changed = config_;
  changed.models.push_back({.name = "new", .deployments = {{.model = "sim/gpt-4o"}}});
  ASSERT_TRUE(runtime_->reload(changed));
  int status = 0;
  for (int i = 0; i < 100 && status != 200; ++i) status = ask("POST", "/v1/chat/completions", chat("new")).status;
  EXPECT_EQ(status, 200);
}

TEST_F(RuntimeTest, AReloadThatFailsChangesNothing) {
  start();
  auto broken = config_;
  broken.providers[0].base_url = "https://127.0.0.1:9";
  broken.providers[0].ca_file = "/no/such/file";
  EXPECT_FALSE(runtime_->reload(broken));
  EXPECT_EQ(ask("POST", "/v1/chat/completions", chat("fast")).status, 200);
}

TEST_F(RuntimeTest, ATakenPortIsAFault) {
  start();
  auto second = config_;
  second.listen.port = port_;
  auto port = make(second, "other")->start();
  ASSERT_FALSE(port);
  EXPECT_EQ(port.error().kind, FaultKind::kInvalidConfig);
}

TEST_F(RuntimeTest, ACertificateThatIsMissingIsAFault) {
  config_.tls_cert = "/no/such/cert.pem";
  config_.tls_key = "/no/such/key.pem";
  auto made = make(config_);
  Runtime& runtime = *made;
  EXPECT_FALSE(runtime.start());
}

TEST_F(RuntimeTest, DrainFinishesWhatIsInFlight) {
  start();
  sim::TestPeer peer(port_);
  peer.request("POST", "/sim/v1/chat/completions", chat("gpt-4o"),
               "content-type: application/json\r\nx-sim: {\"delay_ms\":300}\r\nauthorization: Bearer " +
                   std::string(kMaster) + "\r\n");
  std::this_thread::sleep_for(Ms(100));
  std::jthread stopping([&] { stop(); });
  auto answer = peer.answer();
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(answer.complete);
}

}  // namespace
}  // namespace sluice::app::runtime_test
