#include "admin/terms.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "json/writer.h"

namespace sluice::admin {

namespace {

constexpr std::string_view kLimitMembers[] = {"rpm", "tpm", "concurrency"};
constexpr std::string_view kBudgetMembers[] = {"usd", "window", "zone", "hard", "strict", "alerts", "unpriced"};
constexpr std::string_view kBoth[] = {"limits", "budget"};
constexpr std::size_t kMostAlerts = 10;

struct NamedWindow {
  std::string_view name;
  quota::Window::Kind kind;
};
constexpr NamedWindow kWindows[] = {{"total", quota::Window::Kind::kTotal},
                                    {"day", quota::Window::Kind::kDay},
                                    {"week", quota::Window::Kind::kWeek},
                                    {"month", quota::Window::Kind::kMonth}};

Result<quota::Window> read_window(const Members& budget) {
  quota::Window window;
  if (budget.has("zone")) {
    auto zone = budget.line("zone", 64);
    if (!zone) return fail_from(zone);
    window.zone = std::move(*zone);
  }
  if (!budget.has("window")) return window;
  auto text = budget.text("window");
  if (!text) return fail_from(text);
  const auto* named = std::ranges::find(kWindows, *text, &NamedWindow::name);
  if (named != std::end(kWindows)) {
    window.kind = named->kind;
    return window;
  }
  auto rolling = parse_duration_ms(*text);
  if (!rolling || Ms(*rolling) < quota::kShortestRolling || Ms(*rolling) > quota::kLongestRolling)
    return budget.wrong("window",
                        fmt::format("must be total, day, week, month, or a duration {}", quota::kRollingRange));
  window.kind = quota::Window::Kind::kRolling;
  window.rolling = Ms(*rolling);
  return window;
}

Result<std::vector<std::uint32_t>> read_alerts(const Members& budget) {
  std::vector<std::uint32_t> alerts;
  if (!budget.has("alerts")) return alerts;
  auto elements = budget.elements("alerts");
  if (!elements) return fail_from(elements);
  alerts.reserve(elements->size());
  for (const auto& element : *elements) {
    auto percent = to_number<std::uint32_t>(element);
    if (!percent || *percent < 1 || *percent > 1'000 || alerts.size() == kMostAlerts) {
      return budget.wrong("alerts",
                          fmt::format("must be a list of at most {} whole numbers from 1 to 1000", kMostAlerts));
    }
    alerts.push_back(*percent);
  }
  std::ranges::sort(alerts);
  return alerts;
}

Status read_flag(const Members& from, std::string_view name, bool& into) {
  if (!from.has(name)) return {};
  auto flag = from.flag(name);
  if (!flag) return fail_from(flag);
  into = *flag;
  return {};
}

Result<quota::BudgetTerms> read_budget(const Members& from) {
  quota::BudgetTerms terms;
  auto usd = from.money("usd");
  if (!usd) return fail_from(usd);
  terms.limit = *usd;
  auto window = read_window(from);
  if (!window) return fail_from(window);
  terms.window = std::move(*window);
  if (auto read = read_flag(from, "hard", terms.hard); !read) return fail_from(read);
  if (auto read = read_flag(from, "strict", terms.strict); !read) return fail_from(read);
  auto alerts = read_alerts(from);
  if (!alerts) return fail_from(alerts);
  terms.alerts_percent = std::move(*alerts);
  if (!from.has("unpriced") || from.is_null("unpriced")) return terms;
  auto unpriced = from.text("unpriced");
  if (!unpriced) return fail_from(unpriced);
  terms.unpriced = quota::find_unpriced(*unpriced);
  if (!terms.unpriced) return from.wrong("unpriced", "must be block, estimate_high or allow_and_alert");
  return terms;
}

std::string window_text(const quota::Window& window) {
  if (window.kind == quota::Window::Kind::kRolling) return format_duration(window.rolling.count());
  return std::string(std::ranges::find(kWindows, window.kind, &NamedWindow::kind)->name);
}

void write(json::Writer& json, const quota::BudgetTerms& terms) {
  json.begin_object();
  json.key("usd").text(to_text(terms.limit));
  json.key("window").text(window_text(terms.window));
  json.key("zone").text(terms.window.zone);
  json.key("hard").boolean(terms.hard);
  json.key("strict").boolean(terms.strict);
  json.key("alerts").begin_array();
  for (auto percent : terms.alerts_percent) json.number(std::uint64_t{percent});
  json.end_array();
  if (terms.unpriced) json.key("unpriced").text(name(*terms.unpriced));
  json.end_object();
}

}  // namespace

Result<quota::Limits> read_limits(const Members& body) {
  quota::Limits limits;
  if (!body.has("limits") || body.is_null("limits")) return limits;
  auto from = body.object("limits", kLimitMembers);
  if (!from) return fail_from(from);
  auto rpm = from->number("rpm", 0, 0, kMostAMinute);
  if (!rpm) return fail_from(rpm);
  auto tpm = from->number("tpm", 0, 0, kMostAMinute);
  if (!tpm) return fail_from(tpm);
  auto concurrency = from->number("concurrency", 0, 0, kMostAtOnce);
  if (!concurrency) return fail_from(concurrency);
  limits.rpm = static_cast<std::uint64_t>(*rpm);
  limits.tpm = static_cast<std::uint64_t>(*tpm);
  limits.concurrency = static_cast<std::uint32_t>(*concurrency);
  return limits;
}

Result<std::vector<quota::BudgetTerms>> read_budgets(const Members& body) {
  std::vector<quota::BudgetTerms> budgets;
  if (!body.has("budget") || body.is_null("budget")) return budgets;
  std::vector<std::string> objects;
  if (body.kind("budget") == json::Kind::kArray) {
    auto elements = body.elements("budget");
    if (!elements) return fail_from(elements);
    objects = std::move(*elements);
  } else {
    objects.emplace_back(body.written("budget"));
  }
  if (objects.size() > kMostBudgets)
    return body.wrong("budget", fmt::format("has more than {} elements", kMostBudgets));
  budgets.reserve(objects.size());
  for (const auto& object : objects) {
    auto members = Members::read(object, kBudgetMembers, "budget");
    if (!members) return fail_from(members);
    auto terms = read_budget(*members);
    if (!terms) return fail_from(terms);
    if (std::ranges::find(budgets, terms->window, &quota::BudgetTerms::window) != budgets.end())
      return body.wrong("budget", "has two of the same window");
    budgets.push_back(std::move(*terms));
  }
  return budgets;
}

std::string to_json(const quota::Limits& limits) {
  if (!limits.any()) return {};
  std::string out;
  json::Writer json(out);
  json.begin_object();
  if (limits.rpm > 0) json.key("rpm").number(std::uint64_t{limits.rpm});
  if (limits.tpm > 0) json.key("tpm").number(std::uint64_t{limits.tpm});
  if (limits.concurrency > 0) json.key("concurrency").number(std::uint64_t{limits.concurrency});
  json.end_object();
  return out;
}

std::string to_json(const std::vector<quota::BudgetTerms>& budgets) {
  if (budgets.empty()) return {};
  std::string out;
  json::Writer json(out);
  if (budgets.size() == 1) {
    write(json, budgets.front());
    return out;
  }
  json.begin_array();
  for (const auto& terms : budgets) write(json, terms);
  json.end_array();
  return out;
}

Result<quota::Terms> read_terms(std::string_view limits, std::string_view budget) {
  quota::Terms terms;
  if (limits.empty() && budget.empty()) return terms;
  auto body = Members::read(
      fmt::format(R"({{"limits":{},"budget":{}}})", limits.empty() ? "null" : limits, budget.empty() ? "null" : budget),
      kBoth);
  if (!body) return fail_from(body);
  auto read = read_limits(*body);
  if (!read) return fail_from(read);
  terms.limits = *read;
  auto budgets = read_budgets(*body);
  if (!budgets) return fail_from(budgets);
  terms.budgets = std::move(*budgets);
  return terms;
}

}  // namespace sluice::admin
