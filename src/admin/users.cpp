#include "admin/users.h"

#include <fmt/format.h>

#include <algorithm>

#include "admin/grant.h"
#include "admin/roster.h"
#include "base/text.h"
#include "base/time_text.h"

namespace sluice::admin {

namespace {

using store::UserRow;

std::string about(const UserRow& row) {
  return fmt::format("user '{}'", row.name);
}

bool is_visible(const Ask& ask, const UserRow& row) {
  return ask.reach == Reach::kAll || std::ranges::find(row.teams, ask.who.team) != row.teams.end();
}

Result<Listed<UserRow>> find(const Tools& tools, const Ask& ask) {
  auto found = tools.roster->find_user(ask.parameter);
  if (!found || !is_visible(ask, found->row))
    return not_found("user", fmt::format("There is no user '{}'.", printable(ask.parameter)));
  return std::move(*found);
}

Result<UserRow> find_to_change(const Tools& tools, const Ask& ask) {
  auto found = find(tools, ask);
  if (!found) return fail_from(found);
  if (found->origin == Origin::kFile) {
    return conflict("user",
                    fmt::format("The user '{}' is part of the configuration file: change it there.", found->row.name));
  }
  auto granter = granter_of(tools, ask);
  if (!granter) return fail_from(granter);
  if (auto fine = check_touch(*granter, found->row); !fine) return fail_from(fine);
  return std::move(found->row);
}

Status check(const Tools& tools, const Ask& ask, const UserRow& before, const UserRow& row) {
  auto granter = granter_of(tools, ask);
  if (!granter) return fail_from(granter);
  if (auto fine = check_change(*granter, before, row); !fine) return fine;
  for (const auto& team : row.teams) {
    if (!tools.roster->knows_team(team))
      return invalid("teams", fmt::format("There is no team '{}'.", printable(team)));
  }
  return {};
}

}  // namespace

Result<std::string> list_users(const Tools& tools, const Ask& ask) {
  std::string out;
  json::Writer json(out);
  json.begin_object().key("users").begin_array();
  for (const auto& user : tools.roster->users()) {
    if (is_visible(ask, user.row)) write(json, user.row, user.origin);
  }
  json.end_array().end_object();
  return out;
}

Result<std::string> create_user(const Tools& tools, const Ask& ask) {
  auto body = Members::read(ask.body, user_fields());
  if (!body) return fail_from(body);
  UserRow row{.role = "member", .created_us = wall_us()};
  if (!body->has("name")) return body->wrong("name", "is missing");
  if (auto taken = read(*body, row); !taken) return fail_from(taken);
  auto changing = tools.roster->begin_change();
  if (auto fine = check(tools, ask, {}, row); !fine) return fail_from(fine);
  if (tools.roster->find_user(row.name))
    return conflict("name", fmt::format("There is a user '{}' already.", printable(row.name)));
  auto entry = change_of(ask, "users.create", about(row));
  entry.after = to_json(row, Origin::kApi);
  if (auto put = tools.roster->put(row, entry); !put) return fail_from(put);
  return entry.after;
}

Result<std::string> get_user(const Tools& tools, const Ask& ask) {
  auto found = find(tools, ask);
  if (!found) return fail_from(found);
  return to_json(found->row, found->origin);
}

Result<std::string> patch_user(const Tools& tools, const Ask& ask) {
  auto body = Members::read(ask.body, user_fields());
  if (!body) return fail_from(body);
  auto changing = tools.roster->begin_change();
  auto row = find_to_change(tools, ask);
  if (!row) return fail_from(row);
  if (body->has("name")) return body->wrong("name", "cannot be changed: keys and the ledger know the user by it");
  auto next = *row;
  if (auto taken = read(*body, next); !taken) return fail_from(taken);
  if (auto fine = check(tools, ask, *row, next); !fine) return fail_from(fine);
  auto entry = change_of(ask, "users.change", about(*row));
  entry.before = to_json(*row, Origin::kApi);
  entry.after = to_json(next, Origin::kApi);
  if (auto put = tools.roster->put(next, entry); !put) return fail_from(put);
  return entry.after;
}

// Only without keys: what limits them must not go from under them.
Result<std::string> delete_user(const Tools& tools, const Ask& ask) {
  auto changing = tools.roster->begin_change();
  auto row = find_to_change(tools, ask);
  if (!row) return fail_from(row);
  auto keys = tools.roster->keys({.user = row->name, .most = 1});
  if (!keys) return fail_from(keys);
  if (!keys->empty()) {
    return conflict("user", fmt::format("The user '{}' has keys, such as '{}': delete or change them before.",
                                        row->name, keys->front().row.name));
  }
  auto entry = change_of(ask, "users.delete", about(*row));
  entry.before = to_json(*row, Origin::kApi);
  if (auto removed = tools.roster->remove_group<store::UserRow>(row->name, entry); !removed) return fail_from(removed);
  return entry.before;
}

}  // namespace sluice::admin
