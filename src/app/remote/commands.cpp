#include "app/remote/commands.h"

#include <fmt/format.h>

#include <iterator>
#include <memory>
#include <string>

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
void add_duration(Command& command, const std::string& name, Ms& into, const std::string& about) {
  command.option(
      name,
      [&into](const std::string& text) -> std::string {
        auto parsed = parse_duration_ms(text);
        if (!parsed || *parsed <= 0) return "expects a duration such as 250ms, 2s or 10m";
        into = Ms(*parsed);
        return {};
      },
      about);
}

void add_why(Command& cli) {
  struct Options : RemoteOptions {
    std::string request_id;
  };
  auto options = std::make_shared<Options>();
  auto& command = cli.command("why", "Tell why a request went where it went, and what became of it.");
  command.option("REQUEST_ID", options->request_id, "The x-sluice-request-id of its answer").required();
  add_options(command, *options);
  command.runs([options] {
    return ask_gateway(*options, "GET", "/exchanges/" + http::percent_encode(options->request_id), {}, print_why);
  });
}

void add_drill(Command& cli) {
  struct Options : RemoteOptions {
    DrillOptions drill;
  };
  auto options = std::make_shared<Options>();
  auto& plan = options->drill.plan;
  auto& command =
      cli.command("drill", "Let a deployment of a staging gateway fail: would applications notice? Exit: 0 no, 1 yes.");
  add_options(command, *options);
  command.option("--deployment", plan.deployment, "The deployment that is to fail: provider/model").required();
  command.option("--fault", plan.kind, "unreachable, timeout, status, slow, reset or truncate")
      .required()
      .one_of({std::begin(stage::kInjectedKinds), std::end(stage::kInjectedKinds)});
  command.option("--status", plan.status, "With --fault status (default: 503)").within(400, 599);
  add_duration(command, "--delay", plan.delay, "With --fault slow (default: 2s)");
  command.option("--share", plan.share, "Of its requests that fail (default: 1)").within(0.001, 1.0);
  command.option("--model", plan.model, "What the traffic asks for (default: the route to the deployment)");
  command.option("--seconds", plan.seconds, "How long; the fault has the middle third (default: 30)").within(3, 3600);
  command.option("--rate", plan.rate, "Requests a second (default: 20)").within(1, 200);
  add_duration(command, "--patience", plan.patience, "How long the application waits for an answer (default: 10s)");
  add_duration(command, "--slower", plan.slower, "How much slower at p99 it does not mind (default: 2s)");
  command.option("--report", options->drill.report, "Write the report to this file too, as Markdown");
  command.runs([options] {
    options->drill.gateway = options->gateway;
    options->drill.key = Secret(options->key);
    options->drill.print = options->json ? DrillOptions::Print::kJson : DrillOptions::Print::kMarkdown;
    return drill(std::move(options->drill));
  });
}

}  // namespace

void add_remote_commands(Command& cli) {
  add_why(cli);
  add_drill(cli);
  add_directory_commands(cli);
  add_secret_commands(cli);
}

}  // namespace sluice::app
