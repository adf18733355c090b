#include "net/address_rules.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice::net::address_rules_test {
namespace {

bool allows(const AddressRules& rules, const std::string& text) {
  std::array<std::uint8_t, 16> bytes{};
  const bool v6 = text.contains(':');
  EXPECT_EQ(::inet_pton(v6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data()), 1) << text;
  return rules.allows(AddressBytes(bytes).first(v6 ? 16 : 4));
}

std::vector<Network> networks(std::initializer_list<std::string_view> texts) {
  std::vector<Network> result;
  for (auto text : texts) result.push_back(parse_network(text).value());
  return result;
}

TEST(AddressRules, RefuseWhatIsNotThePublicInternet) {
  const AddressRules rules({});
  // The first and the last address of each range.
  for (auto text : {"0.0.0.0",         "0.255.255.255",   "10.0.0.0",        "10.255.255.255",  "100.64.0.0",
                    "100.127.255.255", "100.100.100.200", "127.0.0.0",       "127.0.0.1",       "127.255.255.255",
                    "168.63.129.16",   "169.254.0.0",     "169.254.169.254", "169.254.170.2",   "169.254.255.255",
                    "172.16.0.0",      "172.31.255.255",  "192.0.0.0",       "192.0.0.192",     "192.0.0.255",
                    "192.0.2.0",       "192.0.2.255",     "192.88.99.0",     "192.88.99.255",   "192.168.0.0",
                    "192.168.255.255", "198.18.0.0",      "198.19.255.255",  "198.51.100.0",    "198.51.100.255",
                    "203.0.113.0",     "203.0.113.255",   "224.0.0.0",       "239.255.255.255", "240.0.0.0",
                    "255.255.255.255"}) {
    EXPECT_FALSE(allows(rules, text)) << text;
  }
  for (auto text : {"::",
                    "::1",
                    "::7f00:1",               // an IPv4 address in the oldest form
                    "::ffff:127.0.0.1",       // mapped
                    "::ffff:8.8.8.8",         // mapped, though public
                    "::ffff:0:127.0.0.1",     // translated
                    "64:ff9b::7f00:1",        // NAT64
                    "64:ff9b::808:808",       // NAT64, though public
                    "64:ff9b:1::1",           // NAT64 of one's own
                    "100::1",                 // discard
                    "1fff:ffff::1",           // nobody's
                    "2001::1",                // Teredo
                    "2001:2::1",              // benchmarks
                    "2001:10::1",             // ORCHID
                    "2001:1ff:ffff::1",       // the last of the protocol assignments
                    "2001:db8::1",            // documentation
                    "2001:db8:ffff:ffff::1",  //
                    "2002:7f00:1::1",         // 6to4 of 127.0.0.1
                    "2002:808:808::1",        // 6to4, though public
                    "2002:ffff::1",           //
                    "3fff::1",                // documentation
                    "3fff:fff:ffff::1",       //
                    "4000::1",                // nobody's
                    "5f00::1",                // segment routing
                    "fc00::1",                // private
                    "fd00::1",                //
                    "fd00:ec2::254",          // AWS's metadata
                    "fdff:ffff::1",           //
                    "fe80::1",                // link-local
                    "febf:ffff::1",           //
                    "fec0::1",                // site-local
                    "feff:ffff::1",           //
                    "ff00::1",                // multicast
                    "ff02::1",                //
                    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
    EXPECT_FALSE(allows(rules, text)) << text;
  }
}

TEST(AddressRules, AllowThePublicInternetUpToTheEdges) {
  const AddressRules rules({});
  for (auto text : {"1.0.0.0",       "8.8.8.8",         "9.255.255.255",   "11.0.0.0",      "100.63.255.255",
                    "100.128.0.0",   "126.255.255.255", "128.0.0.0",       "168.63.129.15", "168.63.129.17",
                    "169.253.0.1",   "169.255.0.0",     "172.15.255.255",  "172.32.0.0",    "191.255.255.255",
                    "192.0.1.0",     "192.0.3.0",       "192.88.98.255",   "192.88.100.0",  "192.167.255.255",
                    "192.169.0.0",   "198.17.255.255",  "198.20.0.0",      "198.51.99.255", "198.51.101.0",
                    "203.0.112.255", "203.0.114.0",     "223.255.255.255", "2000::1",       "2001:200::1",
                    "2001:db7::1",   "2001:db9::1",     "2001:ffff::1",    "2003::1",       "2606:4700:4700::1111",
                    "2a00:1450::1",  "3ffe::1",         "3fff:1000::1"}) {
    EXPECT_TRUE(allows(rules, text)) << text;
  }
}

TEST(AddressRules, AllowNetworksThatWereListedAndNoMore) {
  const AddressRules rules(networks({"10.1.0.0/16", "127.0.0.1", "fd00:1::/32"}));
  EXPECT_TRUE(allows(rules, "10.1.0.0"));
  EXPECT_TRUE(allows(rules, "10.1.255.255"));
  EXPECT_FALSE(allows(rules, "10.2.0.0"));
  EXPECT_TRUE(allows(rules, "127.0.0.1"));
  EXPECT_FALSE(allows(rules, "127.0.0.2"));
  EXPECT_FALSE(allows(rules, "::ffff:127.0.0.1"));
  EXPECT_TRUE(allows(rules, "fd00:1::5"));
  EXPECT_FALSE(allows(rules, "fd00:2::5"));
  EXPECT_TRUE(allows(AddressRules(networks({"0.0.0.0/0"})), "10.0.0.1"));
  EXPECT_FALSE(allows(AddressRules(networks({"0.0.0.0/0"})), "::1"));
}

TEST(AddressRules, RefuseWhatIsNoAddress) {
  const std::array<std::uint8_t, 5> five{8, 8, 8, 8, 8};
  EXPECT_FALSE(AddressRules({}).allows(five));
  EXPECT_FALSE(AddressRules({}).allows({}));
}

TEST(Network, OfMappedAddressesIsOneOfIPv4) {
  auto text = [](std::string_view network) {
    const auto made = unmapped(*parse_network(network));
    return std::to_string(made.size) + "/" + std::to_string(made.prefix) + " " + std::to_string(made.bytes[0]) + "." +
           std::to_string(made.bytes[3]);
  };
  EXPECT_EQ(text("::ffff:10.0.0.0/104"), "4/8 10.0");
  EXPECT_EQ(text("::ffff:10.1.2.3"), "4/32 10.3");
  EXPECT_EQ(text("::ffff:0:0/96"), "4/0 0.0");
  EXPECT_EQ(text("10.1.2.3"), "4/32 10.3");
  EXPECT_EQ(text("::/0"), "16/0 0.0");
  EXPECT_EQ(text("fd00::/8"), "16/8 253.0");
}

TEST(Network, IsReadStrictly) {
  EXPECT_EQ(parse_network("10.0.0.0/8")->prefix, 8U);
  EXPECT_EQ(parse_network("10.0.0.1")->prefix, 32U);
  EXPECT_EQ(parse_network("fd00::/8")->size, 16U);
  EXPECT_EQ(parse_network("::/0")->prefix, 0U);
  for (auto text : {"", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "10.0.0/8", "010.0.0.0/8", "10.0.0.0/8 ",
                    "fd00::/129", "fd00::1/8", "fe80::1%eth0", "localhost", "10.0.0.0/-1", "10.0.0.0/8/8", "*"}) {
    EXPECT_FALSE(parse_network(text)) << text;
  }
}

}  // namespace
}  // namespace sluice::net::address_rules_test
