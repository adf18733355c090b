#include "app/commands.h"

#include <fmt/format.h>
#include <signal.h>

#include <fstream>

#include "app/audit_log.h"
#include "app/command_line.h"
#include "app/config.h"
#include "app/rehearsal.h"
#include "app/remote/commands.h"
#include "app/report/commands.h"
#include "app/say.h"
#include "app/serve.h"
#include "app/stored_secrets.h"
#include "app/translation_page.h"
#include "base/text.h"
#include "sim/simulator.h"

namespace sluice::app {

namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;

struct CheckOptions {
  std::string file;
  std::string data = "sluice-data";
  bool json = false;
};

struct SimCommandOptions {
  std::string listen = "127.0.0.1:9090";
  std::string name = "sim";
  std::string key;
  bool record = false;
  std::size_t threads = 1;
};

std::string problem_json(const Problem& problem) {
  std::string line = R"({"file":)";
  append_json_string(line, problem.file);
  line += fmt::format(R"(,"line":{},"field":)", problem.line);
  append_json_string(line, problem.field);
  line += R"(,"message":)";
  append_json_string(line, problem.message);
  return line + "}";
}

int check(const CheckOptions& options) {
  auto loaded = load_config(options.file, process_environment(), stored_secrets(options.data, process_environment()));
  if (loaded.problems.empty()) loaded.problems = rehearse(loaded.config, process_environment());
  if (options.json) {
    std::string list;
    for (const auto& problem : loaded.problems) list += (list.empty() ? "" : ",") + problem_json(problem);
    say("{{\"ok\":{},\"problems\":[{}]}}\n", loaded.problems.empty(), list);
  } else {
    for (const auto& problem : loaded.problems) say(stderr, "{}\n", to_text(problem));
    if (loaded.problems.empty()) {
      say("{}: ok ({} providers, {} models, {} keys)\n", options.file, loaded.config.providers.size(),
          loaded.config.models.size(), loaded.config.keys.size());
    }
  }
  return loaded.problems.empty() ? kDone : kFailed;
}

int init(const std::string& file) {
  if (std::ifstream(file).good()) {
    say(stderr, "sluice: '{}' exists and is left as it is; name another file: sluice init FILE\n", file);
    return kFailed;
  }
  std::ofstream out(file);
  out << example_config(file);
  out.close();
  if (!out) {
    say(stderr, "sluice: cannot write '{}'\n", file);
    return kFailed;
  }
  say("wrote {0}; next: sluice check {0}, then sluice serve --config {0}\n", file);
  return kDone;
}

int simulate(const SimCommandOptions& options) {
  auto colon = options.listen.rfind(':');
  auto port = colon == std::string::npos ? std::nullopt
                                         : to_number<std::uint16_t>(std::string_view(options.listen).substr(colon + 1));
  if (!port) {
    say(stderr, "sluice: --listen expects ADDR:PORT such as 127.0.0.1:9090, found '{}'\n", printable(options.listen));
    return kUsage;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  sim::Simulator simulator({.host = options.listen.substr(0, colon),
                            .port = *port,
                            .name = options.name,
                            .key = Secret(options.key),
                            .record = options.record ? sim::SimOptions::Record::kOn : sim::SimOptions::Record::kOff,
                            .threads = options.threads});
  auto bound = simulator.start();
  if (!bound) {
    say(stderr, "sluice: {}\n", bound.error().told);
    return kFailed;
  }
  say("listening on http://{}:{}\n", options.listen.substr(0, colon), *bound);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  simulator.stop();
  return kDone;
}

}  // namespace

int run(int argc, char** argv) {
  CommandLine line("sluice", "Sluice, the AI gateway: one API over every model provider.", "sluice " SLUICE_VERSION);
  auto& cli = line.commands();

  ServeOptions serve_options;
  auto& serve_command = cli.command("serve", "Run the gateway.");
  serve_command.option("--config", serve_options.config_file,
                       "Configuration file (default: ./sluice.yaml if it exists)");
  serve_command.option("--listen", serve_options.listen,
                       "ADDR:PORT to listen on (default: 127.0.0.1:8080; port 0 takes a free one)");
  serve_command.option("--data", serve_options.data, "Data directory (default: $SLUICE_DATA or ./sluice-data)");
  serve_command.runs([&] { return serve(serve_options); });

  CheckOptions check_options;
  auto& check_command = cli.command("check", "Check a configuration file.");
  check_command.option("FILE", check_options.file, "The file").required();
  check_command.option("--data", check_options.data, "Where its secrets are (default: $SLUICE_DATA or ./sluice-data)")
      .env("SLUICE_DATA");
  check_command.flag("--json", check_options.json, "Print the problems as JSON");
  check_command.runs([&] { return check(check_options); });

  auto& schema_command = cli.command("schema", "Print the JSON Schema of the configuration file, for editors.");
  bool translation = false;
  schema_command.flag("--translation", translation,
                      "Print instead what becomes of each field of an API at a provider of another one");
  schema_command.runs([&] {
    say("{}\n", translation ? translation_page() : json_schema());
    return kDone;
  });

  std::string init_file = "sluice.yaml";
  auto& init_command = cli.command("init", "Write a commented configuration file to begin with.");
  init_command.option("FILE", init_file, "Where to (default: sluice.yaml)");
  init_command.runs([&] { return init(init_file); });

  SimCommandOptions sim_options;
  auto& sim_command = cli.command("sim", "Run a simulated provider: no keys, no money, does what it is told.");
  sim_command.option("--listen", sim_options.listen,
                     "ADDR:PORT to listen on (default: 127.0.0.1:9090; port 0 takes a free one)");
  sim_command.option("--name", sim_options.name, "What its answers and ledger call it");
  sim_command.option("--key", sim_options.key, "Refuse every other bearer key");
  sim_command.flag("--record", sim_options.record, "Keep a ledger of what it received: GET /_sim/ledger");
  sim_command.option("--threads", sim_options.threads, "Loops").within(1, 64);
  sim_command.runs([&] { return simulate(sim_options); });

  add_remote_commands(cli);
  add_book_commands(cli);
  add_audit_log_command(cli);
  return line.run(argc, argv);
}

}  // namespace sluice::app
