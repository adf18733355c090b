#include "app/alert_message.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "base/digest.h"
#include "base/hmac.h"
#include "base/time_text.h"
#include "json/writer.h"

namespace sluice::app {

namespace {

constexpr std::string_view kCodedKey = "whsec_";

// Names may be what a caller sent: in a chat they are text and no mention or link. Source: docs.slack.dev, "Formatting
// message text": these three characters are all.
std::string chat_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string whose(quota::Scope scope, std::string_view account) {
  return account.empty() ? std::string(name(scope)) : fmt::format("{} '{}'", name(scope), chat_text(account));
}

std::string sentence(const quota::Alert& alert) {
  const auto& [budget, period, percent, spent] = alert.passing;
  const bool is_spent = spent >= budget.limit;
  const auto then = budget.hard ? "what there is no room for is refused" : "it is only counted";
  return fmt::format("Budget of the {} ({}): {} % passed, {} of {} USD are spent{}{}.", whose(alert.scope, alert.name),
                     to_text(budget.window), percent, to_text(spent), to_text(budget.limit), is_spent ? "; " : "",
                     is_spent ? then : "");
}

void time_or_null(json::Writer& json, std::string_view key, std::int64_t us, std::int64_t none) {
  if (us == none) {
    json.key(key).null();
  } else {
    json.key(key).text(time_text(us));
  }
}

}  // namespace

std::string alert_body(const quota::Alert& alert, std::int64_t at_us) {
  const auto& [budget, period, percent, spent] = alert.passing;
  std::string body;
  json::Writer json(body);
  json.begin_object();
  json.key("text").text(sentence(alert));
  json.key("type").text("budget.threshold");
  json.key("timestamp").text(time_text(at_us));
  json.key("data").begin_object();
  json.key("scope").text(name(alert.scope));
  json.key("account").text(alert.name);
  json.key("window").text(to_text(budget.window));
  time_or_null(json, "window_from", period.from_us, quota::Period().from_us);
  time_or_null(json, "window_until", period.until_us, quota::Period().until_us);
  json.key("percent").number(static_cast<std::int64_t>(percent));
  json.key("spent_usd").text(to_text(spent));
  json.key("limit_usd").text(to_text(budget.limit));
  json.key("hard").boolean(budget.hard);
  json.end_object();
  json.end_object();
  return body;
}

std::string alert_body(const quota::UnpricedUse& use, std::int64_t at_us) {
  std::string body;
  json::Writer json(body);
  json.begin_object();
  json.key("text").text(
      fmt::format("The budget of the {} does not count what '{}' costs at {}: it has no price or no "
                  "bound, and is let through.",
                  whose(use.scope, use.name), chat_text(use.model), chat_text(use.deployment)));
  json.key("type").text("budget.unpriced");
  json.key("timestamp").text(time_text(at_us));
  json.key("data").begin_object();
  json.key("scope").text(name(use.scope));
  json.key("account").text(use.name);
  json.key("deployment").text(use.deployment);
  json.key("model").text(use.model);
  json.end_object();
  json.end_object();
  return body;
}

std::optional<Secret> webhook_key(const Secret& configured) {
  auto text = configured.reveal();
  if (!text.starts_with(kCodedKey)) return configured;
  auto bytes = base64_decode(text.substr(kCodedKey.size()));
  if (!bytes || bytes->empty()) return std::nullopt;
  return Secret(std::move(*bytes));
}

std::string webhook_signature(const Secret& key, std::string_view id, std::int64_t timestamp, std::string_view body) {
  const auto digest = Hmac(key.reveal()).of(fmt::format("{}.{}.{}", id, timestamp, body));
  return "v1," + base64(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

AlertPlace place_of(const quota::Alert& alert) {
  const auto& [budget, period, percent, spent] = alert.passing;
  // Another limit makes other thresholds of it.
  AlertPlace place{.name = fmt::format("alert {} {} {} {}", name(alert.scope), to_text(budget.window),
                                       budget.limit.nanos, alert.name)};
  if (budget.window.kind != quota::Window::Kind::kRolling) place.period = std::to_string(period.from_us);
  return place;
}

AlertPlace place_of(const quota::UnpricedUse& use, std::int64_t at_us) {
  return {.name = fmt::format("alert unpriced {} {}", use.deployment, use.model),
          .period = std::to_string(at_us / 3'600'000'000)};
}

}  // namespace sluice::app
