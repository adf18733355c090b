#include "app/drill/drill.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>

#include "app/drill/report.h"
#include "app/drill/traffic.h"
#include "app/remote/remote.h"
#include "app/say.h"
#include "base/text.h"
#include "sim/dom.h"

namespace sluice::app {

namespace {

using boost::json::object;
using sim::as_object;
using sim::list_in;
using sim::text_in;

constexpr Ms kAdminLimit{10'000};
constexpr std::size_t kMostStories = 100;

struct Drilled {
  std::vector<DrillSample> samples;
  std::vector<DrillStory> stories;
};

Task<Result<boost::json::value>> get(RemoteLoop& loop, const Remote& gateway, std::string path) {
  auto answer = co_await ask(loop, gateway, "GET", std::move(path), "", kAdminLimit);
  if (!answer) co_return fail_from(answer);
  if (answer->status != 200) co_return fail(FaultKind::kInvalidConfig, error_text(*answer));
  auto parsed = sim::parsed(answer->body);
  if (!parsed) co_return fail(FaultKind::kProviderProtocol, "The gateway's answer is not JSON.");
  co_return std::move(*parsed);
}

// The routes of their own that lead to the deployment; wildcards are no models to ask for. Fault: it is not there.
Result<std::vector<std::string>> routes_to(const boost::json::value& deployments, std::string_view name) {
  for (const auto& item : list_in(as_object(deployments), "deployments")) {
    const auto& deployment = as_object(item);
    if (text_in(deployment, "name") != name) continue;
    std::vector<std::string> routes;
    for (const auto& route : list_in(deployment, "routes")) {
      if (auto text = sim::text_of(&route); !text.ends_with('*')) routes.emplace_back(text);
    }
    return routes;
  }
  return fail(FaultKind::kInvalidConfig, fmt::format("the gateway has no deployment '{}'.", printable(name)));
}

Task<Status> choose_model(RemoteLoop& loop, const Remote& gateway, DrillPlan& plan) {
  auto deployments = co_await get(loop, gateway, "/admin/v1/deployments");
  if (!deployments) co_return fail_from(deployments);
  auto routes = routes_to(*deployments, plan.deployment);
  if (!routes) co_return fail_from(routes);
  if (plan.model.empty() && routes->size() == 1) plan.model = routes->front();
  if (!plan.model.empty()) co_return Status{};
  co_return fail(FaultKind::kInvalidConfig, fmt::format("{} routes lead to {}: name the model to ask for with --model.",
                                                        routes->size(), plan.deployment));
}

std::int64_t integer_in(const object& of, std::string_view key) {
  const auto* number = sim::number_in(of, key);
  return number && number->is_int64() ? number->get_int64() : 0;
}

DrillStory story_of(const object& x) {
  DrillStory story{.request_id = std::string(text_in(x, "request_id")),
                   .served = text_in(x, "outcome") == "ok",
                   .route = std::string(text_in(x, "route"))};
  for (const auto& candidate : list_in(x, "candidates")) story.candidates.emplace_back(sim::text_of(&candidate));
  for (const auto& item : list_in(x, "excluded")) {
    story.excluded.emplace_back(text_in(as_object(item), "deployment"), text_in(as_object(item), "reason"));
  }
  for (const auto& item : list_in(x, "tries")) {
    const auto& tried = as_object(item);
    story.tries.push_back({std::string(text_in(tried, "deployment")), std::string(text_in(tried, "outcome")),
                           integer_in(tried, "duration_us")});
  }
  return story;
}

// Of the exchanges since `last_before`, newest first: those of this model that were lost or tried more than once.
std::vector<DrillStory> stories_of(const boost::json::value& exchanges, const DrillPlan& plan,
                                   std::string_view last_before) {
  std::vector<DrillStory> stories;
  for (const auto& item : list_in(as_object(exchanges), "exchanges")) {
    const auto& x = as_object(item);
    if (text_in(x, "request_id") == last_before || stories.size() >= kMostStories) break;
    bool touched = text_in(x, "outcome") != "ok" || list_in(x, "tries").size() > 1;
    if (touched && text_in(x, "model_asked") == plan.model) stories.push_back(story_of(x));
  }
  return stories;
}

Task<Result<Drilled>> run(RemoteLoop& loop, const Remote& gateway, DrillPlan& plan) {
  auto allowed = co_await get(loop, gateway, "/admin/v1/faults");
  if (!allowed) co_return fail_from(allowed);
  if (auto chosen = co_await choose_model(loop, gateway, plan); !chosen) co_return fail_from(chosen);
  auto last = co_await get(loop, gateway, "/admin/v1/exchanges?limit=1");
  if (!last) co_return fail_from(last);
  const auto& before = list_in(as_object(*last), "exchanges");
  const std::string last_before(before.empty() ? "" : text_in(as_object(before.front()), "request_id"));

  DrillTraffic traffic(loop, gateway, plan);
  if (auto sent = co_await traffic.run(); !sent) co_return fail_from(sent);
  auto exchanges = co_await get(loop, gateway, "/admin/v1/exchanges?limit=1000");
  if (!exchanges) co_return fail_from(exchanges);
  co_return Drilled{traffic.samples(), stories_of(*exchanges, plan, last_before)};
}

int cannot(std::string_view why) {
  say(stderr, "sluice: {}\n", why);
  return 2;
}

int code_of(DrillVerdict::Result result) {
  switch (result) {
    case DrillVerdict::Result::kUnnoticed:
      return 0;
    case DrillVerdict::Result::kNoticed:
      return 1;
    case DrillVerdict::Result::kProvesNothing:
      return 2;
  }
  return 2;
}

}  // namespace

int drill(DrillOptions options) {
  auto gateway = remote_gateway(options.gateway, std::move(options.key));
  if (!gateway) return cannot(gateway.error().told);
  auto& plan = options.plan;
  RemoteLoop loop;
  auto drilled = loop.run(run(loop, *gateway, plan));
  if (!drilled) return cannot(drilled.error().told);
  auto verdict = judge(plan, drilled->samples, drilled->stories);
  auto markdown = drill_markdown(plan, verdict, drilled->samples);
  say("{}\n", options.print == DrillOptions::Print::kJson ? drill_json(plan, verdict) : markdown);
  if (!options.report.empty()) {
    std::ofstream file(options.report);
    file << markdown;
    file.close();
    if (!file) return cannot(fmt::format("cannot write '{}'", options.report));
  }
  return code_of(verdict.result);
}

}  // namespace sluice::app
