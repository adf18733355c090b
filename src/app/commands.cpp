#include "app/commands.h"

#include <fmt/format.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <fstream>

#include "app/audit_log.h"
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

// The command that was reached last.
const CLI::App& reached(const CLI::App& from) {
  const auto parsed = from.get_subcommands();
  return parsed.empty() ? from : reached(*parsed.front());
}

// "; did you mean 'serve'?" where a command, or a flag, is near the word.
std::string hint(const CLI::App& command, const std::string& word) {
  std::vector<std::string> names;
  if (word.starts_with('-')) {
    for (const auto* option : command.get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
  } else {
    for (const auto* one : command.get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(one->get_name());
    }
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const auto near = nearest(std::string_view(word).substr(0, 60), candidates);
  return near.empty() ? "" : fmt::format("; did you mean '{}'?", near);
}

// What is wrong with a command line. A word that is no command leaves none, which CLI11 tells without the word.
std::string told_of(const CLI::App* app, const CLI::Error& error) {
  const auto unknown = app->remaining(true);
  const CLI::App& command = reached(*app);
  const bool lacks_command = command.get_require_subcommand_min() > 0;
  std::string told = error.what();
  if (!unknown.empty() && lacks_command) {
    told = fmt::format("The following argument was not expected: {}{}", printable(unknown.front(), 60),
                       hint(command, unknown.front()));
  }
  return told + "\nRun with --help for more information.\n";
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App cli{"Sluice, the AI gateway: one API over every model provider.", "sluice"};
  cli.set_version_flag("--version", "sluice " SLUICE_VERSION);
  cli.require_subcommand(1);
  cli.failure_message(told_of);
  int code = kDone;

  ServeOptions serve_options;
  auto* serve_command = cli.add_subcommand("serve", "Run the gateway.");
  serve_command->add_option("--config", serve_options.config_file,
                            "Configuration file (default: ./sluice.yaml if it exists)");
  serve_command->add_option("--listen", serve_options.listen,
                            "ADDR:PORT to listen on (default: 127.0.0.1:8080; port 0 takes a free one)");
  serve_command->add_option("--data", serve_options.data, "Data directory (default: $SLUICE_DATA or ./sluice-data)");
  serve_command->callback([&] { code = serve(serve_options); });

  CheckOptions check_options;
  auto* check_command = cli.add_subcommand("check", "Check a configuration file.");
  check_command->add_option("FILE", check_options.file, "The file")->required();
  check_command
      ->add_option("--data", check_options.data, "Where its secrets are (default: $SLUICE_DATA or ./sluice-data)")
      ->envname("SLUICE_DATA");
  check_command->add_flag("--json", check_options.json, "Print the problems as JSON");
  check_command->callback([&] { code = check(check_options); });

  auto* schema_command = cli.add_subcommand("schema", "Print the JSON Schema of the configuration file, for editors.");
  bool translation = false;
  schema_command->add_flag("--translation", translation,
                           "Print instead what becomes of each field of an API at a provider of another one");
  schema_command->callback([&] { say("{}\n", translation ? translation_page() : json_schema()); });

  std::string init_file = "sluice.yaml";
  auto* init_command = cli.add_subcommand("init", "Write a commented configuration file to begin with.");
  init_command->add_option("FILE", init_file, "Where to (default: sluice.yaml)");
  init_command->callback([&] { code = init(init_file); });

  SimCommandOptions sim_options;
  auto* sim_command = cli.add_subcommand("sim", "Run a simulated provider: no keys, no money, does what it is told.");
  sim_command->add_option("--listen", sim_options.listen,
                          "ADDR:PORT to listen on (default: 127.0.0.1:9090; port 0 takes a free one)");
  sim_command->add_option("--name", sim_options.name, "What its answers and ledger call it");
  sim_command->add_option("--key", sim_options.key, "Refuse every other bearer key");
  sim_command->add_flag("--record", sim_options.record, "Keep a ledger of what it received: GET /_sim/ledger");
  sim_command->add_option("--threads", sim_options.threads, "Loops")->check(CLI::Range(1, 64));
  sim_command->callback([&] { code = simulate(sim_options); });

  add_remote_commands(cli, code);
  add_book_commands(cli, code);
  add_audit_log_command(cli, code);

  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? kDone : kUsage;
  }
  return code;
}

}  // namespace sluice::app
