#include "sim/responses/place.h"

#include <algorithm>

#include "base/text.h"
#include "http/url.h"
#include "sim/responses/errors.h"

namespace sluice::sim {

namespace {

struct Root {
  std::string_view path;
  Host host;
};
constexpr Root kRoots[] = {
    {"/v1/responses", Host::kOwn}, {"/openai/v1/responses", Host::kAzure}, {"/openai/responses", Host::kAzure}};

// An endpoint the simulator has not, and one that is of no response: neither is an id.
constexpr std::string_view kCompact = "compact";
constexpr std::string_view kInputTokens = "input_tokens";

// Where the paths that need a version begin.
constexpr std::string_view kVersioned = "/openai/responses";

std::string_view method_of(const Place& place) {
  if (place.endpoint == Endpoint::kResponses || place.endpoint == Endpoint::kCountTokens || place.action == "cancel")
    return "POST";
  return place.action == "DELETE" ? "DELETE" : "GET";
}

bool has_version(std::string_view query) {
  return std::ranges::any_of(split(query, '&'), [](auto piece) { return piece.starts_with("api-version="); });
}

}  // namespace

Place responses_place(const http::RequestHead& head) {
  std::string_view path = http::path_of(head.target);
  const Root* root = std::ranges::find_if(kRoots, [&](const Root& one) {
    return path == one.path || (path.starts_with(one.path) && path[one.path.size()] == '/');
  });
  if (root == std::end(kRoots)) return {};
  if (path == root->path) {
    return {.endpoint = Endpoint::kResponses,
            .host = root->host,
            .organization = std::string(head.headers.get("openai-organization").value_or(""))};
  }
  auto words = split(path.substr(root->path.size() + 1), '/');
  if (words.size() == 1 && words[0] == kInputTokens) return {.endpoint = Endpoint::kCountTokens, .host = root->host};
  bool named = !words[0].empty() && words[0] != kCompact && words[0] != kInputTokens;
  if (!named || words.size() > 2) return {};
  Place place{.endpoint = Endpoint::kStoredResponse,
              .host = root->host,
              .id = http::percent_decode(words[0]).value_or(""),
              .action = words.size() == 2 ? std::string(words[1]) : head.method,
              .query = std::string(http::query_of(head.target))};
  if (words.size() == 1) return place;
  if (place.action == "cancel") return place;
  if (place.action != "input_items") return {};
  place.endpoint = Endpoint::kStoredItems;
  return place;
}

std::optional<Answer> unserved_response(const http::RequestHead& head, const Place& place) {
  std::string path(http::path_of(head.target));
  if (path.starts_with(kVersioned) && !has_version(http::query_of(head.target))) {
    return refuse_with(404, R"({"error":{"code":"404","message":"Resource not found"}})");
  }
  std::string method(method_of(place));
  if (head.method == method) return std::nullopt;
  std::string message = "Not allowed to " + head.method + " on " + path + " (HINT: it takes " + method + ")";
  auto answer =
      refuse_with(405, response_error({.before = message, .path = "", .after = "", .code = "method_not_supported"}));
  answer.head.headers.add("allow", method);
  return answer;
}

}  // namespace sluice::sim
