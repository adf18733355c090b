#include "http/query.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/url.h"

namespace sluice::http {

namespace {

constexpr std::array<std::string_view, 3> kKeys{"key", "access_token", "oauth_token"};

}  // namespace

std::string without_keys(std::string_view query) {
  std::string left;
  for (auto pair : split(query, '&')) {
    const auto name = percent_decode(pair.substr(0, pair.find('=')));
    if (pair.empty() || (name && std::ranges::find(kKeys, std::string_view(*name)) != kKeys.end())) continue;
    if (!left.empty()) left += '&';
    left += pair;
  }
  return left;
}

}  // namespace sluice::http
