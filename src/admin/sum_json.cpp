#include "admin/sum_json.h"

#include <fmt/format.h>

#include "base/money.h"

namespace sluice::admin {

namespace {

void write_waste(json::Writer& json, std::string_view name, std::int64_t count, std::int64_t nanos) {
  json.key(name).begin_object();
  json.key("count").number(count);
  json.key("cost_usd").text(to_text(Money{nanos}));
  json.end_object();
}

}  // namespace

std::string rate_text(std::int64_t failed, std::int64_t all) {
  if (all <= 0) return {};
  constexpr std::int64_t kWhole = 10'000;
  const auto share = (failed * kWhole + all / 2) / all;
  return fmt::format("{}.{:04}", share / kWhole, share % kWhole);
}

void write_rate(json::Writer& json, std::int64_t failed, std::int64_t all) {
  if (all <= 0) {
    json.null();
    return;
  }
  json.text(rate_text(failed, all));
}

void write_sum(json::Writer& json, const store::Sum& sum) {
  json.key("exchanges").number(sum.exchanges);
  json.key("failed").number(sum.failed);
  json.key("error_rate");
  write_rate(json, sum.failed, sum.exchanges);
  json.key("client_left").number(sum.client_left);
  json.key("attempts").number(sum.attempts);
  json.key("input_tokens").number(sum.input);
  json.key("cache_read_tokens").number(sum.cache_read);
  json.key("cache_write_tokens").number(sum.cache_write);
  json.key("output_tokens").number(sum.output);
  json.key("reasoning_tokens").number(sum.reasoning);
  json.key("cost_usd").text(to_text(Money{sum.cost_nanos}));
  json.key("cost_unknown").number(sum.cost_unknown);
  json.key("estimated_usd").text(to_text(Money{sum.estimated_nanos}));
  json.key("held_usd").text(to_text(Money{sum.held_nanos}));
  json.key("duration_us").number(sum.duration_us);
  json.key("waste").begin_object();
  json.key("cost_usd").text(to_text(Money{sum.wasted_nanos()}));
  write_waste(json, "failed_attempts", sum.failed_attempts, sum.failed_nanos);
  write_waste(json, "hedges_lost", sum.hedges_lost, sum.hedges_lost_nanos);
  write_waste(json, "aborted", sum.aborted, sum.aborted_nanos);
  write_waste(json, "retries", sum.retries, sum.retries_nanos);
  json.end_object();
}

}  // namespace sluice::admin
