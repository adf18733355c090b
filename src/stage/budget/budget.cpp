#include "stage/budget/budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "base/time_text.h"
#include "exchange/accounts.h"
#include "exchange/charge.h"
#include "exchange/demand.h"
#include "exchange/with_reader.h"
#include "http/message.h"
#include "json/reader.h"
#include "quota/permit.h"

namespace sluice::stage {

namespace {

using quota::Account;
using quota::Scope;
using quota::Unpriced;

std::string who(const Account& account) {
  if (account.scope() == Scope::kOrganisation) return "the organisation";
  return fmt::format("the {} '{}'", account.scope() == Scope::kRoute ? "model" : name(account.scope()),
                     printable(account.name(), 100));
}

std::string dollars(Money money) {
  return to_text(std::max(money, Money{})) + " USD";
}

std::string day_and_time(WallTime at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(seconds - day);
  return fmt::format("{}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

Fault refused(const quota::Shortage& shortage, Money asked) {
  const auto& [terms, used, renews] = shortage.budget;
  auto amounts = fmt::format(
      "The budget of {} is {} ({}), of which {} are spent and {} set aside: there is no room for {}, "
      "which this request may cost.",
      who(*shortage.account), dollars(terms.limit), to_text(terms.window), dollars(used.spent), dollars(used.reserved),
      dollars(asked));
  Fault fault;
  if (is_cap(shortage.account->scope())) {  // what it has is nothing for callers to know
    fault.kind = FaultKind::kOverloaded;
    fault.code = "spend_cap";
    fault.retry = Retry::kOther;
    fault.told = fmt::format("The budget of {} has no room for this request.", who(*shortage.account));
    fault.detail = std::move(amounts);
    return fault;
  }
  fault.kind = FaultKind::kRateLimited;
  fault.code = "budget_exceeded";
  fault.told = std::move(amounts);
  if (renews) fault.told += fmt::format(" It renews at {}.", day_and_time(*renews));
  if (shortage.room) fault.retry_after = std::max(Ms(1), std::chrono::ceil<Ms>(*shortage.room - wall_now()));
  return fault;
}

Fault no_room(const quota::Refusal& refusal) {
  const bool is_rate = refusal.rate != quota::Rate::kConcurrency;
  return Fault{.kind = FaultKind::kOverloaded,
               .told = is_rate ? fmt::format("{} may take {} {} a minute, which are used up.", who(*refusal.account),
                                             refusal.limit, name(refusal.rate))
                               : fmt::format("{} may have {} requests under way at once (concurrency), and has.",
                                             who(*refusal.account), refusal.limit),
               .retry = Retry::kOther,
               .code = "no_room",
               .retry_after = refusal.wait.value_or(Ms(1'000))};
}

// `lacks`: what would have to be known.
Failure unpriced_fault(const Try& t, std::string_view lacks) {
  return fail(
      Fault{.kind = FaultKind::kForbidden,
            .told = fmt::format("What this request may cost at '{}' is not known, and a budget would have to pay "
                                "for it (prices.unpriced): {}.",
                                t.target.deployment->name, lacks),
            .retry = Retry::kOther,
            .param = "model",
            .code = "unpriced_model"});
}

provider::ModelLimits limits_of(const Try& t) {
  const auto& deployment = *t.target.deployment;
  const auto* known = provider::model_of(t.target);
  provider::ModelLimits limits{deployment.context_window, deployment.max_output};
  if (limits.window == 0 && known) limits.window = known->context_window.value_or(0);
  if (limits.max_output == 0 && known) limits.max_output = known->max_output.value_or(0);
  limits.open_ended = known && known->open_ended;
  limits.any_model = !known && deployment.provider->catalogue_name == "azure";  // deployments are called as one likes
  return limits;
}

std::optional<provider::Service> service_of(const Exchange& x, const Try& t) {
  if (!x.endpoint) return std::nullopt;
  return provider::service_of(*t.target.deployment->provider, *x.endpoint, t.target.model);
}

// Fewer tokens of each answer are not asked for.
std::uint64_t least_output(const std::optional<provider::Service>& service) {
  return service ? service->client->least_output() : 1;
}

// What of the terms that a request names gets to the provider: a translation has a tier in its API's words or leaves it
// out, and calls a speed the tier priority.
dialect::AskedTerms terms_sent(const std::optional<provider::Service>& service, const dialect::AskedTerms& asked) {
  if (!service || service->passes) return asked;
  dialect::AskedTerms sent;
  const auto tiers = service->client->tiers();
  auto add = [&](std::string_view word) {
    if (std::ranges::find(tiers, word) != tiers.end()) sent.tiers.emplace_back(word);
  };
  for (const auto& tier : asked.tiers) add(tier);
  for (const auto& speed : asked.speeds) {
    if (speed == "fast") add("priority");
  }
  return sent;
}

std::string lacking(const Try& t, const provider::Price* price, const std::optional<provider::Bounds>& bounds,
                    const std::optional<std::string>& term, WallTime when) {
  if (!price) return "the model has no price";
  if (term) {
    return fmt::format("the model has a price, but none for '{}', the tier, speed or place that the request names",
                       printable(*term, 40));
  }
  if (!bounds && limits_of(t).open_ended) {
    return "nothing bounds how much this model searches, reads and thinks; a budget with unpriced: estimate_high or "
           "allow_and_alert takes it";
  }
  if (!bounds) {
    return "the model has a price, but nothing bounds the answer; of text, max_tokens or the deployment's max_output "
           "does";
  }
  const auto item = provider::unpriced_call(price->rates_for(bounds->input, when), *bounds);
  if (!item) return "some of what it may use has no price";
  return fmt::format(
      "the model has a price, but none of {}, which tools of the request may be charged by; the "
      "deployment's price.{} gives one, and without these tools it is served",
      name(*item), name(*item));
}

std::uint64_t tokens_of(const Try& t) {
  return t.learned.usage.input + t.learned.usage.output;
}

}  // namespace

// What a try may cost, and by which prices; without a price there is nothing to be set aside.
struct Budget::Quote {
  const provider::Price* price = nullptr;
  provider::Bounds bounds;
  dialect::AskedTerms terms;
  Money worst;
  std::unique_ptr<const provider::Price> completed{};  // where the model's own has not all: what `price` is

  std::optional<Money> worst_of(const provider::Bounds& other, WallTime when) const {
    return provider::worst_case(*price, other, terms, when);
  }
};

namespace {

// The request with no more tokens asked for; null: there is no way to.
std::unique_ptr<OwnRequest> lowered(const Exchange& x, std::uint64_t tokens, json::Reader& reader) {
  auto body = dialect::with_max_output(*x.endpoint, x.body, *x.demand, tokens);
  if (!body) return nullptr;
  auto own = std::make_unique<OwnRequest>();
  own->body = std::move(*body);
  json::pad(own->body);
  const auto type = x.request.head().headers.get("content-type").value_or("");
  auto asked = dialect::read_asked(*x.endpoint, x.path, type, own->body, reader);
  if (!asked) return nullptr;
  own->asked = std::move(*asked);
  own->asked.model = x.asked.model;
  return own;
}

}  // namespace

Budget::Budget(quota::Book& book, const provider::Catalogue& catalogue)
    : book_(book), dearest_(provider::dearest(catalogue)), largest_(provider::largest(catalogue)) {}

// No coroutine where nothing is counted: what it would keep for the time of a stream is memory.
Task<Status> Budget::run(Exchange& x, Sink& out, Next next) {
  next.tried()->counted = book_.cuts().made();  // before budgets are looked for: those that come later do not count it
  const auto own = own_accounts(*next.tried());
  auto has_budgets = [](const Account* account) { return account && account->has_budgets(); };
  auto has_limits = [](const Account* account) { return account && account->has_limits(); };
  if (std::ranges::any_of(own, has_limits)) return run_limited(x, out, next);
  if (!std::ranges::any_of(own, has_budgets) && !std::ranges::any_of(x.accounts, has_budgets)) return next(x, out);
  return run_priced(x, out, next);
}

Task<Status> Budget::run_limited(Exchange& x, Sink& out, Next next) const {
  auto& t = *next.tried();
  const auto own = own_accounts(t);
  co_await read_demand(x);
  auto permit = quota::Permit::take(own, estimated_tokens(x), now());
  if (!permit) {
    book_.count_refusal(permit.error().account->scope(), name(permit.error().rate));
    co_return fail(no_room(permit.error()));
  }
  auto status = co_await run_priced(x, out, next);
  if (!status && provider::is_ours(provider::classify(status.error()))) {
    permit->give_back(now());
    co_return status;
  }
  co_await sluice::settle(x, t, status);
  if (t.learned.usage.source != chat::UsageSource::kNone || !charge(x, t)) permit->correct(tokens_of(t), now());
  co_return status;
}

Task<Status> Budget::run_priced(Exchange& x, Sink& out, Next next) const {
  auto& t = *next.tried();
  const auto accounts = accounts_of(x, t);
  const bool has_budgets =
      std::ranges::any_of(accounts, [](const Account* account) { return account && account->has_budgets(); });
  if (!has_budgets || is_free(x, t.target)) co_return co_await next(x, out);
  co_await read_demand(x);
  auto quoted = quote(x, t, accounts);
  if (!quoted) co_return fail_from(quoted);
  auto reservation = co_await reserve(x, t, accounts, *quoted);
  if (!reservation) co_return fail_from(reservation);
  t.reserved = reservation->amount();
  if (reservation->holds()) t.counted = reservation->counted();
  const auto left = reservation->left_before();
  auto note_left = [&](Money taken) {
    if (left) x.budget_left = Money{left->nanos - taken.nanos};
  };
  note_left(t.reserved);
  auto status = co_await next(x, out);
  co_await sluice::settle(x, t, status);
  const auto charged = charge(x, t);
  settle(x, t, *reservation);
  note_left(!charged ? Money{} : *charged ? (*charged)->total : t.reserved);
  co_return status;
}

// All of the worst case, or what strict budgets pay of it: then less is asked for. Not of a hedge: what is left beside
// the first try is no measure of what the answer may be.
Task<Result<quota::Reservation>> Budget::reserve(Exchange& x, Try& t, std::span<Account* const> accounts,
                                                 const Quote& quote) const {
  quota::Claim claim{.most = quote.worst, .least = quote.worst, .arrived = x.arrived_at};
  if (quote.price && quote.bounds.output > 0 && t.why != Begun::kHedge) {
    auto least = quote.bounds;
    const auto each = std::max(x.demand->thinking + 1, least_output(service_of(x, t)));
    least.output = std::min(quote.bounds.output, x.demand->answers * each);
    claim.least = quote.worst_of(least, claim.arrived).value_or(claim.most);
  }
  auto made = quota::Reservation::make(accounts, claim);
  if (made && made->amount() < claim.most) {
    const auto paid = provider::output_for(*quote.price, quote.bounds, quote.terms, claim.arrived, made->amount());
    const auto tokens = paid.value_or(0) / x.demand->answers;
    if (tokens > 0 && x.endpoint)
      co_await with_reader(x, x.body.size(), [&](json::Reader& reader) { t.own = lowered(x, tokens, reader); });
    if (t.own) {
      t.lowered_to = tokens;
      auto bounds = quote.bounds;
      bounds.output = tokens * x.demand->answers;
      made->shrink(quote.worst_of(bounds, claim.arrived).value_or(made->amount()));
    } else {
      *made = quota::Reservation();
      claim.least = claim.most;  // it cannot be made to fit: what is missing is told
      made = quota::Reservation::make(accounts, claim);
    }
  }
  if (made) co_return std::move(*made);
  book_.count_refusal(made.error().account->scope(), "budget");
  co_return fail(refused(made.error(), quote.worst));
}

Result<Budget::Quote> Budget::quote(const Exchange& x, const Try& t, std::span<Account* const> accounts) const {
  auto terms = provider::terms_at(t.target.deployment->provider->catalogue_name, x.demand->terms);
  const auto* price = provider::price_of(t.target, {});
  auto bounds = x.endpoint ? provider::bounds_of(*x.endpoint, *x.demand, t.target.model, limits_of(t)) : std::nullopt;
  if (bounds) bounds->input += t.continues.size();  // an answer that is gone on with is read again
  const auto service = service_of(x, t);
  if (bounds && service && !service->passes && x.endpoint->operation == dialect::Operation::kChat)
    bounds->output = std::max(bounds->output, least_output(service) * x.demand->answers);
  const auto term = price ? provider::unpriced_term(*price, terms_sent(service, x.demand->terms)) : std::nullopt;
  const bool is_priced = price && bounds && !term;
  const auto worst = is_priced ? provider::worst_case(*price, *bounds, terms, x.arrived_at) : std::nullopt;
  if (worst) return Quote{price, *bounds, std::move(terms), *worst};
  for (const auto* account : accounts) {
    if (account && account->has_budgets()) book_.count_unpriced(account->scope());
  }
  const auto unpriced = strictest(accounts);
  if (unpriced == Unpriced::kBlock) {
    return unpriced_fault(t, lacking(t, price, bounds, term, x.arrived_at));
  }
  if (unpriced == Unpriced::kAllowAndAlert) tell_unpriced(t, accounts);
  const bool is_high = unpriced == Unpriced::kEstimateHigh;
  // What lacks one is the call of a tool, or the terms: all else counts by its own. Terms are of every token.
  if (price && bounds && !(term && is_high)) {
    const auto& calls = is_high ? dearest_ : provider::Price();
    auto completed = std::make_unique<const provider::Price>(provider::with_calls_of(*price, calls));
    const auto most = provider::worst_case(*completed, *bounds, terms, x.arrived_at);
    if (most) return Quote{completed.get(), *bounds, std::move(terms), *most, std::move(completed)};
  }
  if (is_high) return at_dearest(x, t, std::move(terms));
  return Quote{};
}

Unpriced Budget::strictest(std::span<Account* const> accounts) const {
  auto strictest = Unpriced::kAllowAndAlert;
  for (const auto* account : accounts) {
    if (!account || !account->has_budgets()) continue;
    for (const auto& budget : account->terms().budgets)
      strictest = std::max(strictest, budget.unpriced.value_or(usual_));
  }
  return strictest;
}

void Budget::tell_unpriced(const Try& t, std::span<Account* const> accounts) const {
  const auto* payer =
      *std::ranges::find_if(accounts, [](const Account* account) { return account && account->has_budgets(); });
  book_.tell_unpriced({.scope = payer->scope(),
                       .name = payer->name(),
                       .deployment = t.target.deployment->name,
                       .model = printable(t.target.model, 100)},
                      wall_us());
}

// By its own prices and bounds as far as it has some.
Budget::Quote Budget::at_dearest(const Exchange& x, const Try& t, dialect::AskedTerms terms) const {
  auto limits = limits_of(t);
  limits.open_ended = false;
  if (limits.window == 0) limits.window = largest_.window;
  if (limits.max_output == 0) limits.max_output = largest_.max_output;
  auto bounds = x.endpoint ? provider::bounds_of(*x.endpoint, *x.demand, t.target.model, limits) : std::nullopt;
  if (!bounds) bounds = provider::Bounds{.input = x.body.size(), .output = limits.max_output};
  if (!dearest_.rates[provider::Item::kToolCall]) bounds->tool_calls = 0;  // what has no price in all the catalogue
  const auto worst = provider::worst_case(dearest_, *bounds, terms, x.arrived_at);
  return Quote{&dearest_, *bounds, std::move(terms), worst.value_or(Money{})};
}

void Budget::settle(const Exchange& x, Try& t, quota::Reservation& reservation) const {
  const auto charged = charge(x, t);
  if (!charged) {
    reservation = quota::Reservation();
  } else if (*charged) {
    reservation.settle((*charged)->total);
  } else {
    t.counted_as_worst = true;
    for (const auto* account : x.accounts) {
      if (account->has_budgets()) book_.count_estimated(account->scope());
    }
    reservation.settle(t.reserved);
  }
}

}  // namespace sluice::stage
