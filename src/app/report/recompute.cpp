#include "app/report/recompute.h"

#include <fmt/format.h>

#include "admin/params.h"
#include "admin/recompute.h"
#include "admin/roster.h"
#include "admin/table.h"
#include "app/data_lock.h"
#include "app/prices.h"
#include "app/remote/remote.h"
#include "app/say.h"
#include "base/money.h"
#include "base/time_text.h"
#include "http/url.h"
#include "json/writer.h"
#include "sim/dom.h"
#include "store/kept_head.h"
#include "store/sqlite/sqlite_directory.h"
#include "store/sqlite/sqlite_ledger.h"

namespace sluice::app {

namespace {

using admin::Recomputed;
using boost::json::object;
using sim::text_in;

constexpr Ms kLimit{60'000};

int failed(std::string_view why, int code) {
  say(stderr, "sluice: {}\n", why);
  return code;
}

void add(Recomputed& total, const Recomputed& page) {
  total.looked_at += page.looked_at;
  total.kept += page.kept;
  for (const auto& [name, model] : page.models) {
    auto& into = total.models[name];
    into.attempts += model.attempts;
    into.before_nanos += model.before_nanos;
    into.after_nanos += model.after_nanos;
    into.unknown_before += model.unknown_before;
    into.unknown_after += model.unknown_after;
  }
}

std::int64_t integer(const object& of, std::string_view key) {
  const auto* number = sim::number_in(of, key);
  return number && number->is_int64() ? number->get_int64() : 0;
}

Recomputed page_of(const object& answer) {
  Recomputed page{.models = {}, .looked_at = integer(answer, "looked_at"), .kept = integer(answer, "kept")};
  for (const auto& item : sim::list_in(answer, "models")) {
    const auto& model = sim::as_object(item);
    page.models[std::string(text_in(model, "model"))] = {
        .attempts = integer(model, "attempts"),
        .before_nanos = parse_money(text_in(model, "before_usd")).value_or(Money{}).nanos,
        .after_nanos = parse_money(text_in(model, "after_usd")).value_or(Money{}).nanos,
        .unknown_before = integer(model, "unknown_before"),
        .unknown_after = integer(model, "unknown_after")};
  }
  return page;
}

std::string query_of(const RecomputeOptions& options) {
  std::string query = "zone=" + http::percent_encode(options.zone);
  if (!options.from.empty()) query += "&from=" + http::percent_encode(options.from);
  if (!options.to.empty()) query += "&to=" + http::percent_encode(options.to);
  if (options.run == RecomputeOptions::Run::kDryRun) query += "&dry_run=yes";
  return query;
}

Result<Recomputed> at_gateway(const RecomputeOptions& options) {
  auto remote = remote_gateway(options.books.gateway, options.books.key);
  if (!remote) return fail_from(remote);
  Recomputed total;
  std::string before;
  while (true) {
    RemoteLoop loop;  // each runs one task
    const auto target = "/admin/v1/prices/recompute?" + query_of(options) +
                        (before.empty() ? "" : "&before=" + http::percent_encode(before));
    auto answer = loop.run(ask(loop, *remote, "POST", target, std::string(), kLimit));
    if (!answer) return fail_from(answer);
    if (answer->status != 200) return fail(FaultKind::kInvalidRequest, error_text(*answer));
    auto parsed = sim::parsed(answer->body);
    if (!parsed) return fail(FaultKind::kProviderProtocol, "The gateway's answer is none.");
    add(total, page_of(sim::as_object(*parsed)));
    before = text_in(sim::as_object(*parsed), "next");
    if (before.empty()) return total;
  }
}

// What was done goes into the audit log as it does at a gateway, also where it was not done to its end.
Status note(const RecomputeOptions& options, const Recomputed& total) {
  auto directory = store::SqliteDirectory::open(options.books.data + "/sluice.db");
  if (!directory) return fail_from(directory);
  const auto head = options.books.data + "/audit_head";
  if (auto checked = store::check_kept_head(**directory, head); !checked) return checked;
  admin::Roster roster(**directory, "", head);
  const auto prices = options.prices_file.empty() ? "" : "&prices=" + http::percent_encode(options.prices_file);
  return roster.note({.at_us = wall_us(),
                      .kind = "change",
                      .who = std::string(kCommandLine),
                      .role = std::string(name(Role::kMaster)),
                      .what = "POST /prices/recompute",  // as at a gateway
                      .about = query_of(options) + prices,
                      .before = {},
                      .after = admin::to_json(total, std::nullopt),
                      .from = {},
                      .request_id = {}});
}

Status recompute_pages(store::Ledger& ledger, store::PageQuery query, const provider::Catalogue& catalogue,
                       admin::Write write, Recomputed& total) {
  const provider::Routes none;
  do {
    auto page = ledger.page(query);
    if (!page) return fail_from(page);
    auto recomputed = admin::recompute(ledger, *page, admin::price_by(none, &catalogue), write);
    if (!recomputed) return fail_from(recomputed);
    add(total, *recomputed);
    query.before = page->next;
  } while (query.before);
  return {};
}

Result<Recomputed> in_directory(const RecomputeOptions& options) {
  auto built_in = provider::Catalogue::built_in();
  auto own = load_catalogue(options.prices_file, *built_in);
  if (!own) return fail_from(own);
  const auto* catalogue = *own ? own->get() : built_in.get();
  const auto file = options.books.data + "/sluice.db";
  // Not one that is made by asking for it.
  if (auto there = store::SqliteLedger::open_to_read(file); !there) return fail_from(there);
  const bool writes = options.run != RecomputeOptions::Run::kDryRun;
  auto held = writes ? hold_data_directory(options.books.data) : Result<journal::File>();
  if (!held) return fail_from(held);
  auto ledger = store::SqliteLedger::open(file);
  if (!ledger) return fail_from(ledger);
  constexpr std::string_view kParams[] = {"from", "to", "zone", "dry_run"};
  auto params = admin::Params::read(query_of(options), kParams);
  if (!params) return fail_from(params);
  store::PageQuery query{.most = store::kMostRows, .detail = store::PageQuery::Detail::kAttempts};
  if (auto bounded = params->bound(query); !bounded) return fail_from(bounded);
  Recomputed total;
  auto done = recompute_pages(**ledger, query, *catalogue, writes ? admin::Write::kYes : admin::Write::kDryRun, total);
  auto noted = writes ? note(options, total) : Status();
  if (!done) return fail_from(done);
  if (!noted) return fail_from(noted);
  return total;
}

std::string to_text(const Recomputed& total, RecomputeOptions::Run run) {
  using Side = admin::Table::Side;
  admin::Table table{.columns = {{"model", Side::kLeft},
                                 {"attempts", Side::kRight},
                                 {"before USD", Side::kRight},
                                 {"after USD", Side::kRight},
                                 {"change", Side::kRight},
                                 {"unknown before", Side::kRight},
                                 {"after", Side::kRight}},
                     .rows = {}};
  std::int64_t attempts = 0;
  for (const auto& [name, model] : total.models) {
    attempts += model.attempts;
    table.rows.push_back({name, std::to_string(model.attempts), sluice::to_text(Money{model.before_nanos}),
                          sluice::to_text(Money{model.after_nanos}),
                          sluice::to_text(Money{model.after_nanos - model.before_nanos}),
                          std::to_string(model.unknown_before), std::to_string(model.unknown_after)});
  }
  auto out = table.rows.empty() ? std::string() : admin::to_text(table) + "\n";
  out += fmt::format("{} of {} charged attempts {}\n", attempts, total.looked_at,
                     run == RecomputeOptions::Run::kDryRun ? "would change; nothing was written" : "have changed");
  if (total.kept > 0)
    out += fmt::format("{} were left as they are: their configured price is not known here\n", total.kept);
  return out;
}

}  // namespace

int recompute_prices(const RecomputeOptions& options) {
  if (options.books.data.empty() && !options.prices_file.empty())
    return failed("--prices goes with --data: a gateway has prices of its own.", 2);
  auto total = options.books.data.empty() ? at_gateway(options) : in_directory(options);
  if (!total) {
    const bool usage = total.error().kind == FaultKind::kInvalidConfig;
    return failed(total.error().told, usage ? 2 : 1);
  }
  say("{}", options.print == RecomputeOptions::Print::kJson ? admin::to_json(*total, std::nullopt) + "\n"
                                                            : to_text(*total, options.run));
  return 0;
}

}  // namespace sluice::app
