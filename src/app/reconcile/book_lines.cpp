#include "app/reconcile/book_lines.h"

#include <fmt/format.h>

#include "admin/params.h"
#include "base/money.h"
#include "http/url.h"
#include "sim/dom.h"

namespace sluice::app {

namespace {

using boost::json::object;
using sim::as_object;
using sim::integer_in;
using sim::list_in;
using sim::text_in;

BookLine line_of(const object& exchange, const object& tried, std::int64_t arrived_us) {
  BookLine line;
  line.exchange = text_in(exchange, "request_id");
  line.provider = text_in(tried, "provider");
  line.model_routed = text_in(tried, "model_routed");
  line.model_served = text_in(tried, "model_served");
  line.request_id = text_in(tried, "provider_request_id");
  line.began_us = arrived_us + integer_in(tried, "began_us");
  line.ended_us = line.began_us + integer_in(tried, "duration_us");
  line.status = integer_in(tried, "status");
  line.outcome = text_in(tried, "outcome");
  const auto& usage = sim::inner_in(tried, "usage");
  const auto source = text_in(usage, "source");
  line.source = source == "provider"    ? BookLine::Usage::kProvider
                : source == "estimated" ? BookLine::Usage::kEstimated
                                        : BookLine::Usage::kNone;
  line.input = integer_in(usage, "input_tokens");
  line.cache_read = integer_in(usage, "cache_read_tokens");
  line.cache_write = integer_in(usage, "cache_write_tokens");
  line.output = integer_in(usage, "output_tokens");
  if (auto cost = parse_money(text_in(tried, "cost_usd"))) line.cost_nanos = cost->nanos;
  if (auto held = parse_money(text_in(tried, "held_usd"))) line.held_nanos = held->nanos;
  return line;
}

}  // namespace

Result<std::vector<BookLine>> read_book_lines(BookSource& books, std::int64_t from_us, std::int64_t to_us,
                                              const std::string& provider) {
  // Times are told to the millisecond.
  const auto query = fmt::format("limit=1000&from={}&to={}{}", http::percent_encode(admin::timestamp(from_us)),
                                 http::percent_encode(admin::timestamp(to_us + 999)),
                                 provider.empty() ? "" : "&provider=" + http::percent_encode(provider));
  std::vector<BookLine> lines;
  std::string before;
  while (true) {
    auto answer = books.get("/exchanges", before.empty() ? query : query + "&before=" + http::percent_encode(before));
    if (!answer) return fail_from(answer);
    const auto parsed = sim::parsed(*answer);
    if (!parsed) return fail(FaultKind::kProviderProtocol, "The gateway's answer is no list of exchanges.");
    const auto& page = as_object(*parsed);
    for (const auto& item : list_in(page, "exchanges")) {
      const auto& exchange = as_object(item);
      const auto arrived = admin::time_of(text_in(exchange, "arrived"), {}).value_or(0);
      std::size_t attempt = 0;
      for (const auto& tried : list_in(exchange, "tries")) {
        auto line = line_of(exchange, as_object(tried), arrived);
        line.attempt = attempt++;
        if (provider.empty() || line.provider == provider) lines.push_back(std::move(line));
      }
    }
    before = text_in(page, "next");
    if (before.empty()) return lines;
  }
}

}  // namespace sluice::app
