#include "stage/limit/limit.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "exchange/charge.h"
#include "exchange/demand.h"
#include "exchange/fixed_tag.h"
#include "exchange/refused_here.h"
#include "quota/permit.h"
#include "quota/rows.h"

namespace sluice::stage {

namespace {

using quota::Scope;

std::vector<quota::Book::Visit> visit(Exchange& x, quota::Book& book) {
  std::vector<quota::Book::Visit> visits;
  if (!book.wants(Scope::kTag) && !book.wants(Scope::kSession)) return visits;
  auto add = [&](const std::string& name, const std::string& value) {
    // Those of a session, too. A configuration has no more, but another one may come in force between two of them.
    if (visits.size() > quota::Together::kMostTags) return;
    auto visited =
        name == quota::kSessionTag ? book.visit(Scope::kSession, value) : book.visit(Scope::kTag, name + "=" + value);
    if (!visited.account()) return;
    x.accounts.push_back(visited.account());
    visits.push_back(std::move(visited));
  };
  for (const auto& [name, value] : x.tags) add(name, value);
  // What the key fixes counts, whatever the request says.
  auto is_there = [&](std::string_view name) {
    return std::ranges::any_of(x.tags, [&](const auto& tag) { return tag.first == name; });
  };
  for (const auto& [name, value] : x.caller->tags) {
    if (!is_there(name)) add(name, value);
  }
  for (auto name : kHolderTags) {
    const auto value = fixed_tag(*x.caller, name);
    if (!value.empty() && !is_there(name)) add(std::string(name), std::string(value));
  }
  return visits;
}

bool has_limits(const Exchange& x) {
  return std::ranges::any_of(x.accounts, [](const auto* account) { return account->has_limits(); });
}

// What all tries used; nothing: one of them is charged, and nobody told for what.
std::optional<std::uint64_t> used(const Exchange& x) {
  std::uint64_t tokens = 0;
  for (const Try& t : x.tries) {
    const auto& usage = t.learned.usage;
    if (usage.source == chat::UsageSource::kNone) {
      if (charge(x, t)) return std::nullopt;
      continue;
    }
    tokens += usage.input + usage.output;
  }
  return tokens;
}

std::string reset_text(Ms reset) {
  if (reset < std::chrono::seconds(1)) return fmt::format("{}ms", reset.count());
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(reset).count();
  return seconds < 60 ? fmt::format("{}s", seconds) : fmt::format("{}m{}s", seconds / 60, seconds % 60);
}

http::Headers fields_of(const quota::Standings& standings, dialect::LimitSpelling spelling) {
  http::Headers fields;
  for (const auto& [of, standing] :
       {std::pair("requests", &standings.requests), std::pair("tokens", &standings.tokens)}) {
    if (!*standing) continue;
    fields.add(fmt::format("x-ratelimit-limit-{}", of), std::to_string((*standing)->limit));
    fields.add(fmt::format("x-ratelimit-remaining-{}", of), std::to_string((*standing)->remaining));
    fields.add(fmt::format("x-ratelimit-reset-{}", of), reset_text((*standing)->reset));
  }
  return fields.size() == 0 ? fields : dialect::rate_limits_as(spelling, fields, wall_now());
}

std::string who(const quota::Account& account) {
  if (account.scope() == Scope::kOrganisation) return "The organisation";
  return fmt::format("The {} '{}'", account.scope() == Scope::kRoute ? "model" : name(account.scope()),
                     printable(account.name(), 100));
}

Fault refused(const quota::Refusal& refusal) {
  constexpr Ms kShortly{1'000};  // when one of those under way ends, nobody knows
  Fault fault{
      .kind = FaultKind::kRateLimited, .code = "rate_limit_exceeded", .retry_after = refusal.wait.value_or(kShortly)};
  const auto& account = *refusal.account;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*fault.retry_after).count();
  switch (refusal.rate) {
    case quota::Rate::kRequests:
      fault.told = fmt::format("{} may send {} requests a minute (rpm), which are used up. There is room in {} s.",
                               who(account), refusal.limit, seconds);
      break;
    case quota::Rate::kTokens:
      fault.told = fmt::format("{} may use {} tokens a minute (tpm); this request may use {}. There is room in {} s.",
                               who(account), refusal.limit, refusal.asked, seconds);
      break;
    case quota::Rate::kConcurrency:
      fault.told =
          fmt::format("{} may have {} requests under way at once (concurrency), and has.", who(account), refusal.limit);
      break;
  }
  return fault;
}

}  // namespace

// No coroutine where nothing is limited: what it would keep for the time of a stream is memory.
Task<Status> Limit::run(Exchange& x, Sink& out, Next next) {
  x.accounts = x.caller->accounts;
  if (x.match.route && x.match.route->account) x.accounts.push_back(x.match.route->account);
  if (!has_limits(x) && !book_.wants(Scope::kTag) && !book_.wants(Scope::kSession)) return next(x, out);
  return limit(x, out, next);
}

Task<Status> Limit::limit(Exchange& x, Sink& out, Next next) {
  const auto visits = visit(x, book_);
  if (!has_limits(x)) co_return co_await next(x, out);
  co_await read_demand(x);
  auto permit = quota::Permit::take(x.accounts, estimated_tokens(x), now());
  const auto& standings = permit ? permit->standings() : permit.error().standings;
  x.limit_fields = fields_of(standings, x.server->limit_spelling());
  if (!permit) {
    book_.count_refusal(permit.error().account->scope(), name(permit.error().rate));
    co_return fail(refused(permit.error()));
  }
  auto status = co_await next(x, out);
  if (!status && attempts_of(x) == 0) {  // sent to nobody
    permit->give_back(now());
  } else if (auto tokens = used(x)) {
    permit->correct(*tokens, now());
  }
  co_return status;
}

}  // namespace sluice::stage
