#include "http/query.h"

#include <algorithm>

#include "base/text.h"
#include "http/url.h"

namespace sluice::http {

namespace {

constexpr std::string_view kKeys[] = {
    "key",          "api_key",     "api-key",          "apikey",          "token",
    "access_token", "oauth_token", "x-amz-credential", "x-amz-signature", "x-amz-security-token"};

bool is_key(std::string_view name) {
  return std::ranges::any_of(kKeys, [&](std::string_view key) { return iequals(name, key); });
}

}  // namespace

std::string without_keys(std::string_view query) {
  std::string left;
  for (auto pair : split(query, '&')) {
    const auto name = percent_decode(pair.substr(0, pair.find('=')));
    if (pair.empty() || (name && is_key(*name))) continue;
    if (!left.empty()) left += '&';
    left += pair;
  }
  return left;
}

}  // namespace sluice::http
