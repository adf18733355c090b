#include "stage/models/models.h"

#include <algorithm>

#include "base/text.h"

namespace sluice::stage {

namespace {

// Routes with a name of their own, and names written out in the key's list that a wildcard or a provider serves.
std::vector<std::string_view> names_for(const Caller& caller, const provider::Routes& routes) {
  std::vector<std::string_view> names;
  for (const auto& route : routes.all()) {
    if (!route->name.ends_with('*') && caller.may_use(route->name)) names.push_back(route->name);
  }
  for (std::string_view name : caller.models) {
    bool listed = name.find('*') != std::string_view::npos || std::ranges::find(names, name) != names.end();
    if (!listed && routes.find(name)) names.push_back(name);
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
    bool there = routes_.find(x.model_in_path).has_value() && x.caller->may_use(x.model_in_path);
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
