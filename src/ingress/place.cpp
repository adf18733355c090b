#include "ingress/place.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "http/message.h"
#include "http/query.h"
#include "http/url.h"
#include "ingress/own_pages.h"

namespace sluice::ingress {

namespace {

struct OwnPage {
  std::string_view path;
  PlaceKind kind;
  std::string_view operation;
};
constexpr OwnPage kOwnPages[] = {
    {"/healthz", PlaceKind::kHealth, "healthz"},
    {"/readyz", PlaceKind::kReady, "readyz"},
    {"/metrics", PlaceKind::kMetrics, "metrics"},
};

bool is_admin(std::string_view path) {
  constexpr std::string_view kRoot = "/admin/v1";
  return path.starts_with(kRoot) && (path.size() == kRoot.size() || path[kRoot.size()] == '/');
}

bool is_dot_segment(std::string_view segment) {
  auto decoded = http::percent_decode(segment);
  return !decoded || *decoded == "." || *decoded == ".." || decoded->find('/') != std::string::npos ||
         decoded->find('\\') != std::string::npos || decoded->find('\0') != std::string::npos;
}

// Model names hold slashes, also coded ones; for other paths a coded slash or a dot segment can only be meant to
// deceive.
Status check_path(std::string_view path) {
  bool plain = path.starts_with('/') && is_printable(path, path.size()) && !path.contains(' ');
  if (!plain)
    return fail(FaultKind::kInvalidRequest,
                "The request's path is not a path: it must begin with '/' and hold plain characters.");
  return {};
}

Failure not_possible(std::string_view method, std::string_view allowed) {
  return fail(Fault{.kind = FaultKind::kMethodNotAllowed,
                    .told = fmt::format("The method {} is not possible here; use {}.", printable(method), allowed),
                    .code = std::string(allowed)});
}

Status allow_only(std::string_view method, std::string_view allowed) {
  if (method == allowed || (method == "HEAD" && allowed == "GET")) return {};
  return not_possible(method, allowed);
}

// What a provider's own API is asked by. TRACE is not among them: who honours it shows the provider's key to the
// caller.
constexpr std::string_view kPassedMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};

Failure never_passed(std::string_view method) {
  return not_possible(method, fmt::format("{}", fmt::join(kPassedMethods, ", ")));
}

Result<Place> passthrough(std::string_view method, std::string_view path, std::string_view query) {
  if (std::ranges::find(kPassedMethods, method) == std::end(kPassedMethods)) return never_passed(method);
  auto behind = path.substr(1);
  auto slash = std::min(behind.find('/'), behind.size());
  Place place{PlaceKind::kPassthrough, "passthrough"};
  place.provider = behind.substr(0, slash);
  place.rest = behind.substr(slash);
  for (auto segment : split(place.rest, '/')) {
    if (is_dot_segment(segment)) {
      return fail(FaultKind::kInvalidRequest, "The request's path holds a dot segment or a coded slash.");
    }
  }
  if (place.rest.empty()) place.rest = "/";
  if (const auto left = http::without_keys(query); !left.empty()) place.rest += "?" + left;
  return place;
}

// Where a dialect lists its models.
struct ModelsPath {
  const dialect::Server* server = nullptr;  // null: the path is none
  std::string_view model;                   // of one of them, coded; empty: the list
};

// What is behind a colon is a verb in Gemini's API, where something is posted, and a part of the name else.
ModelsPath models_path(std::string_view method, std::string_view path) {
  const bool has_verbs = method == "POST";
  for (const dialect::Server* server : dialect::servers()) {
    for (std::string_view version : server->versions()) {
      for (std::string_view base : {std::string_view(), server->sdk_base()}) {
        auto below = path;
        if (!below.starts_with(base)) continue;
        below.remove_prefix(base.size());
        if (!below.starts_with(version)) continue;
        below.remove_prefix(version.size());
        if (below == "/models") return {.server = server, .model = {}};
        if (!below.starts_with("/models/") || (has_verbs && below.contains(':'))) continue;
        return {.server = server, .model = below.substr(8)};
      }
    }
  }
  return {};
}

Result<Place> models_place(const ModelsPath& path) {
  if (path.model.empty()) return Place{PlaceKind::kModels, "models"};
  auto model = http::percent_decode(path.model);
  if (!model) return fail(FaultKind::kInvalidRequest, "The model's name in the path is not coded correctly.");
  Place place{PlaceKind::kModel, "models"};
  place.model = std::move(*model);
  return place;
}

}  // namespace

const dialect::Server& server_of(const http::RequestHead& head) {
  const auto path = http::path_of(head.target);
  if (is_admin(path)) return own_pages();
  // Several dialects have the list of models in one place.
  const auto* of_list = models_path(head.method, path).server;
  const auto* of_path = of_list ? nullptr : dialect::server_of_path(path);
  if (of_path) return *of_path;
  if (const auto* of_fields = dialect::server_of_fields(head.headers)) return *of_fields;
  return of_list ? *of_list : *dialect::servers().front();
}

Result<Place> find_place(std::string_view method, std::string_view target) {
  auto path = http::path_of(target);
  // Its target is no path but a host with a port.
  if (method == "CONNECT" && !path.starts_with('/')) return never_passed(method);
  if (auto checked = check_path(path); !checked) return fail_from(checked);

  auto allowed = [&](std::string_view wanted, Place place) -> Result<Place> {
    if (auto status = allow_only(method, wanted); !status) return fail_from(status);
    return place;
  };
  for (const auto& page : kOwnPages) {
    if (path == page.path) return allowed("GET", Place{page.kind, page.operation});
  }
  if (is_admin(path)) return Place{PlaceKind::kAdmin, "admin"};
  auto found = dialect::find_endpoint(method, path, http::query_of(target), dialect::servers());
  if (found.endpoint) {
    Place place{PlaceKind::kCall, found.endpoint->name, found.server, found.endpoint, found.match};
    if (!found.sdk_base.empty()) place.sdk_provider = found.sdk_base.substr(1);
    return place;
  }
  if (!found.allowed.empty()) {
    if (auto status = allow_only(method, found.allowed); !status) return fail_from(status);
  }
  if (const auto models = models_path(method, path); models.server) {
    auto place = models_place(models);
    if (!place) return place;
    return allowed("GET", std::move(*place));
  }
  return passthrough(method, path, http::query_of(target));
}

}  // namespace sluice::ingress
