#include "stage/models/models.h"

#include <algorithm>

#include "base/text.h"

namespace sluice::stage {

namespace {

// Routes with a name of their own, names written out in the key's list that a wildcard or a provider serves, and what
// the team calls one of these.
std::vector<std::string_view> names_for(const Caller& caller, const provider::Routes& routes) {
  std::vector<std::string_view> names;
  for (const auto& route : routes.all()) {
    if (!route->name.ends_with('*') && caller.may_use(route->name)) names.push_back(route->name);
  }
  for (std::string_view name : caller.models) {
    bool listed = name.find('*') != std::string_view::npos || std::ranges::find(names, name) != names.end();
    if (!listed && caller.may_use(name) && routes.find(name)) names.push_back(name);
  }
  if (!caller.its_team) return names;
  for (const auto& [alias, name] : caller.its_team->aliases) {
    bool listed = std::ranges::find(names, alias) != names.end();
    if (!listed && caller.may_use(name) && routes.find(name)) names.emplace_back(alias);
  }
  return names;
}

Task<Status> answer(Sink& out, std::string body) {
  AnswerHead head;
  head.headers.add("content-type", "application/json");
  if (auto begun = co_await out.begin(std::move(head)); !begun) co_return begun;
  chat::Event event{chat::EventKind::kContent, body};
  co_return co_await out.push({&event, 1});
}

}  // namespace

Task<Status> Models::run(Exchange& x, Sink& out, Next) {
  if (!x.model_in_path.empty()) {
    const auto meant = x.caller->meant_by(x.model_in_path);
    bool there = routes_.find(meant).has_value() && x.caller->may_use(meant);
    if (!there) {
      co_return fail(Fault{.kind = FaultKind::kNotFound,
                           .told = "There is no model '" + printable(x.model_in_path) + "' for this key.",
                           .param = "model",
                           .code = "model_not_found"});
    }
    co_return co_await answer(out, x.server->write_model({x.model_in_path}));
  }
  std::vector<dialect::ModelEntry> entries;
  for (auto name : names_for(*x.caller, routes_)) entries.push_back({name});
  co_return co_await answer(out, x.server->write_models(entries));
}

}  // namespace sluice::stage
