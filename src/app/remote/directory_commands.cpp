#include "app/remote/directory_commands.h"

#include <fmt/format.h>

#include <memory>

#include "admin/terms.h"
#include "app/remote/directory_fields.h"
#include "app/remote/options.h"
#include "app/say.h"
#include "http/url.h"
#include "json/writer.h"
#include "sim/dom.h"

namespace sluice::app {

namespace {

struct Options : RemoteOptions {
  std::string name;
  std::string grace;
  std::string after, limit;
  DirectoryFields fields;  // but for the name
};

enum class Kind { kKeys, kTeams, kUsers };

std::string path_of(std::string_view kind, const Options& options, std::string_view behind = {}) {
  return fmt::format("/{}/{}{}", kind, http::percent_encode(options.name), behind);
}

// ---- questions

int create_one(std::string_view kind, const Options& options, int (*print)(std::string_view)) {
  auto fields = options.fields;
  fields.name = options.name;
  return ask_gateway(options, "POST", fmt::format("/{}", kind), body_of(fields), print);
}

// What the command says a part of is read first, so that the other parts stay.
int change_parts(const Options& options, const std::string& path, DirectoryFields fields) {
  if (says_parts(fields)) {
    auto shown = answer_of(options, "GET", path, {});
    if (!shown) return failed(shown.error());
    if (auto added = add_other_parts(*shown, fields); !added) return failed(added.error().told, 1);
  }
  return ask_gateway(options, "PATCH", path, body_of(fields), print_one);
}

// ---- answers

int print_made(std::string_view answer) {
  int code = print_one(answer);
  say("The key is shown this once: keep it.\n");
  return code;
}

template <Kind kind>
int print_list(std::string_view answer) {
  static constexpr std::string_view kMembers[] = {"keys", "teams", "users"};
  static constexpr std::string_view kKeyColumns[] = {"name", "prefix", "origin",  "team",
                                                     "user", "role",   "blocked", "expires_at"};
  static constexpr std::string_view kTeamColumns[] = {"name", "origin", "weight", "models", "blocked"};
  static constexpr std::string_view kUserColumns[] = {"name", "origin", "role", "teams", "blocked"};
  static constexpr std::span<const std::string_view> kColumns[] = {kKeyColumns, kTeamColumns, kUserColumns};
  auto parsed = sim::parsed(answer);
  if (!parsed) return failed("the gateway's answer is not JSON", 1);
  const auto& object = sim::as_object(*parsed);
  print_table(kColumns[static_cast<std::size_t>(kind)], sim::list_in(object, kMembers[static_cast<std::size_t>(kind)]));
  if (auto next = sim::text_in(object, "next"); !next.empty()) say("more: --after '{}'\n", next);
  return 0;
}

// ---- the command line

constexpr const char* kWhatStays =
    "Limits, tags and aliases that are not given stay as they are; 0 takes a limit away. --budget sets the amount of\n"
    "the budget of its --window, or of the only one there is, else it adds one; what else that budget says stays, and\n"
    "so do other budgets. Lists are replaced. A tag or a budget is taken away through the API, which replaces fields.";

std::string pair_mistake(const std::string& text) {
  return text.find('=') == std::string::npos || text.front() == '=' ? "expects NAME=VALUE" : "";
}

void add_money(Command& command, DirectoryFields& fields) {
  command.option("--rpm", fields.rpm, "Requests a minute").within(std::int64_t{0}, admin::kMostAMinute);
  command.option("--tpm", fields.tpm, "Tokens a minute").within(std::int64_t{0}, admin::kMostAMinute);
  command.option("--concurrency", fields.concurrency, "Requests at once").within(std::int64_t{0}, admin::kMostAtOnce);
  const auto budget = command.option("--budget", fields.usd, "US dollars, such as 100.00");
  command.option("--window", fields.window, "Of the budget: total, day, week, month or a duration").needs(budget);
  command
      .option("--unpriced", fields.unpriced,
              "Of the budget, what has no price: block, estimate_high or allow_and_alert")
      .needs(budget);
}

void add_fields(Command& command, Kind kind, DirectoryFields& fields) {
  if (kind == Kind::kKeys) {
    command.option("--team", fields.team, "The team it belongs to");
    command.option("--user", fields.user, "The user it belongs to");
    command.option("--priority", fields.priority, "high, normal or low");
    command.option("--endpoint", fields.endpoints, "What it may be used for, such as chat (repeatable)");
    command.option("--ip-range", fields.ip_ranges, "Where it may be used from, such as 10.1.2.0/24 (repeatable)");
    command.option("--expires-at", fields.expires_at, "When it ends, such as 2026-12-31T23:59:59Z");
  }
  if (kind == Kind::kUsers) {
    command.option("--email", fields.email, "An address");
    command.option("--team", fields.teams, "A team the user is of (repeatable)");
  } else {
    command.option("--model", fields.models, "A public model name it may use, * for any text (repeatable)");
    command.option("--tag", fields.tags, "NAME=VALUE, given to each request (repeatable)").check(pair_mistake);
  }
  if (kind == Kind::kTeams) {
    command.option("--alias", fields.aliases, "NAME=MODEL its keys may ask for (repeatable)").check(pair_mistake);
    command.option("--weight", fields.weight, "Its share where requests wait").within(1, 1'000);
  } else {
    command.option("--role", fields.role, "member, team_admin, viewer, admin or owner");
  }
  add_money(command, fields);
}

struct Group {
  Command& app;
  Kind kind;
  std::string_view path;  // "keys"
  std::string_view one;   // "key"
};

// A command of the group; `act` is what it does.
template <class Act>
Command& add_command(const Group& group, const std::string& name, const std::string& about, const auto& options,
                     Act act) {
  auto& command = group.app.command(name, about);
  add_options(command, *options);
  command.runs([options, act] { return act(*options); });
  return command;
}

void add_usual(const Group& group, int (*print)(std::string_view)) {
  auto fresh = [] { return std::make_shared<Options>(); };
  const auto path = group.path;
  const auto one = std::string(group.one);
  auto name = [&](Command& command, const auto& options) {
    command.option("NAME", options->name, "Its name").required();
  };
  auto made = group.kind == Kind::kKeys ? print_made : print_one;
  auto options = fresh();
  auto& list = add_command(group, "list", fmt::format("List {}.", path), options, [path, print](const Options& o) {
    auto query = o.limit.empty() ? std::string() : "limit=" + http::percent_encode(o.limit);
    if (!o.after.empty()) query += "&after=" + http::percent_encode(o.after);
    if (!o.fields.team.empty()) query += "&team=" + http::percent_encode(o.fields.team);
    return ask_gateway(o, "GET", fmt::format("/{}{}{}", path, query.empty() ? "" : "?", query), {}, print);
  });
  if (group.kind == Kind::kKeys) {
    list.option("--team", options->fields.team, "Only those of a team");
    list.option("--limit", options->limit, "How many (default: 100)");
    list.option("--after", options->after, "Names behind this one");
  }
  options = fresh();
  name(add_command(group, "show", fmt::format("Show a {}.", one), options,
                   [path](const Options& o) { return ask_gateway(o, "GET", path_of(path, o), {}, print_one); }),
       options);
  options = fresh();
  auto& create = add_command(group, "create", fmt::format("Make a {}.", one), options,
                             [path, made](const Options& o) { return create_one(path, o, made); });
  name(create, options);
  add_fields(create, group.kind, options->fields);
  options = fresh();
  auto& change = add_command(group, "change", fmt::format("Change what is given of a {}.", one), options,
                             [path](const Options& o) { return change_parts(o, path_of(path, o), o.fields); });
  change.footer(kWhatStays);
  name(change, options);
  add_fields(change, group.kind, options->fields);
  options = fresh();
  name(add_command(group, "delete", fmt::format("End a {}.", one), options,
                   [path](const Options& o) { return ask_gateway(o, "DELETE", path_of(path, o), {}, print_one); }),
       options);
}

void add_key_commands(const Group& group) {
  auto options = std::make_shared<Options>();
  auto& rotate = add_command(
      group, "rotate", "Give a key another text; the old one is good for a while.", options, [](const Options& o) {
        std::string body;
        json::Writer json(body);
        json.begin_object();
        if (!o.grace.empty()) json.key("grace").text(o.grace);
        json.end_object();
        return ask_gateway(o, "POST", path_of("keys", o, "/rotate"), std::move(body), print_made);
      });
  rotate.option("NAME", options->name, "Its name").required();
  rotate.option("--grace", options->grace, "How long the old text is good (default: 24h; 0: not at all)");
  for (std::string_view verb : {"block", "unblock"}) {
    options = std::make_shared<Options>();
    auto about = verb == "block" ? "Refuse a key until it is unblocked." : "Let a blocked key be used again.";
    add_command(group, std::string(verb), about, options,
                [verb](const Options& o) {
                  return ask_gateway(o, "POST", path_of("keys", o, fmt::format("/{}", verb)), {}, print_one);
                })
        .option("NAME", options->name, "Its name")
        .required();
  }
}

void add_organisation_commands(Command& app) {
  const Group group{app, Kind::kTeams, "organisation", "organisation"};
  auto options = std::make_shared<Options>();
  add_command(group, "show", "Show the organisation.", options,
              [](const Options& o) { return ask_gateway(o, "GET", "/organisation", {}, print_one); });
  options = std::make_shared<Options>();
  auto& change =
      add_command(group, "change", "Change what is given of the organisation.", options, [](const Options& o) {
        auto fields = o.fields;
        fields.name = o.name;
        return change_parts(o, "/organisation", std::move(fields));
      });
  change.footer(kWhatStays);
  change.option("--name", options->name, "What it is called");
  add_money(change, options->fields);
}

}  // namespace

void add_directory_commands(Command& cli) {
  const Group keys{cli.group("keys", "Keys of callers: list, make, change, rotate, block, end."), Kind::kKeys, "keys",
                   "key"};
  add_usual(keys, print_list<Kind::kKeys>);
  add_key_commands(keys);
  add_usual({cli.group("teams", "Teams: list, make, change, end."), Kind::kTeams, "teams", "team"},
            print_list<Kind::kTeams>);
  add_usual({cli.group("users", "Users: list, make, change, end."), Kind::kUsers, "users", "user"},
            print_list<Kind::kUsers>);
  add_organisation_commands(cli.group("organisation", "What all callers together may use: show, change."));
}

}  // namespace sluice::app
