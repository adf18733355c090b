#include "app/proxy.h"

#include <gtest/gtest.h>

#include <map>

namespace sluice::app::proxy_test {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

enum class Scheme { kHttp, kHttps };

// "host:port [authorization]" of the proxy in force, "direct", or the fault.
std::string proxy_for(Scheme scheme, const std::string& host, const std::string& setting, Variables variables) {
  net::Origin origin;
  origin.host = host;
  if (scheme == Scheme::kHttps) origin.tls = *net::ClientTls::load("");
  auto set = set_proxy(origin, Secret(setting), environment_of(std::move(variables)));
  if (!set) return "fault: " + set.error().told;
  if (origin.proxy_host.empty()) return "direct";
  auto text = origin.proxy_host + ":" + std::to_string(origin.proxy_port);
  return origin.proxy_authorization.empty() ? text : text + " " + origin.proxy_authorization;
}

TEST(Proxy, NoneIsUsedWhenNoneIsNamed) {
  EXPECT_EQ(proxy_for(Scheme::kHttps, "api.example", "", {}), "direct");
}

TEST(Proxy, FollowsTheVariableOfTheScheme) {
  Variables both{{"http_proxy", "http://plain:3128"}, {"https_proxy", "http://tunnel:3129"}};
  EXPECT_EQ(proxy_for(Scheme::kHttp, "api.example", "", both), "plain:3128");
  EXPECT_EQ(proxy_for(Scheme::kHttps, "api.example", "", both), "tunnel:3129");
  EXPECT_EQ(proxy_for(Scheme::kHttps, "api.example", "", {{"http_proxy", "http://plain:3128"}}), "direct");
}

TEST(Proxy, LowerCaseWinsAndCapitalsCount) {
  EXPECT_EQ(proxy_for(Scheme::kHttps, "h", "", {{"HTTPS_PROXY", "http://capital:1"}}), "capital:1");
  EXPECT_EQ(
      proxy_for(Scheme::kHttps, "h", "", {{"HTTPS_PROXY", "http://capital:1"}, {"https_proxy", "http://small:2"}}),
      "small:2");
  EXPECT_EQ(proxy_for(Scheme::kHttp, "h", "", {{"HTTP_PROXY", "http://capital:1"}}), "capital:1");
  EXPECT_EQ(proxy_for(Scheme::kHttps, "h", "", {{"https_proxy", ""}, {"HTTPS_PROXY", "http://capital:1"}}),
            "capital:1");
}

TEST(Proxy, AllProxyIsForBoth) {
  Variables all{{"ALL_PROXY", "http://all:8"}};
  EXPECT_EQ(proxy_for(Scheme::kHttp, "h", "", all), "all:8");
  EXPECT_EQ(proxy_for(Scheme::kHttps, "h", "", all), "all:8");
}

TEST(Proxy, NoProxyExempts) {
  Variables variables{{"https_proxy", "http://tunnel:3129"}, {"no_proxy", "localhost, .internal.example,127.0.0.1"}};
  EXPECT_EQ(proxy_for(Scheme::kHttps, "localhost", "", variables), "direct");
  EXPECT_EQ(proxy_for(Scheme::kHttps, "a.internal.example", "", variables), "direct");
  EXPECT_EQ(proxy_for(Scheme::kHttps, "api.example", "", variables), "tunnel:3129");
}

TEST(Proxy, TheProvidersOwnSettingWins) {
  Variables variables{{"https_proxy", "http://tunnel:3129"}, {"no_proxy", "*"}};
  EXPECT_EQ(proxy_for(Scheme::kHttps, "h", "http://own:7", variables), "own:7");
  EXPECT_EQ(proxy_for(Scheme::kHttps, "h", "none", {{"https_proxy", "http://tunnel:3129"}}), "direct");
}

TEST(Proxy, UserAndPasswordAreDecodedAndSent) {
  EXPECT_EQ(proxy_for(Scheme::kHttps, "h", "http://user:p%40ss@own:7", {}), "own:7 Basic dXNlcjpwQHNz");  // user:p@ss
  EXPECT_EQ(proxy_for(Scheme::kHttps, "h", "http://user@own:7", {}), "own:7 Basic dXNlcjo=");             // user:
}

TEST(Proxy, APasswordIsNeverTold) {
  for (auto setting : {"https://user:hunter2@own:7", "socks5://user:hunter2@own:7", "http://user:hunter2@own:port",
                       "user:hunter2@own"}) {
    auto told = proxy_for(Scheme::kHttps, "h", setting, {});
    EXPECT_TRUE(told.starts_with("fault: ")) << setting;
    EXPECT_EQ(told.find("hunter2"), std::string::npos) << told;
  }
}

TEST(NoProxy, Table) {
  EXPECT_TRUE(is_exempt("*", "any.example"));
  EXPECT_TRUE(is_exempt("example.com", "example.com"));
  EXPECT_TRUE(is_exempt("example.com", "api.EXAMPLE.com"));
  EXPECT_TRUE(is_exempt(".example.com", "example.com"));
  EXPECT_TRUE(is_exempt(" a.example , example.com ", "example.com"));
  EXPECT_TRUE(is_exempt("::1", "::1"));
  EXPECT_FALSE(is_exempt("example.com", "notexample.com"));
  EXPECT_FALSE(is_exempt("example.com", "example.com.evil"));
  EXPECT_FALSE(is_exempt("api.example.com", "example.com"));
  EXPECT_FALSE(is_exempt("", "example.com"));
  EXPECT_FALSE(is_exempt(",,.,", "example.com"));
  EXPECT_FALSE(is_exempt("com", "examplecom"));
  EXPECT_TRUE(is_exempt("*.example.com", "api.example.com"));
}

TEST(NoProxy, NetworksAndAddresses) {
  EXPECT_TRUE(is_exempt("127.0.0.0/8", "127.0.0.1"));
  EXPECT_TRUE(is_exempt("localhost, 10.0.0.0/8", "10.1.2.3"));
  EXPECT_TRUE(is_exempt("10.1.2.3/8", "10.9.9.9")) << "bits behind the prefix do not count";
  EXPECT_TRUE(is_exempt("192.168.1.7/32", "192.168.1.7"));
  EXPECT_TRUE(is_exempt("0.0.0.0/0", "8.8.8.8"));
  EXPECT_TRUE(is_exempt("fd00::/8", "fd12:3456::1"));
  EXPECT_TRUE(is_exempt("::1/128", "::1"));
  EXPECT_TRUE(is_exempt("[::1]", "::1"));
  EXPECT_TRUE(is_exempt("0:0:0:0:0:0:0:1", "::1")) << "one address, written another way";
  EXPECT_FALSE(is_exempt("10.0.0.0/8", "11.0.0.1"));
  EXPECT_FALSE(is_exempt("10.0.0.0/8", "fd00::1"));
  EXPECT_FALSE(is_exempt("::/0", "10.0.0.1"));
  EXPECT_FALSE(is_exempt("10.0.0.0/33", "10.0.0.1"));
  EXPECT_FALSE(is_exempt("10.0.0.0/", "10.0.0.1"));
  EXPECT_FALSE(is_exempt("10.0.0.0/8", "api.example")) << "names are not looked up";
  EXPECT_FALSE(is_exempt("10.0.0.0/8", "10.0.0.1.example"));
}

}  // namespace
}  // namespace sluice::app::proxy_test
