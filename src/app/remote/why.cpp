#include "app/remote/why.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/dom.h"

namespace sluice::app {

namespace {

using boost::json::object;
using sim::as_object;
using sim::integer_in;
using sim::list_in;
using sim::text_in;

// "850 us", "12.3 ms", "4.56 s".
std::string duration(std::int64_t us) {
  if (us < 1'000) return fmt::format("{} us", us);
  if (us < 1'000'000) return fmt::format("{:.1f} ms", static_cast<double>(us) / 1e3);
  return fmt::format("{:.2f} s", static_cast<double>(us) / 1e6);
}

std::string head(const object& x) {
  auto out = fmt::format("{}  {}  {}\n", text_in(x, "request_id"), text_in(x, "arrived"), text_in(x, "operation"));
  if (auto key = text_in(x, "key"); !key.empty()) {
    auto team = text_in(x, "team");
    out += fmt::format("  caller    {}{}\n", key, team.empty() ? "" : fmt::format(" (team {})", team));
  }
  if (auto asked = text_in(x, "model_asked"); !asked.empty()) {
    out += fmt::format("  asked     {}{}\n", asked, sim::flag_in(x, "stream") ? ", streamed" : "");
  }
  if (auto route = text_in(x, "route"); !route.empty()) out += fmt::format("  route     {}\n", route);
  if (auto deployment = text_in(x, "deployment"); !deployment.empty()) {
    auto served = text_in(x, "model_served");
    out += fmt::format("  answered  {}{}\n", deployment, served.empty() ? "" : fmt::format(", as {}", served));
  }
  return out;
}

std::string end(const object& x) {
  auto out = fmt::format("  outcome   {} {} in {}, {} of it waiting for providers\n", integer_in(x, "status"),
                         text_in(x, "outcome"), duration(integer_in(x, "duration_us")),
                         duration(integer_in(x, "upstream_us")));
  if (sim::number_in(x, "first_content_us"))
    out += fmt::format("  first content after {}\n", duration(integer_in(x, "first_content_us")));
  if (auto fault = text_in(x, "fault"); !fault.empty())
    out += fmt::format("  fault     {}: {}\n", fault, text_in(x, "error"));
  if (auto cost = text_in(x, "cost_usd"); !cost.empty()) {
    auto unknown = integer_in(x, "cost_unknown");
    out += fmt::format("  cost      {} USD{}\n", cost,
                       unknown > 0 ? fmt::format(", and {} of the tries cost what is not known", unknown) : "");
  }
  return out;
}

// "120 tokens in, 40 of them from the cache, 7 out (estimated); 0.0021 USD, by the price of 2026-11-20".
std::string money(const object& tried) {
  const auto& usage = sim::inner_in(tried, "usage");
  if (usage.empty()) return std::string();
  const auto cached = integer_in(usage, "cache_read_tokens");
  const auto cost = text_in(tried, "cost_usd"), version = text_in(tried, "price_version");
  return fmt::format("     {} tokens in{}, {} out ({}); {}{}\n", integer_in(usage, "input_tokens"),
                     cached > 0 ? fmt::format(", {} of them from the cache", cached) : "",
                     integer_in(usage, "output_tokens"),
                     text_in(usage, "source") == "estimated" ? "estimated" : "told by the provider",
                     cost.empty() ? "the cost is not known" : fmt::format("{} USD", cost),
                     version.empty()              ? ""
                     : version == "configuration" ? ", by the configured price"
                                                  : fmt::format(", by the price of {}", version));
}

std::string choice(const object& x) {
  std::string out;
  int place = 0;
  for (const auto& candidate : list_in(x, "candidates")) {
    out += fmt::format("{}  {}. {}\n", place == 0 ? "candidates, in order\n" : "", place + 1, sim::text_of(&candidate));
    ++place;
  }
  bool first = true;
  for (const auto& item : list_in(x, "excluded")) {
    const auto& excluded = as_object(item);
    out += fmt::format("{}  {}: {}\n", first ? "excluded\n" : "", text_in(excluded, "deployment"),
                       text_in(excluded, "reason"));
    first = false;
  }
  return out;
}

std::string tries(const object& x) {
  const auto& list = list_in(x, "tries");
  if (list.empty()) return "no provider was asked\n";
  std::size_t width = 0;
  for (const auto& item : list) width = std::max(width, text_in(as_object(item), "deployment").size());
  std::string out = "tries\n";
  int place = 0;
  for (const auto& item : list) {
    const auto& tried = as_object(item);
    auto status = integer_in(tried, "status");
    out += fmt::format("  {}. {:<{}}  after {}, {}  {}{}\n", ++place, text_in(tried, "deployment"), width,
                       duration(integer_in(tried, "began_us")), duration(integer_in(tried, "duration_us")),
                       status > 0 ? fmt::format("{} ", status) : "", text_in(tried, "outcome"));
    auto paused = integer_in(tried, "paused_us");
    auto queued = integer_in(tried, "queued_us");
    auto failure = text_in(tried, "failure");
    auto keys = text_in(tried, "keys");
    out += fmt::format("     {}{}{}{}{}\n", text_in(tried, "why"), keys.empty() ? "" : fmt::format(", with {}", keys),
                       paused > 0 ? fmt::format(", after a pause of {}", duration(paused)) : "",
                       queued > 0 ? fmt::format(", {} in the queue", duration(queued)) : "",
                       failure.empty() ? "" : fmt::format("; failed as {}", failure));
    out += money(tried);
    if (auto error = text_in(tried, "error"); !error.empty()) out += fmt::format("     {}\n", error);
  }
  if (auto gave_up = text_in(x, "gave_up"); !gave_up.empty()) out += fmt::format("  no further try: {}\n", gave_up);
  return out;
}

}  // namespace

Result<std::string> why_text(std::string_view exchange_json) {
  auto parsed = sim::parsed(exchange_json);
  if (!parsed || !sim::as_object(*parsed).contains("request_id"))
    return fail(FaultKind::kProviderProtocol, "The gateway's answer is no exchange.");
  const auto& x = as_object(*parsed);
  return head(x) + end(x) + choice(x) + tries(x);
}

}  // namespace sluice::app
