#include "app/report/commands.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <string>

#include "app/command_line.h"
#include "app/reconcile/reconcile.h"
#include "app/report/recompute.h"
#include "app/report/source.h"
#include "app/say.h"
#include "http/url.h"

namespace sluice::app {

namespace {

struct Options {
  BookOptions books;
  std::string key;
};

int failed(std::string_view why, int code) {
  say(stderr, "sluice: {}\n", why);
  return code;
}

void add_options(Command& command, Options& options) {
  command.option("--gateway", options.books.gateway, "The gateway's URL (default: http://127.0.0.1:8080)");
  command.option("--key", options.key, "Its master key").env("SLUICE_MASTER_KEY");
  command.option("--data", options.books.data, "Read this data directory instead of asking a gateway");
}

struct ReportOptions : Options {
  std::map<std::string, std::string> params;
};

int report(ReportOptions& options) {
  options.books.key = Secret(options.key);
  auto books = open_books(options.books);
  if (!books) return failed(books.error().told, 2);
  std::string query;
  for (const auto& [name, value] : options.params) {
    if (!value.empty()) query += (query.empty() ? "" : "&") + name + '=' + http::percent_encode(value);
  }
  auto answer = (*books)->get("/report", query);
  if (!answer) return failed(answer.error().told, 1);
  say("{}{}", *answer, options.params["format"] == "json" ? "\n" : "");
  return 0;
}

void add_report(Command& cli) {
  auto options = std::make_shared<ReportOptions>();
  auto& command = cli.command("report", "Tell what was spent, failed and wasted, by whom or what and when.");
  auto param = [&](const std::string& name, const std::string& about) {
    return command.option("--" + name, options->params[name], about);
  };
  param("by", "all, key, team, user, route, operation, status, fault, deployment, provider, model or tag:NAME");
  param("from", "From this day or time on: 2026-11-29, 2026-11-29T08:30 (default: 30 days ago)");
  param("to", "Before this day or time (default: now)");
  param("last", "Instead: 7d is seven days, today included; 6h six hours");
  param("period", "total, hour, day, week or month (default: total)").one_of({"total", "hour", "day", "week", "month"});
  param("zone", "Whose days: Europe/Berlin (default: UTC)");
  param("metric", "What is most: cost, exchanges, tokens, failed or waste (default: cost)")
      .one_of({"cost", "exchanges", "tokens", "failed", "waste"});
  param("top", "Only so many values; the others are one, (rest)");
  param("team", "Of this team alone");
  options->params["format"] = "table";
  param("format", "table, csv, json or markdown (default: table)").one_of({"table", "csv", "json", "markdown"});
  add_options(command, *options);
  command.runs([options] { return report(*options); });
}

void add_reconcile(Command& cli) {
  struct Chosen : Options {
    ReconcileOptions reconcile;
    bool json = false;
  };
  auto options = std::make_shared<Chosen>();
  auto& command = cli.command("reconcile", "Explain where a provider's usage export and the ledger differ.");
  command.option("FILE", options->reconcile.file, "The export").required();
  command.option("--format", options->reconcile.format, "openai, anthropic, aws or csv (default: as it looks)")
      .one_of({"openai", "anthropic", "aws", "csv"});
  command.option("--provider", options->reconcile.provider, "Compare the attempts at this provider only");
  command.flag("--json", options->json, "Print JSON");
  add_options(command, *options);
  command.runs([options] {
    options->reconcile.books = std::move(options->books);
    options->reconcile.books.key = Secret(options->key);
    if (options->json) options->reconcile.print = ReconcileOptions::Print::kJson;
    return reconcile(options->reconcile);
  });
}

void add_prices(Command& cli) {
  struct Chosen : Options {
    RecomputeOptions recompute;
    bool json = false, dry_run = false;
  };
  auto options = std::make_shared<Chosen>();
  auto& prices = cli.group("prices", "The prices of models: recompute.");
  auto& command =
      prices.command("recompute", "Compute anew what was spent, with the prices of now; tell what changes.");
  command.option("--from", options->recompute.from, "From this day or time on (default: all)");
  command.option("--to", options->recompute.to, "Before this day or time");
  command.option("--zone", options->recompute.zone, "Whose days: Europe/Berlin (default: UTC)");
  command.flag("--dry-run", options->dry_run, "Tell what would change, and write nothing");
  command.option("--prices", options->recompute.prices_file, "With --data: a file over the built-in catalogue");
  command.flag("--json", options->json, "Print JSON");
  add_options(command, *options);
  command.runs([options] {
    options->recompute.books = std::move(options->books);
    options->recompute.books.key = Secret(options->key);
    if (options->dry_run) options->recompute.run = RecomputeOptions::Run::kDryRun;
    if (options->json) options->recompute.print = RecomputeOptions::Print::kJson;
    return recompute_prices(options->recompute);
  });
}

}  // namespace

void add_book_commands(Command& cli) {
  add_report(cli);
  add_reconcile(cli);
  add_prices(cli);
}

}  // namespace sluice::app
