#include "admin/organisation.h"

#include "admin/grant.h"
#include "admin/roster.h"
#include "base/time_text.h"

namespace sluice::admin {

Result<std::string> get_organisation(const Tools& tools, const Ask&) {
  const auto found = tools.roster->organisation();
  return to_json(found.row, found.origin);
}

Result<std::string> patch_organisation(const Tools& tools, const Ask& ask) {
  auto body = Members::read(ask.body, organisation_fields());
  if (!body) return fail_from(body);
  auto changing = tools.roster->begin_change();
  const auto [row, origin] = tools.roster->organisation();
  if (origin == Origin::kFile && (body->has("limits") || body->has("budget"))) {
    return conflict(
        body->has("limits") ? "limits" : "budget",
        "The limits and budgets of the organisation are part of the configuration file: change them there.");
  }
  auto next = row;
  if (auto taken = read(*body, next); !taken) return fail_from(taken);
  auto granter = granter_of(tools, ask);
  if (!granter) return fail_from(granter);
  if (auto fine = check_change(*granter, row, next); !fine) return fail_from(fine);
  next.changed_us = wall_us();
  auto entry = change_of(ask, "organisation.change", "the organisation");
  entry.before = to_json(row, origin);
  entry.after = to_json(next, origin);
  if (auto put = tools.roster->put(next, entry); !put) return fail_from(put);
  return entry.after;
}

}  // namespace sluice::admin
