#include "net/fetch.h"

#include <atomic>
#include <latch>
#include <map>
#include <mutex>

#include "net/client_fixture_test.h"

namespace sluice::net::fetch_test {
namespace {

const std::string kPng = "\x89PNG\r\n\x1a\n and what an image holds";

class FetchTest : public ClientTest {
 protected:
  FetchTest() {
    look_up_ = [this](const std::string& name) { return answer(name); };
    workers_ = std::make_unique<Workers>(4);
    allow("127.0.0.1/32");
    rules_.hosts = {"*:*"};
    rules_.timeout = Ms(3000);
  }

  void allow(std::string_view network) {
    rules_.addresses = std::make_shared<const AddressRules>(std::vector{parse_network(network).value()});
  }
  std::string at(std::string_view host, std::string_view path = "/") const {
    return "http://" + std::string(host) + ":" + std::to_string(listener_.port()) + std::string(path);
  }

  std::future<Result<Fetched>> fetch(std::string url) {
    auto promise = std::make_shared<std::promise<Result<Fetched>>>();
    loop_.post([this, promise, url] { spawn(run_fetch(promise, url), tasks_); });
    return promise->get_future();
  }
  Task<void> run_fetch(std::shared_ptr<std::promise<Result<Fetched>>> promise, std::string url) {
    Cancel cancel;
    Fetch one(*client_, rules_, cancel);
    auto fetched = co_await one.get(url);
    promise->set_value(std::move(fetched));
  }
  // Why it is refused; its bytes when it is not.
  static std::string told(std::future<Result<Fetched>> future) {
    auto fetched = future.get();
    return fetched ? fetched->bytes : fetched.error().told;
  }
  // What becomes of an answer with these bytes.
  std::string told_of(std::string_view answered) {
    auto future = fetch(at("127.0.0.1"));
    auto peer = listener_.accept();
    peer.read_head();
    peer.send(answered);
    peer.close();
    return told(std::move(future));
  }

  std::vector<std::string> answer(const std::string& name) {
    std::lock_guard lock(mutex_);
    ++looked_up_[name];
    auto& answers = names_[name];
    if (answers.empty()) return {};
    auto first = answers.front();
    if (answers.size() > 1) answers.erase(answers.begin());
    return first;
  }
  int looked_up(const std::string& name) {
    std::lock_guard lock(mutex_);
    return looked_up_[name];
  }

  FetchRules rules_;
  std::mutex mutex_;
  // What each look-up of a name finds; the last one for all that follow.
  std::map<std::string, std::vector<std::vector<std::string>>> names_;
  std::map<std::string, int> looked_up_;
};

constexpr std::string_view kOutOfReach =
    "has an address that cannot be reached: its host is not known, does not answer, or is not public";
constexpr std::string_view kUnreadable = "has an address whose answer breaks off or cannot be read";
constexpr std::string_view kNoMedium = "has an address where neither an image (PNG, JPEG, GIF, WebP) nor a PDF is";

TEST_F(FetchTest, BringsAnImageAndSendsNothingOfOurs) {
  start();
  names_["a.test"] = {{"127.0.0.1"}};
  auto future = fetch(at("A.test", "/b%20c.png?d#e"));
  auto peer = listener_.accept();
  EXPECT_EQ(peer.read_head(), "GET /b%20c.png?d HTTP/1.1\r\nHost: a.test:" + std::to_string(listener_.port()) +
                                  "\r\naccept: image/png, image/jpeg, image/gif, image/webp, application/pdf\r\n"
                                  "accept-encoding: identity\r\nuser-agent: Sluice/" SLUICE_VERSION
                                  "\r\nconnection: close\r\n\r\n");
  peer.send(answer_with(kPng, "Content-Type: application/octet-stream\r\n"));
  auto fetched = future.get();
  ASSERT_TRUE(fetched) << fetched.error().told;
  EXPECT_EQ(fetched->type, "image/png");
  EXPECT_EQ(fetched->bytes, kPng);
  EXPECT_TRUE(eventually([&] { return gauges().open == 0; }));  // no connection is kept
}

TEST_F(FetchTest, ConnectsToTheAddressThatWasChecked) {
  start();
  names_["mixed.test"] = {{"10.0.0.1", "::1", "127.0.0.1", "169.254.169.254"}};
  auto future = fetch(at("mixed.test"));
  auto peer = listener_.accept();
  peer.read_head();
  peer.send(answer_with(kPng));
  EXPECT_EQ(told(std::move(future)), kPng);
  EXPECT_EQ(looked_up("mixed.test"), 1);
}

TEST_F(FetchTest, ANameThatChangesItsAddressIsCheckedAnew) {
  start();
  names_["rebound.test"] = {{"127.0.0.1"}, {"127.0.0.2"}};
  auto future = fetch(at("rebound.test"));
  auto peer = listener_.accept();
  peer.read_head();
  peer.send("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(told(std::move(future)), kOutOfReach);
  EXPECT_EQ(looked_up("rebound.test"), 2);
  EXPECT_EQ(told(fetch(at("rebound.test"))), kOutOfReach);
  EXPECT_EQ(looked_up("rebound.test"), 3);
}

TEST_F(FetchTest, EveryRedirectIsCheckedLikeTheFirst) {
  start();
  for (auto location : {"http://169.254.169.254/latest/meta-data/", "http://127.0.0.2/", "//10.0.0.1/",
                        "http://[::ffff:127.0.0.1]/", "http://[::1]/", "http://metadata.test/"}) {
    EXPECT_EQ(told_of("HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\nLocation: " + std::string(location) +
                      "\r\n\r\n"),
              kOutOfReach)
        << location;
  }
  EXPECT_EQ(told_of("HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: file:///etc/passwd\r\n\r\n"),
            "has an address that is no http or https URL");
  EXPECT_EQ(told_of("HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: http://a:b@127.0.0.1/\r\n\r\n"),
            "has an address that holds a user name or password");
  EXPECT_EQ(told_of("HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n"), "has an address that redirects to nowhere");
}

TEST_F(FetchTest, RedirectsEnd) {
  start();
  auto future = fetch(at("127.0.0.1"));
  for (int i = 0; i < 4; ++i) {
    auto peer = listener_.accept();
    EXPECT_TRUE(peer.read_head().starts_with(i == 0 ? "GET / " : "GET /next "));
    peer.send("HTTP/1.1 303 See Other\r\nLocation: next\r\nContent-Length: 0\r\n\r\n");
  }
  EXPECT_EQ(told(std::move(future)), "has an address that redirects more than 3 times");
}

TEST_F(FetchTest, NoSpellingOfAnAddressGetsPastTheRules) {
  look_up_ = {};  // the system's resolver, which reads them all
  allow("192.0.2.0/24");
  start();
  for (auto host : {"127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "[::1]",
                    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "127.0.0.1."}) {
    EXPECT_EQ(told(fetch(at(host))), kOutOfReach) << host;
  }
  EXPECT_FALSE(listener_.is_called(Ms(50)));
}

TEST_F(FetchTest, TellsTypesByTheBytes) {
  start();
  EXPECT_EQ(told_of(answer_with("<html>no image</html>", "Content-Type: image/png\r\n")), kNoMedium);
  EXPECT_EQ(told_of(answer_with(kPng, "Content-Type: text/html\r\n")), kNoMedium);
  EXPECT_EQ(told_of(answer_with("\x89PNG")), kNoMedium);
  EXPECT_EQ(told_of(answer_with("")), kNoMedium);
  EXPECT_EQ(told_of(answer_with("GIF89a")), "GIF89a");
  EXPECT_EQ(told_of("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
            "has an address that answers with status 404");
  EXPECT_EQ(told_of("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + kPng), kUnreadable);
  EXPECT_EQ(told_of("no HTTP"), kUnreadable);
}

TEST_F(FetchTest, RefusesWhatIsCodedThoughPlainBytesWereAsked) {
  start();
  EXPECT_EQ(told_of(answer_with(kPng, "Content-Encoding: gzip\r\n")), kUnreadable);
  EXPECT_EQ(told_of(answer_with(kPng, "Content-Encoding: identity\r\n")), kPng);
}

TEST_F(FetchTest, StopsAtTheLimit) {
  rules_.max_bytes = 100;
  start();
  constexpr std::string_view kTooLarge = "is larger than what may be fetched for a request, 100B (fetch.max_bytes)";
  EXPECT_EQ(told_of(answer_with(kPng + std::string(100, 'x'))), kTooLarge);
  const std::string chunk = kPng + std::string(255 - kPng.size(), 'x');
  EXPECT_EQ(told_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + chunk + "\r\n0\r\n\r\n"),
            kTooLarge);
  EXPECT_EQ(told_of("HTTP/1.1 200 OK\r\n\r\n" + kPng + std::string(200, 'x')), kTooLarge);
  const std::string fits = kPng + std::string(100 - kPng.size(), 'x');
  EXPECT_EQ(told_of(answer_with(fits)), fits);
}

TEST_F(FetchTest, AsksListedHostsOnly) {
  names_["a.test"] = names_["b.a.test"] = {{"127.0.0.1"}};
  const auto port = std::to_string(listener_.port());
  start();
  auto allowed = [&](std::vector<std::string> hosts, std::string url) {
    on_loop([&] { rules_.hosts = std::move(hosts); });
    return told(fetch(std::move(url))) != "has an address whose host or port is not allowed";
  };
  allow("192.0.2.0/24");  // nothing is connected to
  EXPECT_TRUE(allowed({}, "https://a.test/"));
  EXPECT_TRUE(allowed({}, "http://a.test:443/"));
  EXPECT_FALSE(allowed({}, "http://a.test:8080/"));
  EXPECT_FALSE(allowed({}, at("a.test")));
  EXPECT_TRUE(allowed({"a.test:" + port}, at("a.test")));
  EXPECT_FALSE(allowed({"a.test"}, at("a.test")));
  EXPECT_FALSE(allowed({"a.test:" + port}, "http://a.test/"));
  EXPECT_TRUE(allowed({"*.a.test"}, "http://b.a.test/"));
  EXPECT_FALSE(allowed({"*.a.test"}, "http://a.test/"));
  EXPECT_FALSE(allowed({"*.a.test"}, "http://b.a.test.evil.test/"));
  EXPECT_TRUE(allowed({"[::1]"}, "http://[::1]/"));
  EXPECT_FALSE(allowed({"[::1]"}, "http://[::1]:8080/"));
  EXPECT_TRUE(allowed({"[::1]:8080"}, "http://[::1]:8080/"));
}

TEST_F(FetchTest, SlowNamesTakeTwoWorkersAndWaitForEachOther) {
  std::latch release(1);
  std::atomic<int> asked = 0;
  look_up_ = [&](const std::string& name) -> std::vector<std::string> {
    if (!name.starts_with("slow")) return {"127.0.0.1"};
    ++asked;
    release.wait();
    return {};
  };
  start();
  std::vector<std::future<Result<Fetched>>> slow;
  for (int i = 0; i < 5; ++i) slow.push_back(fetch(at("slow" + std::to_string(i) + ".test")));
  EXPECT_TRUE(eventually([&] { return asked == 2; }));
  // A provider's name is looked up meanwhile.
  origin_.host = "provider.test";
  auto call = begin();
  auto peer = listener_.accept();
  peer.read_message();
  peer.send(answer_with("done"));
  EXPECT_EQ(call.get().body, "done");
  EXPECT_EQ(asked, 2);
  release.count_down();
  for (auto& one : slow) EXPECT_EQ(told(std::move(one)), kOutOfReach);
  EXPECT_EQ(asked, 5);
}

TEST(FetchHosts, MistakesAreTold) {
  EXPECT_EQ(fetch_host_mistake("*.example.com"), "");
  EXPECT_EQ(fetch_host_mistake("127.0.0.1:*"), "");
  EXPECT_EQ(fetch_host_mistake("[::1]:8080"), "");
  EXPECT_EQ(fetch_host_mistake("https://a.test"), "expected a host, not a URL");
  EXPECT_EQ(fetch_host_mistake("a.test/b"), "expected a host without a path");
  EXPECT_EQ(fetch_host_mistake("u@a.test"), "expected a host without a user name");
  EXPECT_EQ(fetch_host_mistake("a b"), "holds a character that a host cannot hold");
}

}  // namespace
}  // namespace sluice::net::fetch_test
