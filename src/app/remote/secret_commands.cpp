#include "app/remote/secret_commands.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "admin/roster.h"
#include "admin/secrets.h"
#include "app/data_lock.h"
#include "app/remote/options.h"
#include "app/say.h"
#include "app/stored_secrets.h"
#include "http/url.h"
#include "json/writer.h"
#include "sim/dom.h"
#include "store/kept_head.h"
#include "store/memory/memory_ledger.h"
#include "store/sqlite/sqlite_directory.h"

namespace sluice::app {

namespace {

struct Options : RemoteOptions {
  std::string name;
  std::string data;
};

using Operation = Result<std::string> (*)(const admin::Tools&, const admin::Ask&);
using Print = int (*)(std::string_view answer);

// ---- in the data directory of a gateway that does not run

// Not one that is made by asking for it.
Status check_database(const Options& options) {
  std::error_code error;
  const auto file = options.data + "/sluice.db";
  if (options.data.empty() || std::filesystem::exists(file, error)) return {};
  return fail(FaultKind::kInvalidConfig, "There is no database '" + file + "'.");
}

// No gateway begins to run on the directory meanwhile. Without --data there is nothing to hold.
Result<journal::File> hold(const Options& options) {
  return options.data.empty() ? Result<journal::File>() : hold_data_directory(options.data);
}

Result<std::string> act(const Options& options, Operation operation, std::string_view body) {
  auto directory = store::SqliteDirectory::open(options.data + "/sluice.db");
  if (!directory) return fail_from(directory);
  auto sealer = secrets_sealer(process_environment());
  if (!sealer) return fail_from(sealer);
  // Nobody's key is looked at: what keys are hashed with does not matter.
  const auto head = options.data + "/audit_head";
  if (auto checked = store::check_kept_head(**directory, head); !checked) return fail_from(checked);
  admin::Roster roster(**directory, "", head);
  admin::Vault vault{.sealer = std::move(*sealer)};
  store::MemoryLedger ledger{0};
  const provider::Routes routes;
  const stage::Recent recent{0};
  const admin::Tools tools{routes, recent, nullptr, ledger, &roster, &vault};
  const Caller who{.name = std::string(kCommandLine),
                   .role = Role::kMaster};  // whoever can write the file can write all of it
  return operation(tools, {.parameter = options.name, .query = {}, .body = body, .who = who});
}

int act_and_print(const Options& options, Operation operation, std::string_view body, Print print) {
  auto answer = act(options, operation, body);
  if (!answer) return failed(answer.error().told, 1);
  if (!options.json) return print(*answer);
  say("{}\n", *answer);
  return 0;
}

// ---- the text

// What is typed is not shown.
class Unseen {
 public:
  Unseen() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~Unseen() {
    if (!is_terminal_) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    say(stderr, "\n");
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
  bool is_terminal() const { return is_terminal_; }

 private:
  termios before_{};
  bool is_terminal_;
};

// Of a terminal one line, else all there is, without line ends behind it. Fault: kInvalidConfig.
Result<Secret> read_text(const std::string& name) {
  const Unseen unseen;
  if (unseen.is_terminal()) say(stderr, "What '{}' is to hold (not shown): ", name);
  std::string text(admin::kMostSecretBytes + 3, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto read = ::read(STDIN_FILENO, text.data() + size, text.size() - size);
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return fail(FaultKind::kInvalidConfig, fmt::format("cannot read: {}", std::strerror(errno)));
    size += static_cast<std::size_t>(read);
    if (read == 0 || (unseen.is_terminal() && text[size - 1] == '\n')) break;
  }
  text.resize(size);
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.empty()) return fail(FaultKind::kInvalidConfig, "nothing came in: the text is read from standard input");
  return Secret(std::move(text));
}

std::string body_of(const Secret& text) {
  std::string body;
  json::Writer json(body);
  json.begin_object().key("value").text(text.reveal()).end_object();
  return body;
}

int print_list(std::string_view answer) {
  static constexpr std::string_view kColumns[] = {"name", "created_at", "changed_at", "used"};
  auto parsed = sim::parsed(answer);
  if (!parsed) return failed("the answer is not JSON", 1);
  print_table(kColumns, sim::list_in(sim::as_object(*parsed), "secrets"));
  return 0;
}

// ---- the commands

int change(const Options& options, std::string method, Operation operation, const std::string& body) {
  if (!options.data.empty()) return act_and_print(options, operation, body, print_one);
  return ask_gateway(options, std::move(method), "/secrets/" + http::percent_encode(options.name), body, print_one);
}

int set(const Options& options) {
  if (!admin::is_secret_name(options.name))
    return failed("NAME is letters, digits and . _ -, a letter or digit first, at most 100 of them", 2);
  const auto held = hold(options);
  if (!held) return failed(held.error().told, 1);
  auto text = read_text(options.name);
  if (!text) return failed(text.error().told, 1);
  return change(options, "PUT", admin::put_secret, body_of(*text));
}

int end(const Options& options) {
  if (auto there = check_database(options); !there) return failed(there.error().told, 2);
  const auto held = hold(options);
  if (!held) return failed(held.error().told, 1);
  return change(options, "DELETE", admin::delete_secret, {});
}

int list(const Options& options) {
  if (auto there = check_database(options); !there) return failed(there.error().told, 2);
  if (!options.data.empty()) return act_and_print(options, admin::list_secrets, {}, print_list);
  return ask_gateway(options, "GET", "/secrets", {}, print_list);
}

void add(Command& app, const std::string& verb, const std::string& about, int (*run)(const Options&)) {
  auto options = std::make_shared<Options>();
  auto& command = app.command(verb, about);
  if (verb != "list") command.option("NAME", options->name, "Its name").required();
  add_options(command, *options);
  command.option("--data", options->data,
                 "Work on this data directory, of a gateway that does not run, instead of asking one");
  command.runs([options, run] { return run(*options); });
}

}  // namespace

void add_secret_commands(Command& cli) {
  auto& app = cli.group("secrets", "Secrets that configurations refer to as ${secret:NAME}, kept encrypted.");
  add(app, "set", "Keep a secret; what it holds is read from standard input.", set);
  add(app, "list", "List the names of secrets.", list);
  add(app, "delete", "End a secret.", end);
}

}  // namespace sluice::app
