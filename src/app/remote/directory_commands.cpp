#include "app/remote/directory_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "admin/terms.h"
#include "app/remote/options.h"
#include "base/text.h"
#include "http/url.h"
#include "json/writer.h"
#include "sim/dom.h"

namespace sluice::app {

namespace {

using Texts = std::vector<std::string>;

// What may be said of a key, team or user; empty: nothing is said.
struct Fields {
  std::string team, user, role, priority, email, expires_at, usd, window, unpriced, rpm, tpm, concurrency, weight;
  Texts models, endpoints, ip_ranges, teams, tags, aliases;
};

struct Options : RemoteOptions {
  std::string name;
  std::string grace;
  std::string after, limit;
  Fields fields;
};

enum class Kind { kKeys, kTeams, kUsers };

std::string path_of(std::string_view kind, const Options& options, std::string_view behind = {}) {
  return fmt::format("/{}/{}{}", kind, http::percent_encode(options.name), behind);
}

// ---- bodies

void add_text(json::Writer& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json.key(name).text(text);
}
void add_texts(json::Writer& json, std::string_view name, const Texts& texts) {
  if (texts.empty()) return;
  json.key(name).begin_array();
  for (const auto& text : texts) json.text(text);
  json.end_array();
}
void add_pairs(json::Writer& json, std::string_view name, const Texts& texts) {
  if (texts.empty()) return;
  std::string object;
  for (const auto& text : texts) {
    auto equals = text.find('=');  // it is there: the option was checked
    object += object.empty() ? '{' : ',';
    append_json_string(object, std::string_view(text).substr(0, equals));
    object += ':';
    append_json_string(object, std::string_view(text).substr(equals + 1));
  }
  json.key(name).raw(object + '}');
}

// Numbers go as they were written; the gateway says what is wrong with them.
void add_limits(json::Writer& json, const Fields& fields) {
  if (fields.rpm.empty() && fields.tpm.empty() && fields.concurrency.empty()) return;
  json.key("limits").begin_object();
  if (!fields.rpm.empty()) json.key("rpm").raw(fields.rpm);
  if (!fields.tpm.empty()) json.key("tpm").raw(fields.tpm);
  if (!fields.concurrency.empty()) json.key("concurrency").raw(fields.concurrency);
  json.end_object();
}

std::string body_of(const Options& options) {
  const auto& fields = options.fields;
  std::string body;
  json::Writer json(body);
  json.begin_object();
  add_text(json, "name", options.name);
  add_text(json, "team", fields.team);
  add_text(json, "user", fields.user);
  add_text(json, "role", fields.role);
  add_text(json, "priority", fields.priority);
  add_text(json, "email", fields.email);
  add_text(json, "expires_at", fields.expires_at);
  add_texts(json, "models", fields.models);
  add_texts(json, "endpoints", fields.endpoints);
  add_texts(json, "ip_ranges", fields.ip_ranges);
  add_texts(json, "teams", fields.teams);
  add_pairs(json, "tags", fields.tags);
  add_pairs(json, "aliases", fields.aliases);
  if (!fields.weight.empty()) json.key("weight").raw(fields.weight);
  add_limits(json, fields);
  if (!fields.usd.empty()) {
    json.key("budget").begin_object().key("usd").text(fields.usd);
    add_text(json, "window", fields.window);
    add_text(json, "unpriced", fields.unpriced);
    json.end_object();
  }
  json.end_object();
  return body;
}

// ---- answers

int print_made(std::string_view answer) {
  int code = print_one(answer);
  fmt::print("The key is shown this once: keep it.\n");
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
  if (auto next = sim::text_in(object, "next"); !next.empty()) fmt::print("more: --after '{}'\n", next);
  return 0;
}

// ---- the command line

std::string pair_mistake(const std::string& text) {
  return text.find('=') == std::string::npos || text.front() == '=' ? "expects NAME=VALUE" : "";
}

void add_money(CLI::App& command, Fields& fields) {
  const CLI::Range a_minute(std::int64_t{0}, admin::kMostAMinute), at_once(std::int64_t{0}, admin::kMostAtOnce);
  command.add_option("--rpm", fields.rpm, "Requests a minute")->check(a_minute);
  command.add_option("--tpm", fields.tpm, "Tokens a minute")->check(a_minute);
  command.add_option("--concurrency", fields.concurrency, "Requests at once")->check(at_once);
  auto* budget = command.add_option("--budget", fields.usd, "US dollars, such as 100.00");
  command.add_option("--window", fields.window, "Of the budget: total, day, week, month or a duration")->needs(budget);
  command
      .add_option("--unpriced", fields.unpriced,
                  "Of the budget, what has no price: block, estimate_high or allow_and_alert")
      ->needs(budget);
}

void add_fields(CLI::App& command, Kind kind, Fields& fields) {
  if (kind == Kind::kKeys) {
    command.add_option("--team", fields.team, "The team it belongs to");
    command.add_option("--user", fields.user, "The user it belongs to");
    command.add_option("--priority", fields.priority, "high, normal or low");
    command.add_option("--endpoint", fields.endpoints, "What it may be used for, such as chat (repeatable)");
    command.add_option("--ip-range", fields.ip_ranges, "Where it may be used from, such as 10.1.2.0/24 (repeatable)");
    command.add_option("--expires-at", fields.expires_at, "When it ends, such as 2026-12-31T23:59:59Z");
  }
  if (kind == Kind::kUsers) {
    command.add_option("--email", fields.email, "An address");
    command.add_option("--team", fields.teams, "A team the user is of (repeatable)");
  } else {
    command.add_option("--model", fields.models, "A public model name it may use, * for any text (repeatable)");
    command.add_option("--tag", fields.tags, "NAME=VALUE, given to each request (repeatable)")->check(pair_mistake);
  }
  if (kind == Kind::kTeams) {
    command.add_option("--alias", fields.aliases, "NAME=MODEL its keys may ask for (repeatable)")->check(pair_mistake);
    command.add_option("--weight", fields.weight, "Its share where requests wait")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000}));
  } else {
    command.add_option("--role", fields.role, "member, team_admin, viewer, admin or owner");
  }
  add_money(command, fields);
}

struct Group {
  CLI::App& app;
  Kind kind;
  std::string_view path;  // "keys"
  std::string_view one;   // "key"
  int& code;
};

// A command of the group; `act` is what it does.
template <class Act>
CLI::App& add_command(const Group& group, const std::string& name, const std::string& about, const auto& options,
                      Act act) {
  auto* command = group.app.add_subcommand(name, about);
  add_options(*command, *options);
  command->callback([options, act, &code = group.code] { code = act(*options); });
  return *command;
}

void add_usual(const Group& group, int (*print)(std::string_view)) {
  auto fresh = [] { return std::make_shared<Options>(); };
  const auto path = group.path;
  const auto one = std::string(group.one);
  auto name = [&](CLI::App& command, const auto& options) {
    command.add_option("NAME", options->name, "Its name")->required();
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
    list.add_option("--team", options->fields.team, "Only those of a team");
    list.add_option("--limit", options->limit, "How many (default: 100)");
    list.add_option("--after", options->after, "Names behind this one");
  }
  options = fresh();
  name(add_command(group, "show", fmt::format("Show a {}.", one), options,
                   [path](const Options& o) { return ask_gateway(o, "GET", path_of(path, o), {}, print_one); }),
       options);
  options = fresh();
  auto& create = add_command(group, "create", fmt::format("Make a {}.", one), options, [path, made](const Options& o) {
    return ask_gateway(o, "POST", fmt::format("/{}", path), body_of(o), made);
  });
  name(create, options);
  add_fields(create, group.kind, options->fields);
  options = fresh();
  auto& change = add_command(group, "change", fmt::format("Change what is given of a {}.", one), options,
                             [path](const Options& o) {
                               auto unnamed = o;
                               unnamed.name.clear();
                               return ask_gateway(o, "PATCH", path_of(path, o), body_of(unnamed), print_one);
                             });
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
        add_text(json, "grace", o.grace);
        json.end_object();
        return ask_gateway(o, "POST", path_of("keys", o, "/rotate"), std::move(body), print_made);
      });
  rotate.add_option("NAME", options->name, "Its name")->required();
  rotate.add_option("--grace", options->grace, "How long the old text is good (default: 24h; 0: not at all)");
  for (std::string_view verb : {"block", "unblock"}) {
    options = std::make_shared<Options>();
    auto about = verb == "block" ? "Refuse a key until it is unblocked." : "Let a blocked key be used again.";
    add_command(group, std::string(verb), about, options,
                [verb](const Options& o) {
                  return ask_gateway(o, "POST", path_of("keys", o, fmt::format("/{}", verb)), {}, print_one);
                })
        .add_option("NAME", options->name, "Its name")
        ->required();
  }
}

void add_organisation_commands(CLI::App& app, int& code) {
  const Group group{app, Kind::kTeams, "organisation", "organisation", code};
  auto options = std::make_shared<Options>();
  add_command(group, "show", "Show the organisation.", options,
              [](const Options& o) { return ask_gateway(o, "GET", "/organisation", {}, print_one); });
  options = std::make_shared<Options>();
  auto& change =
      add_command(group, "change", "Change what is given of the organisation.", options,
                  [](const Options& o) { return ask_gateway(o, "PATCH", "/organisation", body_of(o), print_one); });
  change.add_option("--name", options->name, "What it is called");
  add_money(change, options->fields);
}

}  // namespace

void add_directory_commands(CLI::App& cli, int& code) {
  auto group = [&](const std::string& name, const std::string& about) -> CLI::App& {
    auto* command = cli.add_subcommand(name, about);
    command->require_subcommand(1);
    return *command;
  };
  const Group keys{group("keys", "Keys of callers: list, make, change, rotate, block, end."), Kind::kKeys, "keys",
                   "key", code};
  add_usual(keys, print_list<Kind::kKeys>);
  add_key_commands(keys);
  add_usual({group("teams", "Teams: list, make, change, end."), Kind::kTeams, "teams", "team", code},
            print_list<Kind::kTeams>);
  add_usual({group("users", "Users: list, make, change, end."), Kind::kUsers, "users", "user", code},
            print_list<Kind::kUsers>);
  add_organisation_commands(group("organisation", "What all callers together may use: show, change."), code);
}

}  // namespace sluice::app
