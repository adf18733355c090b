#include "stage/record/row.h"

#include <forward_list>

#include "base/text.h"
#include "base/time_text.h"
#include "exchange/charge.h"
#include "exchange/usage_row.h"
#include "stage/record/recent.h"
#include "store/record.h"

namespace sluice::stage {

namespace {

// Texts that somebody else made up, cut. Most can be written as they are.
class Cuts {
 public:
  std::string_view operator()(std::string_view text) {
    if (text.empty() || is_printable(text, Recent::kLongestText)) return text;
    return made_.emplace_front(printable(text, Recent::kLongestText));
  }

 private:
  std::forward_list<std::string> made_;
};

std::int64_t wall_us(const Exchange& x, Instant at) {
  return to_us(x.by_calendar(at));
}

void set_cost(store::AttemptView& row, const Exchange& x, const Try& one) {
  const auto charged = charge(x, one);
  if (!charged) {
    row.cost_nanos = 0;
  } else if (*charged) {
    row.cost_nanos = (*charged)->total.nanos;
    if (const auto* price = provider::price_of(one.target, one.learned.model)) row.price_version = price->version;
  }
}

store::AttemptView attempt_of(const Exchange& x, const Try& one, Cuts& cut) {
  const auto& deployment = *one.target.deployment;
  store::AttemptView row;
  row.began_us = wall_us(x, one.began);
  row.duration_us = micros_between(one.began, one.ended ? *one.ended : now());
  row.deployment = deployment.name;
  row.provider = deployment.provider->name;
  row.model_routed = one.target.model;
  row.model_served = cut(one.learned.model);
  row.status = one.provider_status;
  row.fault = one.fault ? name(*one.fault) : std::string_view();
  row.error = cut(one.error);
  row.provider_request_id = cut(one.provider_request_id);
  row.finish_reason = cut(one.learned.finish_reason);
  row.delivered = one.first_piece.has_value();
  row.usage = view_of(one.learned.usage);
  row.why = name(one.why);
  row.service_tier = cut(one.learned.service_tier);
  row.speed = cut(one.learned.speed);
  row.geo = cut(one.learned.geo);
  row.catalogue = deployment.provider->catalogue_name;
  row.queued_us = one.queued_us;
  row.failure = one.failure;
  if (one.counted_as_worst) row.held_nanos = one.reserved.nanos;
  set_cost(row, x, one);
  return row;
}

}  // namespace

void append_row(const Exchange& x, const Status& status, int status_sent, std::int64_t duration_us, std::string& out) {
  Cuts cut;
  store::NewExchangeView row;
  row.id = x.id;
  row.arrived_us = wall_us(x, x.arrived);
  row.duration_us = duration_us;
  row.upstream_us = x.upstream_us;
  if (x.first_content) row.ttft_us = micros_between(x.arrived, *x.first_content);
  row.operation = x.operation;
  if (x.endpoint) row.dialect = x.endpoint->dialect;
  row.client_request_id = cut(x.request.head().headers.get("x-request-id").value_or(""));
  row.key = x.caller->name;
  row.team = x.caller->team;
  row.user = x.caller->user;
  row.tags = x.tags;
  if (x.match.route) row.route = x.match.route->name;
  row.model_asked = cut(x.asked.model);
  if (x.current) {
    const auto& deployment = *x.current->target.deployment;
    row.deployment = deployment.name;
    row.provider = deployment.provider->name;
    row.model_routed = x.current->target.model;
    row.model_served = cut(x.current->learned.model);
    row.finish_reason = cut(x.current->learned.finish_reason);
  }
  row.status = status_sent;
  if (!status) {
    row.fault = name(status.error().kind);
    row.error = cut(status.error().told);
  }
  row.stream = x.asked.stream;
  row.client_left = !status && status.error().kind == FaultKind::kClientGone;
  row.kept_id = x.kept_id;
  store::append_record(out, row);
  for (const Try& one : x.tries) store::append_attempt(out, attempt_of(x, one, cut));
}

}  // namespace sluice::stage
