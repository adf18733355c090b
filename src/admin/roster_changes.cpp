#include "admin/group.h"
#include "admin/roster.h"
#include "base/journal/file.h"
#include "base/log.h"

namespace sluice::admin {

namespace {

void add_digests(const store::KeyRow& row, std::vector<Sha256>& digests) {
  for (const auto* hash : {&row.hash, &row.old_hash}) {
    if (auto digest = parse_sha256(*hash)) digests.push_back(*digest);
  }
}

}  // namespace

Status Roster::keep(std::span<const store::Edit> edits, const store::AuditEntry& entry) {
  auto head = directory_.change(edits, entry);
  if (!head) return fail_from(head);
  if (head_file_.empty()) return {};
  if (auto kept = journal::replace_file(head_file_, to_text(*head) + "\n"); !kept)
    log::write(log::Level::kError, "the head of the audit log was not kept", kept.error());
  return {};
}

Status Roster::put(const store::KeyRow* before, const store::KeyRow& row, const store::AuditEntry& entry) {
  const store::Edit edits[] = {row};
  if (auto kept = keep(edits, entry); !kept) return kept;
  std::lock_guard lock(mutex_);
  std::vector<Sha256> gone;
  if (before) add_digests(*before, gone);
  std::vector<KnownKey> known;
  KeyAccounts accounts(account_of_);
  add_known(rows_, row, accounts, known);
  set_terms(quota::Scope::kKey, row.name, row.limits, row.budget);
  use(callers_->with(std::move(known), gone));
  return {};
}

Status Roster::remove(const store::KeyRow& row, const store::AuditEntry& entry) {
  const store::Edit edits[] = {store::Removal{store::Removal::What::kKey, row.id}};
  if (auto kept = keep(edits, entry); !kept) return kept;
  std::lock_guard lock(mutex_);
  std::vector<Sha256> gone;
  add_digests(row, gone);
  set_terms(quota::Scope::kKey, row.name, {}, {});
  use(callers_->with({}, gone));
  return {};
}

template <class Row>
Status Roster::put(const Row& row, const store::AuditEntry& entry) {
  using Of = Group<Row>;
  const store::Edit edits[] = {row};
  if (auto kept = keep(edits, entry); !kept) return kept;
  std::lock_guard lock(mutex_);
  Of::rows(rows_).insert_or_assign(row.name, Listed{row, Origin::kApi});
  Of::parts(rows_).insert_or_assign(row.name, part_of(row));
  set_terms(Of::kScope, row.name, row.limits, row.budget);
  return remake(Of::keys(row.name));
}

template <class Row>
Status Roster::remove_group(const std::string& name, const store::AuditEntry& entry) {
  using Of = Group<Row>;
  const store::Edit edits[] = {store::Removal{Of::kRemoval, name}};
  if (auto kept = keep(edits, entry); !kept) return kept;
  std::lock_guard lock(mutex_);
  Of::rows(rows_).erase(name);
  Of::parts(rows_).erase(name);
  set_terms(Of::kScope, name, {}, {});
  return remake(Of::keys(name));
}

template Status Roster::put(const store::TeamRow& row, const store::AuditEntry& entry);
template Status Roster::put(const store::UserRow& row, const store::AuditEntry& entry);
template Status Roster::remove_group<store::TeamRow>(const std::string& name, const store::AuditEntry& entry);
template Status Roster::remove_group<store::UserRow>(const std::string& name, const store::AuditEntry& entry);

Status Roster::put(const store::OrganisationRow& row, const store::AuditEntry& entry) {
  auto kept_row = row;
  const bool of_file = organisation().origin == Origin::kFile;
  if (of_file) kept_row.limits = kept_row.budget = std::string();
  const store::Edit edits[] = {std::move(kept_row)};
  if (auto kept = keep(edits, entry); !kept) return kept;
  std::lock_guard lock(mutex_);
  rows_.organisation.row = row;
  if (!of_file) set_terms(quota::Scope::kOrganisation, "", row.limits, row.budget);
  return {};
}

Status Roster::note(const store::AuditEntry& entry) {
  return keep({}, entry);
}

// The callers of a team or user whose row is another one now.
Status Roster::remake(store::KeyQuery query) {
  std::vector<KnownKey> known;
  KeyAccounts accounts(account_of_);
  for (const auto& key : rows_.file_keys) {
    if (fits(key, query)) known.push_back({key.digest, 0, make_caller(rows_, key.row(), accounts)});
  }
  while (true) {
    auto page = directory_.keys(query);
    if (!page) return fail_from(page);
    const bool last = page->size() < query.most;
    if (!last) query.after = page->back().name;
    for (const auto& row : *page) add_known(rows_, row, accounts, known);
    if (last) break;
  }
  use(callers_->with(std::move(known)));
  return {};
}

}  // namespace sluice::admin
