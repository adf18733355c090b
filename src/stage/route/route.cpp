#include "stage/route/route.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "base/time_text.h"
#include "dialect/prompt.h"
#include "exchange/fallbacks.h"
#include "exchange/required_tags.h"
#include "exchange/tag_rules.h"
#include "exchange/usage_row.h"
#include "exchange/with_reader.h"
#include "http/url.h"
#include "json/escaped.h"
#include "json/reader.h"
#include "provider/choose/choose.h"

namespace sluice::stage {

namespace {

constexpr std::string_view kOwnerField = "x-sluice-provider";

// Notes whose answer it is, and for whom, as soon as that is known: the client may build on it before its stream has
// ended.
class OwnerSink final : public Sink {
 public:
  OwnerSink(Exchange& x, Sink& out, Owners& owners) : x_(x), out_(out), owners_(owners) {}

  Task<Status> begin(AnswerHead head) override { return out_.begin(std::move(head)); }
  Task<Status> push(std::span<const chat::Event> events) override {
    const auto* t = x_.current;
    if (!noted_ && t && !t->learned.id.empty()) {
      const auto& provider = *t->target.deployment->provider;
      auto service = provider::service_of(provider, *x_.endpoint, t->target.model);
      if (service && service->passes) note(t->learned.id, provider.name);
      noted_ = true;
    }
    return out_.push(events);
  }

 private:
  void note(const std::string& id, const std::string& provider) {
    owners_.remember(id, {x_.caller->name, x_.caller->team, provider, to_us(x_.arrived_at)});
    if (x_.asked.is_kept && id.size() <= Owners::kLongestId) x_.kept_id = id;
  }

  Exchange& x_;
  Sink& out_;
  Owners& owners_;
  bool noted_ = false;
};

Failure not_allowed(const Exchange& x, std::string_view what) {
  return fail(Fault{.kind = FaultKind::kForbidden,
                    .told = fmt::format("The key '{}' may not use {}.", x.caller->name, what),
                    .param = "model",
                    .code = "model_not_allowed"});
}

// What no model name narrows is for callers who may use all of a provider's models.
bool may_use_all_of(const Caller& caller, std::string_view provider) {
  return caller.may_use_all_of(std::string(provider) + "/*");
}

// The fields that name a conversation, the first one there counts.
constexpr std::string_view kSessionFields[] = {"x-sluice-session", "x-session-id", "x-claude-code-session-id"};

dialect::Prompt read_prompt(const Exchange& x) {
  return x.asked.boundary.empty() ? dialect::read_prompt(x.body) : dialect::Prompt{};
}

bool reads_prompt(const Exchange& x) {
  return x.endpoint->form != dialect::BodyForm::kNone && provider::reads_prompt(*x.match.route, x.body.size());
}

void ask(Exchange& x, const dialect::Prompt& prompt) {
  x.asking.needs = prompt.needs;
  x.asking.prompt_tokens = prompt.tokens;
  x.asking.session = prompt.cache_key != 0 ? prompt.cache_key : prompt.beginning;
  x.asking.session_named = prompt.cache_key != 0;
  for (auto name : kSessionFields) {
    auto field = x.request.head().headers.get(name);
    if (!field || field->empty()) continue;
    x.asking.session = dialect::hash_of(*field);
    x.asking.session_named = true;
    return;
  }
}

Status check_tags(Exchange& x) {
  const auto& route = *x.match.route;
  const auto missing = missing_tags(x, route);
  if (missing.empty()) return {};
  if (route.untagged == provider::Untagged::kMark) {
    std::erase_if(x.tags, [](const auto& tag) { return tag.first == kUntagged; });  // the key's own
    x.tags.emplace_back(kUntagged, fmt::format("{}", fmt::join(missing, ",")));
    std::ranges::sort(x.tags);
    return {};
  }
  return fail(Fault{.kind = FaultKind::kInvalidRequest,
                    .told = fmt::format("The model '{}' is for requests with the tag '{}' only: send it as the field "
                                        "x-sluice-tags: {}=… (or in metadata).",
                                        route.name, missing.front(), missing.front()),
                    .param = missing.front(),
                    .code = "missing_tag"});
}

bool is_about_responses(std::string_view path) {
  return std::ranges::any_of(split(path, '/'), [](std::string_view segment) {
    return iequals(http::percent_decode(segment).value_or(""), "responses");
  });
}

// The id of what a provider keeps in a path of its own API: what follows "responses", however the two are coded.
std::string id_in(std::string_view path) {
  bool follows = false;
  for (auto segment : split(path, '/')) {
    auto plain = http::percent_decode(segment);
    if (!plain || plain->empty()) continue;
    const bool leads = iequals(*plain, "responses");
    if (follows && !leads) return std::move(*plain);
    follows = leads;
  }
  return {};
}

// What a body for a path of a provider's own API builds on; empty: on nothing.
std::string id_in_body(std::string_view body, json::Reader& reader) {
  std::string id;
  auto cursor = reader.scan(body);
  if (!cursor) return id;
  json::each_member(*cursor, [&](std::string_view key) {
    if (key != "previous_response_id") return;
    if (auto text = json::take_string(*cursor)) id = json::plain(*text);
  });
  return id;
}

// The same of any request; empty: it names no such thing.
std::string named_id(const Exchange& x) {
  if (!x.endpoint) return id_in(http::path_of(x.passthrough_target));
  return x.endpoint->asks_no_model ? http::percent_decode(x.path.id).value_or("") : x.asked.kept;
}

// In the words of the API, as of an id that is not there.
Failure not_there(const Exchange& x, std::string_view id) {
  const bool builds = x.endpoint && x.endpoint->builds_on_kept;
  return fail(Fault{.kind = FaultKind::kNotFound,
                    .told = fmt::format("{} with id '{}' not found.", builds ? "Previous response" : "Response",
                                        printable(id, Owners::kLongestId)),
                    .param = builds ? "previous_response_id" : "",
                    .code = builds ? "previous_response_not_found" : ""});
}

Failure made_here(const Exchange& x, std::string_view id) {
  return fail(Fault{.kind = FaultKind::kNotFound,
                    .told = fmt::format("'{}' was translated from another provider's API: it is not kept and cannot "
                                        "be asked for again. Send the whole conversation instead.",
                                        printable(id, 100)),
                    .param = x.endpoint->asks_no_model ? "response_id" : "previous_response_id",
                    .code = "not_kept"});
}

// The name of the provider that has what is asked for; empty: it cannot be told.
std::string_view owner_of(const Exchange& x, std::string_view keeper) {
  auto named = x.request.head().headers.get(kOwnerField);
  return named ? *named : keeper;
}

}  // namespace

Task<Status> Route::run(Exchange& x, Sink& out, Next next) {
  if (!x.endpoint && !x.body.empty() && is_about_responses(http::path_of(x.passthrough_target)))
    return run_raw(x, out, next);
  auto id = named_id(x);
  return id.empty() ? run_to(x, out, next, {}) : run_knowing(x, out, next, std::move(id));
}

// A passthrough whose body may build on something too.
Task<Status> Route::run_raw(Exchange& x, Sink& out, Next next) {
  std::string id;
  co_await with_reader(x, x.body.size(), [&](json::Reader& reader) { id = id_in_body(x.body, reader); });
  auto maker = co_await maker_of(x, id);
  if (!maker) co_return fail_from(maker);
  if (*maker && !is_own(*x.caller, **maker)) co_return not_there(x, id);
  co_return co_await run_knowing(x, out, next, named_id(x));
}

// Memory is asked first: the ledger makes wait.
Task<Result<std::optional<Maker>>> Route::maker_of(const Exchange& x, std::string_view id) const {
  Result<std::optional<Maker>> maker = owners_.find(id);
  if (!*maker && !id.empty())
    co_await net::offload(x.tools.loop, x.tools.workers, [&] { maker = owners_.look_up(id); });
  co_return maker;
}

Task<Status> Route::run_knowing(Exchange& x, Sink& out, Next next, std::string id) {
  if (x.endpoint && x.server->is_made_id(id)) co_return made_here(x, id);
  auto maker = co_await maker_of(x, id);
  if (!maker) co_return fail_from(maker);
  if (*maker && !is_own(*x.caller, **maker)) co_return not_there(x, id);
  co_return co_await run_to(x, out, next, *maker ? std::string_view((*maker)->provider) : std::string_view());
}

Task<Status> Route::run_to(Exchange& x, Sink& out, Next next, std::string_view keeper) {
  Status routed;
  if (!x.endpoint) {
    routed = route_passthrough(x);
  } else if (x.endpoint->asks_no_model) {
    routed = route_owner(x, keeper);
  } else {
    routed = find_route(x);
    if (routed && reads_prompt(x)) return run_by_prompt(x, out, next, keeper);
    if (routed) routed = choose_among(x, keeper);
  }
  return routed ? go_on(x, out, next) : Task<Status>::ready(std::move(routed));
}

Task<Status> Route::run_by_prompt(Exchange& x, Sink& out, Next next, std::string_view keeper) {
  dialect::Prompt prompt;
  co_await with_reader(x, x.body.size(), [&](json::Reader&) { prompt = read_prompt(x); });
  ask(x, prompt);
  if (auto chosen = choose_among(x, keeper); !chosen) co_return chosen;
  co_return co_await go_on(x, out, next);
}

Task<Status> Route::go_on(Exchange& x, Sink& out, Next next) {
  if (!x.endpoint) return next(x, out);
  if (x.endpoint->builds_on_kept) return run_noting(x, out, next);
  return x.endpoint->asks_no_model ? run_looking(x, out, next) : next(x, out);
}

Task<Status> Route::run_noting(Exchange& x, Sink& out, Next next) {
  OwnerSink noting(x, out, owners_);
  co_return co_await next(x, noting);
}

Task<Status> Route::run_looking(Exchange& x, Sink& out, Next next) {
  auto status = co_await next(x, out);
  if (x.current && x.current->looked_at) {
    const auto& learned = x.current->learned;
    owners_.tell_use(learned.id, {row_of(*x.current->looked_at), learned.service_tier, now()});
  }
  co_return status;
}

Status Route::find_route(Exchange& x) const {
  auto& model = x.asked.model;
  if (auto meant = x.caller->meant_by(model); meant != model) model = std::string(meant);
  // Below an SDK's base path a bare name is one of that provider's own.
  bool is_own = !x.sdk_provider.empty() && routes_.find_provider(x.sdk_provider) && !routes_.find(model);
  if (is_own) model.insert(0, std::string(x.sdk_provider) + "/");
  if (!x.caller->may_use(model)) return not_allowed(x, fmt::format("the model '{}'", printable(model)));
  auto match = routes_.find(model);
  if (!match) {
    auto near = routes_.nearest_name(model);
    auto hint = near.empty() || !x.caller->may_use(near) ? std::string() : fmt::format(" Did you mean '{}'?", near);
    return fail(
        Fault{.kind = FaultKind::kNotFound,
              .told = fmt::format("There is no model '{}' here.{} GET /v1/models lists those this key may use by a "
                                  "name of their own; wildcards and provider/model may serve others.",
                                  printable(model), hint),
              .param = "model",
              .code = "model_not_found"});
  }
  x.match = *match;
  x.timeouts = match->route->timeouts;
  return {};
}

Status Route::choose_among(Exchange& x, std::string_view keeper) const {
  if (auto tagged = check_tags(x); !tagged) return tagged;
  auto& asking = x.asking;
  asking.model = x.asked.model;
  asking.endpoint = x.endpoint;
  asking.stream = x.asked.stream;
  asking.team = x.caller->team;
  asking.user = x.caller->user;
  asking.tags = x.tags;
  asking.headers = &x.request.head().headers;
  asking.residency = x.match.route->residency;
  asking.moves = &moves_;
  auto chosen = provider::choose(x.match, asking, x.received);
  const bool is_empty = chosen.order.empty();
  auto fault = is_empty ? std::optional(provider::nothing_left(x.match, asking, chosen)) : std::nullopt;
  x.candidates = std::move(chosen.order);
  x.excluded = std::move(chosen.excluded);
  if (fault && add_fallbacks(x, x.match.route->fallbacks.any) == 0) return fail(std::move(*fault));
  return x.asked.kept.empty() ? Status{} : keep_owner(x, keeper);
}

// Of a request that builds on something kept: leaves the deployments of the provider that has it. Where none keeps
// anything the translation says so.
Status Route::keep_owner(Exchange& x, std::string_view keeper) const {
  const auto owner = owner_of(x, keeper);
  auto others = x.candidates;
  std::erase_if(others, [&](const provider::Target& target) {
    return !provider::service_of(*target.deployment->provider, *x.endpoint, target.model)->passes;
  });
  if (others.empty()) return {};
  x.candidates = std::move(others);
  auto is_of = [](std::string_view name) {
    return [name](const provider::Target& target) { return target.deployment->provider->name == name; };
  };
  const std::string& first = x.candidates.front().deployment->provider->name;
  if (owner.empty() && std::ranges::all_of(x.candidates, is_of(first))) return {};
  std::erase_if(x.candidates, std::not_fn(is_of(owner)));
  if (!x.candidates.empty()) return {};
  auto told = owner.empty()
                  ? fmt::format(
                        "Several providers behind the model '{}' may keep '{}': name the one that made it in "
                        "the header {}.",
                        printable(x.asked.model), printable(x.asked.kept, 100), kOwnerField)
                  : fmt::format("'{}' is kept by the provider '{}', which is not behind the model '{}'.",
                                printable(x.asked.kept, 100), printable(owner, 100), printable(x.asked.model));
  return fail(Fault{.kind = FaultKind::kInvalidRequest,
                    .told = std::move(told),
                    .param = "previous_response_id",
                    .code = "unknown_owner"});
}

// What names no model but something that a provider keeps: it goes to the provider named, or to the only one that has
// such an endpoint.
Status Route::route_owner(Exchange& x, std::string_view keeper) const {
  const auto named = owner_of(x, keeper);
  const provider::Provider* owner = nullptr;
  std::size_t able = 0;
  for (const auto& provider : routes_.providers()) {
    auto service = provider::service_of(*provider, *x.endpoint, {});
    if (!service || !service->passes || (!named.empty() && provider->name != named)) continue;
    owner = provider.get();
    ++able;
  }
  if (able != 1) {
    return fail(Fault{.kind = FaultKind::kInvalidRequest,
                      .told = fmt::format("{} '{}'; name the provider that made it in the header {}.",
                                          able == 0 ? "No such provider keeps what is asked for by"
                                                    : "Several providers may keep what is asked for by",
                                          x.endpoint->name, kOwnerField),
                      .param = std::string(kOwnerField),
                      .code = "unknown_owner"});
  }
  // What is the caller's own is there also for one who may use some models only.
  if (owner->name != keeper && !may_use_all_of(*x.caller, owner->name))
    return not_allowed(x, fmt::format("what '{}' keeps", owner->name));
  const auto* route = routes_.implicit_route(owner->name);
  x.match = {route, {}};
  x.timeouts = route->timeouts;
  x.candidates.push_back({&provider::deployment_behind(*route), {}});
  return {};
}

// The raw API of a provider: for callers who may use all of its models.
Status Route::route_passthrough(Exchange& x) const {
  auto everything = x.passthrough_provider + "/*";
  const auto* provider = routes_.find_provider(x.passthrough_provider);
  if (!provider) {
    auto told = fmt::format("There is no path or provider '/{}' here.", printable(x.passthrough_provider));
    if (!routes_.providers().empty())
      told += fmt::format(" What of a provider's API is not served here is below its name, such as /{}/v1/files.",
                          routes_.providers().front()->name);
    return fail(Fault{.kind = FaultKind::kNotFound, .told = std::move(told)});
  }
  if (!may_use_all_of(*x.caller, provider->name))
    return not_allowed(
        x, fmt::format("the passthrough of '{}'; its models must include '{}'", provider->name, everything));
  const auto* route = routes_.implicit_route(x.passthrough_provider);
  x.match = {route, {}};
  x.timeouts = route->timeouts;
  x.candidates.push_back({&provider::deployment_behind(*route), {}});
  return {};
}

}  // namespace sluice::stage
