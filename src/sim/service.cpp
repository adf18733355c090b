#include "sim/service.h"

#include <fmt/format.h>

#include <chrono>

#include "base/text.h"
#include "json/text.h"
#include "sim/api.h"
#include "sim/delivery.h"
#include "sim/openai/bodies.h"
#include "sim/respond.h"

namespace sluice::sim {

namespace {

constexpr std::string_view kControl = "/_sim";

bool is_control(std::string_view path) {
  return path == kControl || path.starts_with("/_sim/");
}

int status_of(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::kTooLarge:
      return 413;
    case FaultKind::kClientTimeout:
      return 408;
    case FaultKind::kOverloaded:
    case FaultKind::kShuttingDown:
      return 503;
    case FaultKind::kInternal:
      return 500;
    default:
      return 400;
  }
}

Answer answer_to(const Fault& fault) {
  return refuse_with(status_of(fault), error_body(fault.told, "invalid_request_error", fault.param, fault.code));
}

Answer json_answer(std::string body) {
  return refuse_with(200, std::move(body));
}

std::int64_t seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count();
}

}  // namespace

Task<void> SimService::serve(net::Request& request) {
  if (is_control(http::path_of(request.head().target))) {
    co_await control(request);
  } else {
    co_await provide(request);
  }
}

net::Service::Refusal SimService::refuse(const http::RequestHead*, const Fault& fault) {
  Answer answer = answer_to(fault);
  return {std::move(answer.head), std::move(answer.body)};
}

void SimService::sign(Answer& answer, const Visit& visit) const {
  auto& headers = answer.head.headers;
  if (!headers.has("x-request-id")) headers.add("x-request-id", visit.id());
  if (!headers.has("x-sim-name")) headers.add("x-sim-name", instance_.name);
}

Task<Examined> SimService::examine_body(net::Request& request, std::string_view body) {
  if (body.size() <= json::kLoopLimit) co_return examine(reader_, instance_.shelf, request.head(), body);
  Examined examined;
  co_await net::offload(request.loop(), workers_, [&] {
    json::Reader reader;  // the loop's own goes on to be used meanwhile
    examined = examine(reader, instance_.shelf, request.head(), body);
  });
  co_return examined;
}

Task<void> SimService::provide(net::Request& request) {
  Visit visit(instance_, request);
  auto body = co_await request.body();
  static const Script kPlain;
  Answer answer;
  Examined examined;
  if (!body && body.error().kind == FaultKind::kClientGone) co_return;
  if (!body) {
    answer = answer_to(body.error());
  } else {
    visit.received(*body);
    std::optional<Answer> refused;
    if (!instance_.key.empty()) refused = check_key(request.head(), *body, instance_.key.reveal());
    if (!refused) examined = co_await examine_body(request, *body);
    visit.asked(examined.ask);
    const Script& script = examined.script ? *examined.script : kPlain;
    Signature signature{visit.id(), seconds_now(), instance_.name, instance_.recording};
    answer = refused ? std::move(*refused) : respond(request.head(), examined, script, signature, instance_.stored);
  }
  sign(answer, visit);
  visit.answered(answer);
  // A request that is refused is told so plainly, whatever its script says.
  bool scripted = examined.script && !examined.problem;
  Delivery delivery(request, scripted ? *examined.script : kPlain, visit);
  co_await delivery.play(std::move(answer));
  if (!visit.settled()) request.abort();
}

Task<void> SimService::control(net::Request& request) {
  Answer answer = co_await control_answer(request);
  (void)co_await request.send(std::move(answer.head), answer.body);  // a peer that left needs no answer
}

Task<Answer> SimService::control_answer(net::Request& request) {
  auto body = co_await request.body();
  if (!body) co_return answer_to(body.error());
  const http::RequestHead& head = request.head();
  auto what = std::string(http::path_of(head.target).substr(kControl.size()));
  if (head.method == "GET" && what == "/stats") co_return json_answer(co_await stats(request.loop()));
  if (head.method == "GET" && what == "/ledger") co_return json_answer(instance_.ledger.json());
  if (head.method == "DELETE" && (what.empty() || what == "/")) {
    auto sockets = co_await count_sockets_(request.loop());
    instance_.accepted_before = sockets.accepted;
    instance_.shelf.clear();
    instance_.stored.clear();
    instance_.counters.clear();
    instance_.ledger.clear();
    co_return json_answer("{}");
  }
  if (head.method == "PUT" && what == "/script") {
    auto placement = parse_placement(*body);
    if (!placement) co_return answer_to(placement.error());
    instance_.shelf.put(std::move(*placement));
    co_return json_answer("{}");
  }
  co_return refuse_with(404, error_body("The simulator has GET /_sim/stats, GET /_sim/ledger, PUT /_sim/script and "
                                        "DELETE /_sim.",
                                        "invalid_request_error", "", "not_found"));
}

Task<std::string> SimService::stats(net::Loop& loop) {
  auto sockets = co_await count_sockets_(loop);
  const Counters& counters = instance_.counters;
  std::string name;
  append_json_string(name, instance_.name);
  co_return fmt::format(
      R"({{"name":{},"requests":{},"open_connections":{},"connections":{},"in_flight":{},"completed":{},)"
      R"("aborted":{},"broken":{},"last_abort_us":{}}})",
      name, counters.requests.load(), sockets.open, sockets.accepted - instance_.accepted_before,
      counters.in_flight.load(), counters.completed.load(), counters.aborted.load(), counters.broken.load(),
      counters.last_abort_us.load());
}

}  // namespace sluice::sim
