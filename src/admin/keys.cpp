#include "admin/keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "admin/grant.h"
#include "admin/model_names.h"
#include "admin/params.h"
#include "admin/roster.h"
#include "admin/team_books.h"
#include "base/digest.h"
#include "base/text.h"
#include "base/time_text.h"

namespace sluice::admin {

namespace {

using store::KeyRow;

constexpr std::int64_t kUsually = 100;
constexpr std::string_view kListParams[] = {"limit", "after", "team", "user", "blocked"};
constexpr std::string_view kRotateFields[] = {"grace"};
constexpr Ms kUsualGrace{24 * 3'600'000};
constexpr Ms kMostGrace{90LL * 24 * 3'600'000};
constexpr std::size_t kShownOfKey = 12;  // "sk-sl-" and six digits

std::string about(const KeyRow& row) {
  return fmt::format("key '{}'", row.name);
}

// A key of another team is none for who is of one team.
Result<Listed<KeyRow>> find(const Tools& tools, const Ask& ask) {
  auto found = tools.roster->find_key(ask.parameter);
  if (!found) return fail_from(found);
  bool visible = *found && (ask.reach == Reach::kAll || (*found)->row.team == ask.who.team);
  if (!visible) return not_found("key", fmt::format("There is no key '{}'.", printable(ask.parameter)));
  return std::move(**found);
}

Result<KeyRow> find_to_change(const Tools& tools, const Ask& ask) {
  auto found = find(tools, ask);
  if (!found) return fail_from(found);
  if (found->origin == Origin::kApi) return std::move(found->row);
  return conflict("key",
                  fmt::format("The key '{}' is part of the configuration file: change it there.", found->row.name));
}

// A user of other teams is none for who is of one team, but for the user they are themselves.
bool may_name(const Ask& ask, const Granter& granter, const store::UserRow& user) {
  if (ask.reach == Reach::kAll) return true;
  if (granter.key && granter.key->user == user.name) return true;
  return std::ranges::find(user.teams, ask.who.team) != user.teams.end();
}

// What a row refers to is there.
Status check_references(const Tools& tools, const Ask& ask, const Granter& granter, const KeyRow& before,
                        const KeyRow& row) {
  if (auto fine = check_models(tools.routes, before.models, row.models); !fine) return fine;
  if (!row.team.empty() && !tools.roster->knows_team(row.team))
    return invalid("team", fmt::format("There is no team '{}'.", printable(row.team)));
  if (row.user.empty()) return {};
  auto user = tools.roster->find_user(row.user);
  const bool stays = row.user == before.user;
  if (!user || (!stays && !may_name(ask, granter, user->row)))
    return invalid("user", fmt::format("There is no user '{}'.", printable(row.user)));
  const auto& teams = user->row.teams;
  if (!row.team.empty() && !teams.empty() && std::ranges::find(teams, row.team) == teams.end()) {
    return invalid("user", fmt::format("The user '{}' is not of the team '{}'.", row.user, row.team));
  }
  return {};
}

struct MadeKey {
  std::string text, hash, prefix;
};

MadeKey make_key(const Tools& tools) {
  MadeKey made{.text = "sk-sl-" + random_token(24), .hash = {}, .prefix = {}};
  made.hash = tools.roster->hash_of(made.text);
  made.prefix = made.text.substr(0, kShownOfKey);
  return made;
}

std::string text_of(const Tools& tools, const KeyRow& row, Origin origin = Origin::kApi) {
  std::string out;
  json::Writer json(out);
  write(json, row, origin, tools.roster->role_of(row));
  return out;
}

std::string with_key(std::string_view row, std::string_view key) {
  return fmt::format(R"({{"key":"{}",{})", key, row.substr(1));
}

enum class Block { kOn, kOff };

Result<std::string> set_blocked(const Tools& tools, const Ask& ask, Block block) {
  auto changing = tools.roster->begin_change();
  auto row = find_to_change(tools, ask);
  if (!row) return fail_from(row);
  auto granter = granter_of(tools, ask);
  if (!granter) return fail_from(granter);
  // To let a key be used again is to give what it has.
  auto fine = block == Block::kOn ? check_touch(*granter, *row) : check_grant(*granter, *row);
  if (!fine) return fail_from(fine);
  auto next = *row;
  next.blocked = block == Block::kOn;
  auto entry = change_of(ask, block == Block::kOn ? "keys.block" : "keys.unblock", about(*row));
  entry.before = text_of(tools, *row);
  entry.after = text_of(tools, next);
  if (auto put = tools.roster->put(&*row, next, entry); !put) return fail_from(put);
  return entry.after;
}

Result<store::KeyQuery> query_of(const Ask& ask) {
  auto params = Params::read(ask.query, kListParams);
  if (!params) return fail_from(params);
  auto limit = params->number("limit", kUsually, 1, store::kMostKeys);
  if (!limit) return fail_from(limit);
  store::KeyQuery query;
  query.most = static_cast<std::size_t>(*limit);
  query.after = params->text("after").value_or("");
  auto team = asked_team(ask, *params);
  if (!team) return fail_from(team);
  query.team = *team;
  query.user = params->text("user");
  if (auto blocked = params->text("blocked")) {
    if (*blocked != "true" && *blocked != "false") return invalid("blocked", "'blocked' must be true or false.");
    query.blocked = *blocked == "true";
  }
  return query;
}

}  // namespace

Result<std::string> list_keys(const Tools& tools, const Ask& ask) {
  auto query = query_of(ask);
  if (!query) return fail_from(query);
  auto listed = tools.roster->keys(*query);
  if (!listed) return fail_from(listed);
  std::string out;
  json::Writer json(out);
  json.begin_object().key("keys").begin_array();
  for (const auto& one : *listed) write(json, one.row, one.origin, tools.roster->role_of(one.row));
  json.end_array().key("next");
  if (listed->size() == query->most) {
    json.text(listed->back().row.name);
  } else {
    json.null();
  }
  json.end_object();
  return out;
}

Result<std::string> create_key(const Tools& tools, const Ask& ask) {
  auto body = Members::read(ask.body, key_fields());
  if (!body) return fail_from(body);
  KeyRow row{.id = "key_" + random_token(8), .role = "member", .priority = "normal", .created_us = wall_us()};
  if (ask.reach == Reach::kOwnTeam) row.team = ask.who.team;
  if (!body->has("name")) return body->wrong("name", "is missing");
  if (auto taken = read(*body, row); !taken) return fail_from(taken);
  if (row.expires_us != 0 && row.expires_us <= row.created_us) return body->wrong("expires_at", "is in the past");
  auto changing = tools.roster->begin_change();
  auto granter = granter_of(tools, ask);
  if (!granter) return fail_from(granter);
  if (auto fine = check_references(tools, ask, *granter, {}, row); !fine) return fail_from(fine);
  if (auto fine = check_grant(*granter, row); !fine) return fail_from(fine);
  auto there = tools.roster->find_key(row.name);
  if (!there) return fail_from(there);
  if (*there) return conflict("name", fmt::format("There is a key named '{}' already.", printable(row.name)));
  auto made = make_key(tools);
  row.hash = std::move(made.hash);
  row.prefix = std::move(made.prefix);
  auto entry = change_of(ask, "keys.create", about(row));
  entry.after = text_of(tools, row);
  if (auto put = tools.roster->put(nullptr, row, entry); !put) return fail_from(put);
  return with_key(entry.after, made.text);
}

Result<std::string> get_key(const Tools& tools, const Ask& ask) {
  auto found = find(tools, ask);
  if (!found) return fail_from(found);
  return text_of(tools, found->row, found->origin);
}

Result<std::string> patch_key(const Tools& tools, const Ask& ask) {
  auto body = Members::read(ask.body, key_fields());
  if (!body) return fail_from(body);
  auto changing = tools.roster->begin_change();
  auto row = find_to_change(tools, ask);
  if (!row) return fail_from(row);
  if (body->has("name")) return body->wrong("name", "cannot be changed: the ledger knows the key by it");
  auto next = *row;
  if (auto taken = read(*body, next); !taken) return fail_from(taken);
  if (body->has("expires_at") && next.expires_us != 0 && next.expires_us <= wall_us())
    return body->wrong("expires_at", "is in the past");
  auto granter = granter_of(tools, ask);
  if (!granter) return fail_from(granter);
  if (auto fine = check_references(tools, ask, *granter, *row, next); !fine) return fail_from(fine);
  if (auto fine = check_touch(*granter, *row); !fine) return fail_from(fine);
  if (auto fine = check_grant(*granter, next); !fine) return fail_from(fine);
  auto entry = change_of(ask, "keys.change", about(*row));
  entry.before = text_of(tools, *row);
  entry.after = text_of(tools, next);
  if (auto put = tools.roster->put(&*row, next, entry); !put) return fail_from(put);
  return entry.after;
}

Result<std::string> delete_key(const Tools& tools, const Ask& ask) {
  auto changing = tools.roster->begin_change();
  auto row = find_to_change(tools, ask);
  if (!row) return fail_from(row);
  auto granter = granter_of(tools, ask);
  if (!granter) return fail_from(granter);
  if (auto fine = check_touch(*granter, *row); !fine) return fail_from(fine);
  auto entry = change_of(ask, "keys.delete", about(*row));
  entry.before = text_of(tools, *row);
  if (auto removed = tools.roster->remove(*row, entry); !removed) return fail_from(removed);
  return entry.before;
}

// Whoever gets the new text has what the key has.
Result<std::string> rotate_key(const Tools& tools, const Ask& ask) {
  auto body = Members::read(ask.body.empty() ? "{}" : ask.body, kRotateFields);
  if (!body) return fail_from(body);
  Result<Ms> grace = Ms(0);
  const auto written = body->written("grace");
  const bool none = written == "0" || parse_duration_ms(written) == 0;
  if (!none) grace = body->duration("grace", kUsualGrace, kMostGrace);
  if (!grace) return fail_from(grace);
  auto changing = tools.roster->begin_change();
  auto row = find_to_change(tools, ask);
  if (!row) return fail_from(row);
  auto granter = granter_of(tools, ask);
  if (!granter) return fail_from(granter);
  if (auto fine = check_grant(*granter, *row); !fine) return fail_from(fine);
  if (grace->count() > 0 && !row->old_hash.empty() && row->old_until_us > wall_us()) {
    return conflict("grace", fmt::format("The text before this one is good until {}, and a key has one such text at "
                                         "most: wait until then, or end both with a grace of 0.",
                                         time_text(row->old_until_us)));
  }
  auto made = make_key(tools);
  auto next = *row;
  next.hash = std::move(made.hash);
  next.prefix = std::move(made.prefix);
  next.old_hash = grace->count() > 0 ? row->hash : std::string();
  next.old_until_us = grace->count() > 0 ? wall_us() + grace->count() * 1'000 : 0;
  auto entry = change_of(ask, "keys.rotate", about(*row));
  entry.before = text_of(tools, *row);
  entry.after = text_of(tools, next);
  if (auto put = tools.roster->put(&*row, next, entry); !put) return fail_from(put);
  return with_key(entry.after, made.text);
}

Result<std::string> block_key(const Tools& tools, const Ask& ask) {
  return set_blocked(tools, ask, Block::kOn);
}

Result<std::string> unblock_key(const Tools& tools, const Ask& ask) {
  return set_blocked(tools, ask, Block::kOff);
}

}  // namespace sluice::admin
