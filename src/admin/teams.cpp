#include "admin/teams.h"

#include <fmt/format.h>

#include "admin/grant.h"
#include "admin/model_names.h"
#include "admin/roster.h"
#include "base/text.h"
#include "base/time_text.h"

namespace sluice::admin {

namespace {

using store::TeamRow;

std::string about(const TeamRow& row) {
  return fmt::format("team '{}'", row.name);
}

Result<Listed<TeamRow>> find(const Tools& tools, const Ask& ask) {
  auto found = tools.roster->find_team(ask.parameter);
  bool visible = found && (ask.reach == Reach::kAll || found->row.name == ask.who.team);
  if (!visible) return not_found("team", fmt::format("There is no team '{}'.", printable(ask.parameter)));
  return std::move(*found);
}

Result<TeamRow> find_to_change(const Tools& tools, const Ask& ask) {
  auto found = find(tools, ask);
  if (!found) return fail_from(found);
  if (found->origin == Origin::kApi) return std::move(found->row);
  return conflict("team",
                  fmt::format("The team '{}' is part of the configuration file: change it there.", found->row.name));
}

Status check(const Tools& tools, const Ask& ask, const TeamRow& before, const TeamRow& row) {
  if (auto fine = check_models(tools.routes, before.models, row.models); !fine) return fine;
  if (auto fine = check_aliases(tools.routes, before.aliases, row.aliases); !fine) return fine;
  auto granter = granter_of(tools, ask);
  return granter ? check_change(*granter, before, row) : Status(fail_from(granter));
}

}  // namespace

Result<std::string> list_teams(const Tools& tools, const Ask& ask) {
  std::string out;
  json::Writer json(out);
  json.begin_object().key("teams").begin_array();
  for (const auto& team : tools.roster->teams()) {
    if (ask.reach == Reach::kAll || team.row.name == ask.who.team) write(json, team.row, team.origin);
  }
  json.end_array().end_object();
  return out;
}

Result<std::string> create_team(const Tools& tools, const Ask& ask) {
  auto body = Members::read(ask.body, team_fields());
  if (!body) return fail_from(body);
  TeamRow row{.created_us = wall_us()};
  if (!body->has("name")) return body->wrong("name", "is missing");
  if (auto taken = read(*body, row); !taken) return fail_from(taken);
  auto changing = tools.roster->begin_change();
  if (auto fine = check(tools, ask, {}, row); !fine) return fail_from(fine);
  if (tools.roster->find_team(row.name))
    return conflict("name", fmt::format("There is a team '{}' already.", printable(row.name)));
  auto entry = change_of(ask, "teams.create", about(row));
  entry.after = to_json(row, Origin::kApi);
  if (auto put = tools.roster->put(row, entry); !put) return fail_from(put);
  return entry.after;
}

Result<std::string> get_team(const Tools& tools, const Ask& ask) {
  auto found = find(tools, ask);
  if (!found) return fail_from(found);
  return to_json(found->row, found->origin);
}

Result<std::string> patch_team(const Tools& tools, const Ask& ask) {
  auto body = Members::read(ask.body, team_fields());
  if (!body) return fail_from(body);
  auto changing = tools.roster->begin_change();
  auto row = find_to_change(tools, ask);
  if (!row) return fail_from(row);
  if (body->has("name")) return body->wrong("name", "cannot be changed: keys and the ledger know the team by it");
  auto next = *row;
  if (auto taken = read(*body, next); !taken) return fail_from(taken);
  if (auto fine = check(tools, ask, *row, next); !fine) return fail_from(fine);
  auto entry = change_of(ask, "teams.change", about(*row));
  entry.before = to_json(*row, Origin::kApi);
  entry.after = to_json(next, Origin::kApi);
  if (auto put = tools.roster->put(next, entry); !put) return fail_from(put);
  return entry.after;
}

// Only without keys: what limits them must not go from under them.
Result<std::string> delete_team(const Tools& tools, const Ask& ask) {
  auto changing = tools.roster->begin_change();
  auto row = find_to_change(tools, ask);
  if (!row) return fail_from(row);
  auto keys = tools.roster->keys({.team = row->name, .most = 1});
  if (!keys) return fail_from(keys);
  if (!keys->empty()) {
    return conflict("team", fmt::format("The team '{}' has keys, such as '{}': delete or move them before.", row->name,
                                        keys->front().row.name));
  }
  auto entry = change_of(ask, "teams.delete", about(*row));
  entry.before = to_json(*row, Origin::kApi);
  if (auto removed = tools.roster->remove_group<store::TeamRow>(row->name, entry); !removed) return fail_from(removed);
  return entry.before;
}

}  // namespace sluice::admin
