// A directory in memory, for tests and for running without a disk.
//
// Thread rule: any thread; a lock is held while it looks. Lifetime: what it holds ends with it.
#pragma once

#include <map>
#include <mutex>

#include "store/directory.h"

namespace sluice::store {

class MemoryDirectory final : public Directory {
 public:
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
  Result<std::string> mark(std::string_view name) override;
  Status set_mark(std::string_view name, std::string_view value) override;

 private:
  struct Rows {
    std::map<std::string, KeyRow, std::less<>> keys;  // by id
    std::map<std::string, TeamRow, std::less<>> teams;
    std::map<std::string, UserRow, std::less<>> users;
    std::map<std::string, SecretRow, std::less<>> secrets;
    std::optional<OrganisationRow> organisation;
  };
  static Status put(Rows& rows, const Edit& edit);

  std::mutex mutex_;
  Rows rows_;
  std::vector<std::string> lines_;
  AuditHead head_;
  std::map<std::string, std::string, std::less<>> marks_;
};

}  // namespace sluice::store
