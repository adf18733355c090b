#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/alert_message.h"
#include "app/allowance.h"
#include "app/config_check.h"
#include "base/text.h"
#include "http/url.h"
#include "quota/account.h"
#include "quota/rows.h"
#include "quota/zone.h"

namespace sluice::app {

namespace {

constexpr Place kAlerts{.name = "alerts"};
constexpr Place kKeys{.name = "keys"};
constexpr Place kModels{.name = "models"};
constexpr Place kProviders{.name = "providers"};
constexpr Place kTags{.name = "tags"};

// Checks what the tables cannot: windows, zones, percentages, and that budgets do not contradict each other.
class Budgets {
 public:
  explicit Budgets(Problems& problems) : problems_(problems) {}

  void check(const std::vector<BudgetConfig>& budgets, const Place& owner) {
    const Place all = owner.key("budget");
    if (budgets.size() > quota::Account::kMostBudgets)
      problems_.add(all, fmt::format("holds more than {} budgets", quota::Account::kMostBudgets));
    for (std::size_t i = 0; i < budgets.size(); ++i) {
      const Place place = all.item(i);
      check(budgets[i], place);
      const auto window = window_of(budgets[i]);
      for (std::size_t k = 0; window && k < i; ++k) {
        if (window_of(budgets[k]) == window)
          problems_.add(place.key("window"), "is the window of another budget here; one is enough");
      }
    }
  }

 private:
  void check(const BudgetConfig& budget, const Place& place) {
    if (!window_of(budget)) {
      problems_.add(place.key("window"), fmt::format("expected total, day, week, month or a duration {}, found '{}'",
                                                     quota::kRollingRange, printable(budget.window, 60)));
    }
    if (!quota::Zone::load(budget.zone)) {
      problems_.add(place.key("zone"),
                    fmt::format("expected a time zone such as UTC or Europe/Berlin, found '{}', which is none of this "
                                "system (/usr/share/zoneinfo)",
                                printable(budget.zone, 60)));
    }
    if (budget.strict && !budget.hard)
      problems_.add(place.key("strict"), "is for hard budgets; this one refuses nothing");
    for (std::size_t i = 0; i < budget.alerts.size(); ++i) {
      const auto percent = to_number<std::uint32_t>(budget.alerts[i]);
      if (percent && *percent >= 1 && *percent <= 1000) continue;
      problems_.add(place.key("alerts").item(i),
                    fmt::format("expected a percentage from 1 to 1000, found '{}'", printable(budget.alerts[i], 60)));
    }
  }

  Problems& problems_;
};

// A deployment is the same wherever it is named, and so is what it may use.
class Deployments {
 public:
  explicit Deployments(Problems& problems) : problems_(problems) {}

  void check(const std::vector<DeploymentConfig>& deployments, const Place& place) {
    for (std::size_t i = 0; i < deployments.size(); ++i) {
      const auto& one = deployments[i];
      const Place inner = place.item(i);
      check(one.deployments, inner.key("deployments"));
      Budgets(problems_).check(one.budgets, inner);
      const auto terms = terms_of(one);
      if (!terms.any()) continue;
      if (!one.deployments.empty()) {
        problems_.add(inner.key("budget"), "belongs to a deployment; this is a group of them");
      } else if (auto [known, is_new] = terms_.emplace(one.model, terms); !is_new && known->second != terms) {
        problems_.add(inner, fmt::format("gives '{}' another budget, rpm or tpm than a place before; they are the "
                                         "deployment's, wherever it is named",
                                         printable(one.model, 100)));
      }
    }
  }

 private:
  Problems& problems_;
  std::map<std::string, quota::Terms> terms_;
};

// No message repeats the URL: whoever knows it may post there.
void check_alerts(const Config& config, Problems& problems) {
  const Place webhook = kAlerts.key("webhook");
  const Place secret = kAlerts.key("secret");
  if (!config.alerts_webhook.empty()) {
    auto link = http::parse_link(config.alerts_webhook.reveal());
    if (!link)
      problems.add(webhook, fmt::format("{}; expected one such as https://hooks.example/alerts", link.error()));
  } else if (!config.alerts_secret.empty() && !problems.has(webhook)) {
    problems.add(secret, "is for a webhook; give alerts.webhook too");
  }
  if (!config.alerts_secret.empty() && !webhook_key(config.alerts_secret))
    problems.add(secret, "begins with whsec_, and no Base64 follows");
}

// A request may have all of them at once, and is charged to all.
void check_tags(const Config& config, Problems& problems) {
  auto limits = [](const auto& one) { return terms_of(one).any(); };
  std::size_t limited = 0;
  for (const auto& tag : config.tags) {
    const Place place = kTags.key(tag.name);
    if (tag.name == quota::kSessionTag) {
      problems.add(place, "is what a session is: what each may use is said by 'sessions: { budget: …, limits: … }'");
      continue;
    }
    const bool is_limited = limits(tag.each) || std::ranges::any_of(tag.values, limits, &TagValueConfig::allowance);
    if (is_limited && ++limited > quota::Together::kMostTags) {
      problems.add(place, fmt::format("is one tag too many with budgets or limits: a request is charged to {} at most",
                                      quota::Together::kMostTags));
      return;
    }
  }
}

}  // namespace

void check_quota(const Config& config, Problems& problems) {
  check_alerts(config, problems);
  check_tags(config, problems);
  Budgets budgets(problems);
  auto check = [&](const AllowanceConfig& allowance, const Place& place) { budgets.check(allowance.budgets, place); };
  auto check_named = [&](const Place& section, const auto& items) {
    for (const auto& item : items) check(item.allowance, section.key(item.name));
  };
  check(config.organisation, Place{.name = "organisation"});
  check(config.sessions, Place{.name = "sessions"});
  check_named(Place{.name = "teams"}, config.teams);
  check_named(Place{.name = "users"}, config.users);
  for (const auto& tag : config.tags) {
    const Place place = kTags.key(tag.name);
    check(tag.each, place.key("each"));
    check_named(place.key("values"), tag.values);
  }
  for (std::size_t i = 0; i < config.keys.size(); ++i) check(config.keys[i].allowance, kKeys.item(i));
  for (const auto& provider : config.providers) budgets.check(provider.budgets, kProviders.key(provider.name));
  Deployments deployments(problems);
  for (const auto& model : config.models) {
    const Place place = kModels.key(model.name);
    deployments.check(model.deployments, place.key("deployments"));
  }
}

}  // namespace sluice::app
