// Who may ask, as it is now: the keys, teams, users and the organisation of the configuration and of the directory,
// made into the table of callers that the loops use. What changes here is kept in the directory first, with its entry
// in the audit log.
//
// Names are those of one thing each: what the configuration names cannot be made by the API, and a configuration that
// names what the API made is refused.
//
// Thread rule: any thread but loops; changes are made one after the other. Ownership: the Runtime; the directory
// outlives it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "admin/file_keys.h"
#include "admin/key_accounts.h"
#include "admin/rows.h"
#include "base/secret.h"
#include "exchange/callers.h"
#include "quota/terms.h"
#include "store/directory.h"

namespace sluice::admin {

template <class Row>
struct Listed {
  Row row;
  Origin origin = Origin::kApi;
};

class Roster {
 public:
  // By the name of a secret of the store: the names of the keys that the configuration tells with it.
  using SecretHolders = std::multimap<std::string, std::string>;
  // What a configuration says.
  struct File {
    Secret master_key;
    FileKeys keys;
    std::vector<store::TeamRow> teams;
    std::vector<store::UserRow> users;
    store::OrganisationRow organisation{};                     // its limits and budget
    quota::Unpriced usual_unpriced = quota::Unpriced::kBlock;  // of budgets that do not say it
    SecretHolders secret_holders{};
  };
  using Publish = std::function<void(std::shared_ptr<const Callers>)>;
  using SetTerms = std::function<void(quota::Scope scope, std::string_view name, quota::Terms terms)>;

  // `secret` is what keys are hashed with; the head of the audit log is kept in `head_file` too; empty: nowhere else.
  Roster(store::Directory& directory, std::string_view secret, std::string head_file = {});
  Roster(const Roster&) = delete;
  Roster& operator=(const Roster&) = delete;

  // All are called with a lock held and before anything else happens; those of accounts and terms on two threads at
  // once where there are many keys. Accounts live as long as the roster.
  void on_accounts(AccountOf account_of) { account_of_ = std::move(account_of); }
  void on_change(Publish publish) { publish_ = std::move(publish); }
  void on_terms(SetTerms set_terms) { set_terms_ = std::move(set_terms); }

  // Whether a secret may be made where there is none: of keys that are kept another one was used. Fault:
  // kInvalidConfig.
  static Status check_unkeyed(store::Directory& directory);

  // Reads the directory and takes the configuration's callers in place of those of the one before; whole or not at all.
  // Faults: kInvalidConfig: a name that is there already, or keys that were made with another secret.
  // `publish` stands for the function of on_change() this once. `prepare` does what else belongs to the change, when
  // nothing of the file can be refused any more; where it fails, nothing has changed here. It must not call the roster.
  Status use_file(File file, const Publish& publish = {}, const std::function<Status()>& prepare = {});
  std::shared_ptr<const Callers> callers() const;

  Result<std::optional<Listed<store::KeyRow>>> find_key(std::string_view id_or_name) const;
  Result<std::vector<Listed<store::KeyRow>>> keys(const store::KeyQuery& query) const;
  std::optional<Listed<store::TeamRow>> find_team(std::string_view name) const;
  std::optional<Listed<store::UserRow>> find_user(std::string_view name) const;
  std::vector<Listed<store::TeamRow>> teams() const;  // by name
  std::vector<Listed<store::UserRow>> users() const;
  Listed<store::OrganisationRow> organisation() const;
  // Whether anything is said of such a team, if only that a key is of it.
  bool knows_team(std::string_view name) const;
  quota::Unpriced usual_unpriced() const;
  std::vector<std::string> holders_of_secret(const std::string& secret) const;
  // What a key may do on the administrator's side: its role, and no more than its user's.
  Role role_of(const store::KeyRow& row) const;

  // A change that depends on what is there is made with this held.
  [[nodiscard]] std::unique_lock<std::mutex> begin_change() { return std::unique_lock(changes_); }
  // In force when they return. `before` is what put_key() replaces; null: it is new. Faults: those of
  // Directory::change.
  Status put(const store::KeyRow* before, const store::KeyRow& row, const store::AuditEntry& entry);
  Status remove(const store::KeyRow& row, const store::AuditEntry& entry);
  // Of a team or a user: store::TeamRow, store::UserRow.
  template <class Row>
  Status put(const Row& row, const store::AuditEntry& entry);
  template <class Row>
  Status remove_group(const std::string& name, const store::AuditEntry& entry);
  Status put(const store::OrganisationRow& row, const store::AuditEntry& entry);
  // What no caller is made of.
  Status keep(std::span<const store::Edit> edits, const store::AuditEntry& entry);
  // Only the entry.
  Status note(const store::AuditEntry& entry);

  store::Directory& directory() const { return directory_; }
  std::string hash_of(std::string_view key) const;

 private:
  template <class Row>
  using ByName = std::map<std::string, Row, std::less<>>;
  struct Parts {  // what callers share
    ByName<std::shared_ptr<const Team>> teams;
    ByName<std::shared_ptr<const User>> users;
  };
  struct Rows {
    FileKeys file_keys;
    ByName<Listed<store::TeamRow>> teams;
    ByName<Listed<store::UserRow>> users;
    Listed<store::OrganisationRow> organisation;
    quota::Unpriced usual_unpriced = quota::Unpriced::kBlock;
    SecretHolders secret_holders;
    Parts parts;
  };

  static bool fits(const FileKeys::Key& key, const store::KeyQuery& query);
  Result<Rows> rows_with(File file) const;
  Status join_organisation(const store::OrganisationRow& of_file, Listed<store::OrganisationRow>& into) const;
  Status check_secret() const;
  Result<std::vector<KnownKey>> known_keys(const Rows& rows, const Secret& master_key) const;
  Status add_stored(const Rows& rows, std::vector<KnownKey>& keys) const;
  static Role role_in(const Rows& rows, const store::KeyRow& row);
  // With mutex_ held from here on.
  Caller caller_like(const Rows& rows, const store::KeyRow& row, KeyAccounts& accounts) const;
  std::shared_ptr<const Caller> make_caller(const Rows& rows, const store::KeyRow& row, KeyAccounts& accounts) const;
  std::vector<KnownKey> known_file_keys(const Rows& rows) const;
  void add_known(const Rows& rows, const store::KeyRow& row, KeyAccounts& accounts, std::vector<KnownKey>& keys) const;
  Status remake(store::KeyQuery query);
  void use(std::shared_ptr<const Callers> callers);
  void set_terms(quota::Scope scope, const std::string& name, std::string_view limits, std::string_view budget) const;

  store::Directory& directory_;
  const Hmac hash_;
  const std::string head_file_;
  Publish publish_;
  SetTerms set_terms_;
  AccountOf account_of_;
  std::mutex changes_;
  mutable std::mutex mutex_;
  Rows rows_;
  std::shared_ptr<const Callers> callers_;
};

}  // namespace sluice::admin
