// The directory in a SQLite database, beside the ledger. Rows have a column for each field; lists are lines of a text,
// pairs are lines with '='.
//
// One connection writes and another reads, each behind a lock; each_key() has connections of its own. Thread rule: any
// thread, never a loop. Lifetime: the file outlives it.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "store/directory.h"
#include "store/sqlite/database.h"

namespace sluice::store {

class SqliteDirectory final : public Directory {
 public:
  // Makes or migrates the database. Faults: kInvalidConfig: it is of a newer version; kOverloaded: it cannot be opened.
  static Result<std::unique_ptr<SqliteDirectory>> open(const std::string& path);

  Status each_key(const VisitKey& visit) override;
  Result<std::vector<TeamRow>> teams() override;
  Result<std::vector<UserRow>> users() override;
  Result<std::vector<SecretRow>> secrets() override;
  Result<std::optional<OrganisationRow>> organisation() override;
  Result<std::optional<KeyRow>> find_key(std::string_view id_or_name) override;
  Result<std::vector<KeyRow>> keys(const KeyQuery& query) override;
  Result<AuditHead> change(std::span<const Edit> edits, const AuditEntry& entry) override;
  Result<AuditHead> audit_head() override;
  Result<std::vector<std::string>> audit(const AuditQuery& query) override;
  Status each_audit_line(const std::function<bool(std::string_view)>& visit) override;
  // The number of the first entry that is kept under another number or hash than it has; 0: there is none.
  Result<std::int64_t> odd_audit_row();
  Result<std::string> mark(std::string_view name) override;
  Status set_mark(std::string_view name, std::string_view value) override;

 private:
  SqliteDirectory(std::string path, std::unique_ptr<sqlite::Database> writer, std::unique_ptr<sqlite::Database> reader)
      : path_(std::move(path)), writer_(std::move(writer)), reader_(std::move(reader)) {}

  Status apply(const Edit& edit);
  Status check_name(const KeyRow& row);
  Result<AuditHead> change_all(std::span<const Edit> edits, const AuditEntry& entry);

  const std::string path_;
  std::mutex write_mutex_, read_mutex_;
  AuditHead written_;  // by this process: what follows is bound to that, whatever is found there
  std::unique_ptr<sqlite::Database> writer_;
  std::unique_ptr<sqlite::Database> reader_;
};

}  // namespace sluice::store
