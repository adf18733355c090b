#include "admin/api.h"

#include <fmt/format.h>

#include "admin/deployments.h"
#include "admin/exchanges.h"
#include "admin/faults.h"
#include "admin/openapi.h"
#include "admin/recompute.h"
#include "admin/report.h"
#include "base/text.h"
#include "http/url.h"

namespace sluice::admin {

namespace {

constexpr std::string_view kRoot = "/admin/v1";

constexpr Operation kOperations[] = {
    {"GET", "/openapi.json", get_openapi},
    {"GET", "/deployments", list_deployments},
    {"PUT", "/deployments/{name}/hold", hold_deployment},
    {"GET", "/exchanges", list_exchanges},
    {"GET", "/exchanges/{request_id}", get_exchange},
    {"GET", "/report", get_report},
    {"POST", "/prices/recompute", recompute_prices},
    {"GET", "/faults", list_faults},
    {"PUT", "/faults", put_fault},
    {"DELETE", "/faults", delete_faults},
};

// What stands for the {parameter} of a path; empty for one without; nothing when the path is another one.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  auto open = pattern.find('{');
  if (open == std::string_view::npos) return pattern == path ? std::optional(std::string_view()) : std::nullopt;
  auto before = pattern.substr(0, open);
  auto after = pattern.substr(pattern.find('}') + 1);
  bool fits = path.size() > before.size() + after.size() && path.starts_with(before) && path.ends_with(after);
  if (!fits) return std::nullopt;
  return path.substr(before.size(), path.size() - before.size() - after.size());
}

struct Found {
  const Operation* operation = nullptr;
  std::string parameter;
};

Result<Found> find(std::string_view method, std::string_view path) {
  std::string allowed;
  for (const auto& operation : kOperations) {
    auto parameter = match(operation.path, path);
    if (!parameter) continue;
    bool same = method == operation.method || (method == "HEAD" && operation.method == "GET");
    if (!same) {
      allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", operation.method);
      continue;
    }
    auto decoded = http::percent_decode(*parameter);
    if (!decoded) return invalid("", "The request's path is not coded correctly.");
    return Found{&operation, std::move(*decoded)};
  }
  if (allowed.empty()) {
    return not_found("", fmt::format("There is no such page: {}{}. GET {}/openapi.json tells what there is.", kRoot,
                                     printable(path), kRoot));
  }
  return fail(Fault{.kind = FaultKind::kMethodNotAllowed,
                    .told = fmt::format("The method {} is not possible here; use {}.", printable(method), allowed),
                    .code = allowed});
}

}  // namespace

std::span<const Operation> operations() {
  return kOperations;
}

Task<Status> Api::run(Exchange& x, Sink& out, Next) {
  const auto& head = x.request.head();
  auto found = find(head.method, http::path_of(head.target).substr(kRoot.size()));
  if (!found) co_return fail_from(found);
  auto body = co_await x.request.body();
  if (!body) co_return fail_from(body);
  Ask ask{std::move(found->parameter), http::query_of(head.target), *body};
  Result<std::string> answer;
  co_await net::offload(x.tools.loop, x.tools.workers, [&] { answer = found->operation->act(tools_, ask); });
  if (!answer) co_return fail_from(answer);
  AnswerHead answered;
  answered.headers.add("content-type", "application/json");
  answered.headers.add("cache-control", "no-store");
  if (auto begun = co_await out.begin(std::move(answered)); !begun) co_return begun;
  chat::Event event{chat::EventKind::kContent, *answer, {}};
  co_return co_await out.push({&event, 1});
}

}  // namespace sluice::admin
