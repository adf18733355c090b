#include "stage/record/record.h"

#include "base/log.h"
#include "exchange/accounts.h"
#include "exchange/charge.h"
#include "exchange/name_list.h"
#include "exchange/refused_here.h"
#include "exchange/sent_status.h"
#include "quota/rows.h"
#include "stage/record/row.h"
#include "store/record.h"

namespace sluice::stage {

namespace {

// In flight until its scope ends, also when an exception passes.
class InFlight {
 public:
  explicit InFlight(Gauge& gauge) : gauge_(gauge) { gauge_.add(1); }
  ~InFlight() { gauge_.add(-1); }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

 private:
  Gauge& gauge_;
};

std::string_view route_name(const Exchange& x) {
  return x.match.route ? std::string_view(x.match.route->name) : "none";
}

std::string_view deployment_name(const Exchange& x) {
  return x.current ? std::string_view(x.current->target.deployment->name) : "none";
}

int status_of(const Exchange& x, const Status& status) {
  return status ? x.status_sent : sent_status(status.error(), *x.server);
}

// Own pages are no calls: nothing is to be told of them.
bool is_call(const Exchange& x) {
  return x.endpoint || !x.passthrough_provider.empty();
}

void write_log(const Exchange& x, const Status& status, int sent, std::int64_t duration_us) {
  auto level = status || blame(status.error().kind) == Blame::kClient ? log::Level::kInfo : log::Level::kWarn;
  if (!log::enabled(level)) return;
  const auto& head = x.request.head();
  static const chat::Learned kNothing;
  const auto& learned = x.current ? x.current->learned : kNothing;
  const auto& usage = learned.usage;
  const auto charged = charge(x);
  const std::string cost = charged && *charged ? to_text(**charged) : std::string();
  const auto cost_unknown = charged && !*charged ? to_text(charged->error()) : std::string_view();
  log::write(level, "request",
             {{"request_id", x.id},
              {"client_request_id", head.headers.get("x-request-id").value_or("")},
              {"method", head.method},
              {"path", http::path_of(head.target)},
              {"operation", x.operation},
              {"key", x.caller ? std::string_view(x.caller->name) : ""},
              {"team", x.caller ? std::string_view(x.caller->team) : ""},
              {"model", x.asked.model},
              {"route", route_name(x)},
              {"deployment", deployment_name(x)},
              {"model_served", learned.model},
              {"stream", x.asked.stream},
              {"status", std::int64_t{sent}},
              {"outcome", outcome_of(status)},
              {"attempts", static_cast<std::int64_t>(attempts_of(x))},
              {"duration_us", duration_us},
              {"upstream_us", x.upstream_us},
              {"queued_us", x.queued_us},
              {"ttft_us", x.first_content ? micros_between(x.arrived, *x.first_content) : std::int64_t{-1}},
              {"input_tokens", static_cast<std::int64_t>(usage.input)},
              {"output_tokens", static_cast<std::int64_t>(usage.output)},
              {"usage_source", name(usage.source)},
              {"cost_usd", cost},
              {"cost_unknown", cost_unknown},
              {"dropped", x.current ? name_list(x.current->dropped) : std::string()},
              {"provider_request_id", x.current ? std::string_view(x.current->provider_request_id) : ""},
              {"fault", status ? std::string_view{} : name(status.error().kind)},
              {"error", status ? std::string_view{} : std::string_view(status.error().told)},
              {"detail", status ? std::string_view{} : std::string_view(status.error().detail)}});
}

}  // namespace

RequestMetrics::RequestMetrics(Metrics& metrics)
    : requests(metrics.counter("sluice_requests",
                               "Requests by what was asked, the route that took them and the status answered.",
                               {"operation", "route", "status"})),
      attempts(
          metrics.counter("sluice_attempts", "Attempts at deployments and how they ended.", {"deployment", "outcome"})),
      tokens(metrics.counter("sluice_tokens", "Tokens by kind as providers reported them, or estimated.",
                             {"route", "deployment", "kind"})),
      usage_unknown(metrics.counter("sluice_usage_unknown", "Answers of which it is not known what they used.",
                                    {"route", "deployment"})),
      usage_estimated(metrics.counter("sluice_usage_estimated",
                                      "Answers whose usage was estimated: their provider did not report all of it.",
                                      {"route", "deployment"})),
      cost(metrics.money("sluice_cost_usd", "What answers cost, by their usage and price, in US dollars.",
                         {"route", "deployment"})),
      cost_unknown(metrics.counter("sluice_cost_unknown", "Answers whose cost is not known, and why.",
                                   {"route", "deployment", "reason"})),
      duration(metrics.histogram("sluice_request_duration", "From the request's head to the end of its answer.",
                                 {"operation", "route"})),
      first_token(metrics.histogram("sluice_time_to_first_token",
                                    "From the request's head to the first piece of the answer.", {"route"})),
      overhead(metrics.histogram("sluice_overhead", "The part of the duration in which no provider was waited for.",
                                 {"operation"})),
      in_flight(metrics.gauge("sluice_in_flight", "Requests being served now.", {}).find({})) {}

void Record::count(const Exchange& x, int sent, std::int64_t duration_us) const {
  auto route = route_name(x);
  metrics_.requests.find({x.operation, route, std::to_string(sent)}).add();
  metrics_.duration.find({x.operation, route}).observe_us(duration_us);
  metrics_.overhead.find({x.operation})
      .observe_us(std::max<std::int64_t>(0, duration_us - x.upstream_us - x.queued_us));
  if (x.first_content) metrics_.first_token.find({route}).observe_us(micros_between(x.arrived, *x.first_content));
  for (const auto& t : x.tries) {
    if (was_refused_here(t)) continue;
    metrics_.attempts.find({t.target.deployment->name, t.fault ? name(*t.fault) : "ok"}).add();
  }
}

void Record::count_usage(const Exchange& x, const Try& one) const {
  const auto& usage = one.learned.usage;
  const std::string_view deployment = one.target.deployment->name;
  if (usage.source == chat::UsageSource::kNone) metrics_.usage_unknown.find({route_name(x), deployment}).add();
  if (usage.source == chat::UsageSource::kEstimated) metrics_.usage_estimated.find({route_name(x), deployment}).add();
  auto add = [&](std::string_view kind, std::uint64_t amount) {
    if (amount > 0) metrics_.tokens.find({route_name(x), deployment, kind}).add(amount);
  };
  add("input", usage.input);
  add("output", usage.output);
  add("cache_read", usage.cache_read);
  add("cache_write", usage.cache_write);
  add("reasoning", usage.reasoning);
}

// Of every try, also of those that broke off: what a provider charges for is counted.
void Record::count_charges(const Exchange& x) const {
  for (const Try& one : x.tries) {
    const auto charged = charge(x, one);
    if (!charged) continue;
    if (x.endpoint) count_usage(x, one);
    const std::string_view deployment = one.target.deployment->name;
    if (*charged) {
      metrics_.cost.find({route_name(x), deployment}).add((*charged)->total);
    } else {
      metrics_.cost_unknown.find({route_name(x), deployment, to_text(charged->error())}).add();
    }
  }
}

Record::Told Record::tell(Exchange& x, const Status& status) const {
  const auto duration_us = micros_between(x.arrived, now());
  const auto sent = status_of(x, status);
  count(x, sent, duration_us);
  count_charges(x);
  if (status) {
    x.afterwards = [&x, duration_us] { write_log(x, {}, x.status_sent, duration_us); };
  } else {
    write_log(x, status, sent, duration_us);
  }
  Told told{.sent = sent, .duration_us = duration_us};
  if (!is_call(x)) return told;
  // Requests of nobody are counted and logged; they cost nothing, and must not fill the disk.
  if (!x.caller || !x.tools.journal) {
    recent_.add(x, status, sent, duration_us);
    return told;
  }
  auto& record = x.tools.record;
  record.clear();
  append_row(x, status, sent, duration_us, record);
  recent_.add(x, status, sent, duration_us, record);
  told.has_row = true;
  return told;
}

// Budgets that have begun since a try was counted are told what it cost.
void Record::count_late(const Exchange& x, const Status& status, const Told& told, std::uint64_t number) const {
  std::string record;  // anew: that of the loop may be another exchange's by now
  append_row(x, status, told.sent, told.duration_us, record);
  const auto row = store::from_record(record);
  if (!row || row->attempts.size() != x.tries.size()) return;
  std::vector<std::pair<std::uint64_t, std::vector<quota::Account*>>> counted;  // of each try: when, and where
  for (const Try& one : x.tries) counted.emplace_back(one.counted, accounts_of(x, one));
  quota::each_charge(*row, [&](quota::Scope scope, std::string_view name, std::size_t attempt, Money cost) {
    const auto& [cut, accounts] = counted[attempt];
    book_->count_late(scope, name, {.arrived_us = row->arrived_us, .cost = cost, .number = number}, cut, accounts);
  });
}

// What is needed at the end only has no part in the frame, which lasts as long as the exchange.
Task<Status> Record::run(Exchange& x, Sink& out, Next next) {
  InFlight in_flight(metrics_.in_flight);
  const auto cuts = book_ ? book_->cuts().made() : 0;
  auto status = co_await next(x, out);
  const auto told = tell(x, status);
  // Where there is no room for all, what cost money is kept.
  const auto priority = x.tries.empty() ? journal::Priority::kLow : journal::Priority::kHigh;
  if (!told.has_row) co_return status;
  const auto number = co_await x.tools.journal->append(x.tools.record, priority);
  if (book_ && book_->cuts().made() != cuts) count_late(x, status, told, number);
  co_return status;
}

}  // namespace sluice::stage
