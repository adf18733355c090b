#include "app/remote/commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/drill/drill.h"
#include "app/remote/directory_commands.h"
#include "app/remote/options.h"
#include "app/remote/secret_commands.h"
#include "app/remote/why.h"
#include "app/say.h"
#include "base/text.h"
#include "http/url.h"
#include "stage/inject/injections.h"

namespace sluice::app {

namespace {

int print_why(std::string_view answer) {
  auto text = why_text(answer);
  if (!text) return failed(text.error().told, 1);
  say("{}", *text);
  return 0;
}

// A duration as it is written everywhere: "2s".
void add_duration(CLI::App& command, const std::string& name, Ms& into, const std::string& about) {
  command.add_option_function<std::string>(
      name,
      [&into, name](const std::string& text) {
        auto parsed = parse_duration_ms(text);
        if (!parsed || *parsed <= 0) throw CLI::ValidationError(name, "expects a duration such as 250ms, 2s or 10m");
        into = Ms(*parsed);
      },
      about);
}

void add_why(CLI::App& cli, int& code) {
  struct Options : RemoteOptions {
    std::string request_id;
  };
  auto options = std::make_shared<Options>();
  auto* command = cli.add_subcommand("why", "Tell why a request went where it went, and what became of it.");
  command->add_option("REQUEST_ID", options->request_id, "The x-sluice-request-id of its answer")->required();
  add_options(*command, *options);
  command->callback([options, &code] {
    code = ask_gateway(*options, "GET", "/exchanges/" + http::percent_encode(options->request_id), {}, print_why);
  });
}

void add_drill(CLI::App& cli, int& code) {
  struct Options : RemoteOptions {
    DrillOptions drill;
  };
  auto options = std::make_shared<Options>();
  auto& plan = options->drill.plan;
  auto* command = cli.add_subcommand(
      "drill", "Let a deployment of a staging gateway fail: would applications notice? Exit: 0 no, 1 yes.");
  add_options(*command, *options);
  command->add_option("--deployment", plan.deployment, "The deployment that is to fail: provider/model")->required();
  command->add_option("--fault", plan.kind, "unreachable, timeout, status, slow, reset or truncate")
      ->required()
      ->check(
          CLI::IsMember(std::vector<std::string>(std::begin(stage::kInjectedKinds), std::end(stage::kInjectedKinds))));
  command->add_option("--status", plan.status, "With --fault status (default: 503)")->check(CLI::Range(400, 599));
  add_duration(*command, "--delay", plan.delay, "With --fault slow (default: 2s)");
  command->add_option("--share", plan.share, "Of its requests that fail (default: 1)")->check(CLI::Range(0.001, 1.0));
  command->add_option("--model", plan.model, "What the traffic asks for (default: the route to the deployment)");
  command->add_option("--seconds", plan.seconds, "How long; the fault has the middle third (default: 30)")
      ->check(CLI::Range(3, 3600));
  command->add_option("--rate", plan.rate, "Requests a second (default: 20)")->check(CLI::Range(1, 200));
  add_duration(*command, "--patience", plan.patience, "How long the application waits for an answer (default: 10s)");
  add_duration(*command, "--slower", plan.slower, "How much slower at p99 it does not mind (default: 2s)");
  command->add_option("--report", options->drill.report, "Write the report to this file too, as Markdown");
  command->callback([options, &code] {
    options->drill.gateway = options->gateway;
    options->drill.key = Secret(options->key);
    options->drill.print = options->json ? DrillOptions::Print::kJson : DrillOptions::Print::kMarkdown;
    code = drill(std::move(options->drill));
  });
}

}  // namespace

void add_remote_commands(CLI::App& cli, int& code) {
  add_why(cli, code);
  add_drill(cli, code);
  add_directory_commands(cli, code);
  add_secret_commands(cli, code);
}

}  // namespace sluice::app
