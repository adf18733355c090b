#include "app/report/commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

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

void add_options(CLI::App& command, Options& options) {
  command.add_option("--gateway", options.books.gateway, "The gateway's URL (default: http://127.0.0.1:8080)");
  command.add_option("--key", options.key, "Its master key")->envname("SLUICE_MASTER_KEY");
  command.add_option("--data", options.books.data, "Read this data directory instead of asking a gateway");
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

void add_report(CLI::App& cli, int& code) {
  auto options = std::make_shared<ReportOptions>();
  auto* command = cli.add_subcommand("report", "Tell what was spent, failed and wasted, by whom or what and when.");
  auto param = [&](const std::string& name, const std::string& about) {
    return command->add_option("--" + name, options->params[name], about);
  };
  param("by", "all, key, team, user, route, operation, status, fault, deployment, provider, model or tag:NAME");
  param("from", "From this day or time on: 2026-11-29, 2026-11-29T08:30 (default: 30 days ago)");
  param("to", "Before this day or time (default: now)");
  param("last", "Instead: 7d is seven days, today included; 6h six hours");
  param("period", "total, hour, day, week or month (default: total)")
      ->check(CLI::IsMember({"total", "hour", "day", "week", "month"}));
  param("zone", "Whose days: Europe/Berlin (default: UTC)");
  param("metric", "What is most: cost, exchanges, tokens, failed or waste (default: cost)")
      ->check(CLI::IsMember({"cost", "exchanges", "tokens", "failed", "waste"}));
  param("top", "Only so many values; the others are one, (rest)");
  param("team", "Of this team alone");
  options->params["format"] = "table";
  param("format", "table, csv, json or markdown (default: table)")
      ->check(CLI::IsMember({"table", "csv", "json", "markdown"}));
  add_options(*command, *options);
  command->callback([options, &code] { code = report(*options); });
}

void add_reconcile(CLI::App& cli, int& code) {
  struct Chosen : Options {
    ReconcileOptions reconcile;
    bool json = false;
  };
  auto options = std::make_shared<Chosen>();
  auto* command = cli.add_subcommand("reconcile", "Explain where a provider's usage export and the ledger differ.");
  command->add_option("FILE", options->reconcile.file, "The export")->required();
  command->add_option("--format", options->reconcile.format, "openai, anthropic, aws or csv (default: as it looks)")
      ->check(CLI::IsMember({"openai", "anthropic", "aws", "csv"}));
  command->add_option("--provider", options->reconcile.provider, "Compare the attempts at this provider only");
  command->add_flag("--json", options->json, "Print JSON");
  add_options(*command, *options);
  command->callback([options, &code] {
    options->reconcile.books = std::move(options->books);
    options->reconcile.books.key = Secret(options->key);
    if (options->json) options->reconcile.print = ReconcileOptions::Print::kJson;
    code = reconcile(options->reconcile);
  });
}

void add_prices(CLI::App& cli, int& code) {
  struct Chosen : Options {
    RecomputeOptions recompute;
    bool json = false, dry_run = false;
  };
  auto options = std::make_shared<Chosen>();
  auto* prices = cli.add_subcommand("prices", "The prices of models: recompute.");
  prices->require_subcommand(1);
  auto* command =
      prices->add_subcommand("recompute", "Compute anew what was spent, with the prices of now; tell what changes.");
  command->add_option("--from", options->recompute.from, "From this day or time on (default: all)");
  command->add_option("--to", options->recompute.to, "Before this day or time");
  command->add_option("--zone", options->recompute.zone, "Whose days: Europe/Berlin (default: UTC)");
  command->add_flag("--dry-run", options->dry_run, "Tell what would change, and write nothing");
  command->add_option("--prices", options->recompute.prices_file, "With --data: a file over the built-in catalogue");
  command->add_flag("--json", options->json, "Print JSON");
  add_options(*command, *options);
  command->callback([options, &code] {
    options->recompute.books = std::move(options->books);
    options->recompute.books.key = Secret(options->key);
    if (options->dry_run) options->recompute.run = RecomputeOptions::Run::kDryRun;
    if (options->json) options->recompute.print = RecomputeOptions::Print::kJson;
    code = recompute_prices(options->recompute);
  });
}

}  // namespace

void add_book_commands(CLI::App& cli, int& code) {
  add_report(cli, code);
  add_reconcile(cli, code);
  add_prices(cli, code);
}

}  // namespace sluice::app
