#include "ingress/place.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "http/message.h"
#include "http/url.h"

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

bool is_dot_segment(std::string_view segment) {
  auto decoded = http::percent_decode(segment);
  return !decoded || *decoded == "." || *decoded == ".." || decoded->find('/') != std::string::npos ||
         decoded->find('\\') != std::string::npos || decoded->find('\0') != std::string::npos;
}

// Model names hold slashes, also coded ones; for other paths a coded slash or a dot segment can only be meant to
// deceive.
Status check_path(std::string_view path) {
  bool plain = path.starts_with('/') && std::ranges::all_of(path, [](char c) { return c > 0x20 && c < 0x7f; });
  if (!plain)
    return fail(FaultKind::kInvalidRequest,
                "The request's path is not a path: it must begin with '/' and hold plain characters.");
  return {};
}

Status allow_only(std::string_view method, std::string_view allowed) {
  if (method == allowed || (method == "HEAD" && allowed == "GET")) return {};
  return fail(Fault{.kind = FaultKind::kMethodNotAllowed,
                    .told = fmt::format("The method {} is not possible here; use {}.", printable(method), allowed),
                    .code = std::string(allowed)});
}

Result<Place> passthrough(std::string_view path, std::string_view query) {
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
  if (!query.empty()) place.rest += "?" + std::string(query);
  return place;
}

}  // namespace

Result<Place> find_place(std::string_view method, std::string_view target) {
  auto path = http::path_of(target);
  if (auto checked = check_path(path); !checked) return fail_from(checked);

  auto allowed = [&](std::string_view wanted, Place place) -> Result<Place> {
    if (auto status = allow_only(method, wanted); !status) return fail_from(status);
    return place;
  };
  for (const auto& page : kOwnPages) {
    if (path == page.path) return allowed("GET", Place{page.kind, page.operation});
  }
  auto below = path.starts_with("/v1/") ? path.substr(3) : path;
  if (const auto* endpoint = dialect::openai::find_endpoint(below)) {
    return allowed("POST", Place{PlaceKind::kCall, endpoint->name, endpoint});
  }
  if (below == "/models") return allowed("GET", Place{PlaceKind::kModels, "models"});
  if (below.starts_with("/models/")) {
    auto model = http::percent_decode(below.substr(8));
    if (!model) return fail(FaultKind::kInvalidRequest, "The model's name in the path is not coded correctly.");
    Place place{PlaceKind::kModel, "models"};
    place.model = std::move(*model);
    return allowed("GET", std::move(place));
  }
  return passthrough(path, http::query_of(target));
}

}  // namespace sluice::ingress
