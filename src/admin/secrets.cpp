#include "admin/secrets.h"

#include <fmt/format.h>

#include <algorithm>

#include "admin/members.h"
#include "admin/roster.h"
#include "base/text.h"
#include "base/time_text.h"
#include "json/writer.h"

namespace sluice::admin {

namespace {

using store::SecretRow;

std::string about(std::string_view name) {
  return fmt::format("secret '{}'", name);
}

bool is_used(const Tools& tools, std::string_view name) {
  return tools.used_secrets && std::ranges::find(*tools.used_secrets, name) != tools.used_secrets->end();
}

void write(json::Writer& json, const Tools& tools, const SecretRow& row) {
  json.begin_object();
  json.key("name").text(row.name);
  json.key("created_at").text(time_text(row.created_us));
  json.key("changed_at").text(time_text(row.changed_us));
  if (tools.used_secrets) json.key("used").boolean(is_used(tools, row.name));
  json.end_object();
}

std::string to_json(const Tools& tools, const SecretRow& row) {
  std::string out;
  json::Writer json(out);
  write(json, tools, row);
  return out;
}

Result<std::optional<SecretRow>> look_up(store::Directory& directory, std::string_view name) {
  auto rows = directory.secrets();
  if (!rows) return fail_from(rows);
  auto found = std::ranges::find(*rows, name, &SecretRow::name);
  return found == rows->end() ? std::nullopt : std::optional(std::move(*found));
}

Result<SecretRow> find(const Tools& tools, const Ask& ask) {
  auto found = look_up(tools.roster->directory(), ask.parameter);
  if (!found) return fail_from(found);
  if (!*found) return not_found("name", fmt::format("There is no secret '{}'.", printable(ask.parameter)));
  return std::move(**found);
}

// Whoever changes what a caller's key is made of can call as them: only who may make such a caller does.
Status check_holders(const Tools& tools, const Ask& ask) {
  for (const auto& holder : tools.roster->holders_of_secret(ask.parameter)) {
    auto key = tools.roster->find_key(holder);
    if (!key) return fail_from(key);
    const auto role = holder == kMasterName ? Role::kMaster : *key ? tools.roster->role_of((*key)->row) : Role::kMember;
    if (may_grant(ask.who.role, role)) continue;
    return forbidden("name",
                     fmt::format("The configuration tells the key '{}' with the secret '{}', and its role '{}' is one "
                                 "that yours does not give.",
                                 holder, ask.parameter, name(role)),
                     "more_than_own");
  }
  return {};
}

}  // namespace

bool is_secret_name(std::string_view name) {
  auto plain = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= 100 && plain(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; });
}

Result<SecretRow> sealed_row(store::Directory& directory, const Sealer& sealer, const std::string& name,
                             const Secret& text) {
  if (!is_secret_name(name)) {
    return invalid("name",
                   "The name of a secret is letters, digits and . _ -, a letter or digit first, at most 100 of them.");
  }
  if (text.empty()) return invalid("value", "'value' must not be empty.");
  if (text.reveal().size() > kMostSecretBytes)
    return invalid("value", fmt::format("'value' must have at most {} bytes.", kMostSecretBytes));
  auto before = look_up(directory, name);
  if (!before) return fail_from(before);
  const auto at = wall_us();
  return SecretRow{.name = name,
                   .sealed = sealer.seal(name, text),
                   .created_us = *before ? (*before)->created_us : at,
                   .changed_us = at};
}

Result<std::string> list_secrets(const Tools& tools, const Ask&) {
  auto rows = tools.roster->directory().secrets();
  if (!rows) return fail_from(rows);
  std::string out;
  json::Writer json(out);
  json.begin_object().key("secrets").begin_array();
  for (const auto& row : *rows) write(json, tools, row);
  json.end_array().end_object();
  return out;
}

Result<std::string> get_secret(const Tools& tools, const Ask& ask) {
  auto row = find(tools, ask);
  if (!row) return fail_from(row);
  return to_json(tools, *row);
}

Result<std::string> put_secret(const Tools& tools, const Ask& ask) {
  constexpr std::string_view kFields[] = {"value"};
  auto body = Members::read(ask.body, kFields);
  if (!body) return fail_from(body);
  auto value = body->text("value");
  if (!value) return fail_from(value);
  const Secret text(std::move(*value));
  if (!tools.vault || !tools.vault->sealer) return conflict("", std::string(kNoSecretsKey));
  auto changing = tools.roster->begin_change();
  if (auto held = check_holders(tools, ask); !held) return fail_from(held);
  auto row = sealed_row(tools.roster->directory(), *tools.vault->sealer, ask.parameter, text);
  if (!row) return fail_from(row);
  const store::Edit edits[] = {*row};
  if (auto kept = tools.roster->keep(edits, change_of(ask, "secrets.set", about(row->name))); !kept)
    return fail_from(kept);
  tools.vault->changed = true;
  return to_json(tools, *row);
}

// Not while the configuration refers to it: the next start would find nothing there.
Result<std::string> delete_secret(const Tools& tools, const Ask& ask) {
  auto changing = tools.roster->begin_change();
  auto row = find(tools, ask);
  if (!row) return fail_from(row);
  if (is_used(tools, row->name)) {
    return conflict("name",
                    fmt::format("The configuration refers to the secret '{}': change it there before.", row->name));
  }
  const store::Edit edits[] = {store::Removal{store::Removal::What::kSecret, row->name}};
  if (auto kept = tools.roster->keep(edits, change_of(ask, "secrets.delete", about(row->name))); !kept)
    return fail_from(kept);
  return to_json(tools, *row);
}

}  // namespace sluice::admin
