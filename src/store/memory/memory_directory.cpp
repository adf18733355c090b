#include "store/memory/memory_directory.h"

#include <algorithm>
#include <ranges>

namespace sluice::store {

namespace {

template <class Row>
std::vector<Row> all_of(const std::map<std::string, Row, std::less<>>& rows) {
  auto values = std::views::values(rows);
  return {values.begin(), values.end()};
}

Failure refused(std::string detail) {
  return fail(FaultKind::kInternal, "The directory refuses this.", std::move(detail));
}

}  // namespace

Status MemoryDirectory::each_key(const VisitKey& visit) {
  std::lock_guard lock(mutex_);
  for (const auto& row : std::views::values(rows_.keys)) visit(row, 0);
  return {};
}

Result<std::vector<TeamRow>> MemoryDirectory::teams() {
  std::lock_guard lock(mutex_);
  return all_of(rows_.teams);
}

Result<std::vector<UserRow>> MemoryDirectory::users() {
  std::lock_guard lock(mutex_);
  return all_of(rows_.users);
}

Result<std::vector<SecretRow>> MemoryDirectory::secrets() {
  std::lock_guard lock(mutex_);
  return all_of(rows_.secrets);
}

Result<std::optional<OrganisationRow>> MemoryDirectory::organisation() {
  std::lock_guard lock(mutex_);
  return rows_.organisation;
}

Result<std::optional<KeyRow>> MemoryDirectory::find_key(std::string_view id_or_name) {
  std::lock_guard lock(mutex_);
  for (const auto& row : std::views::values(rows_.keys)) {
    if (row.id == id_or_name || row.name == id_or_name) return row;
  }
  return std::nullopt;
}

Result<std::vector<KeyRow>> MemoryDirectory::keys(const KeyQuery& query) {
  std::lock_guard lock(mutex_);
  auto rows = all_of(rows_.keys);
  std::erase_if(rows, [&](const KeyRow& row) {
    return row.name <= query.after || (query.team && row.team != *query.team) ||
           (query.user && row.user != *query.user) || (query.blocked && row.blocked != *query.blocked);
  });
  std::ranges::sort(rows, {}, &KeyRow::name);
  if (rows.size() > query.most) rows.resize(query.most);
  return rows;
}

Status MemoryDirectory::put(Rows& rows, const Edit& edit) {
  if (const auto* key = std::get_if<KeyRow>(&edit)) {
    for (const auto& other : std::views::values(rows.keys)) {
      if (other.id == key->id) continue;
      if (other.name == key->name) {
        return fail(Fault{.kind = FaultKind::kInvalidRequest,
                          .told = "There is a key named '" + key->name + "' already.",
                          .param = "name",
                          .code = "conflict"});
      }
      if (other.hash == key->hash) return refused("the hash of another key");
    }
    rows.keys[key->id] = *key;
  } else if (const auto* team = std::get_if<TeamRow>(&edit)) {
    rows.teams[team->name] = *team;
  } else if (const auto* user = std::get_if<UserRow>(&edit)) {
    rows.users[user->name] = *user;
  } else if (const auto* secret = std::get_if<SecretRow>(&edit)) {
    rows.secrets[secret->name] = *secret;
  } else if (const auto* organisation = std::get_if<OrganisationRow>(&edit)) {
    rows.organisation = *organisation;
  } else {
    const auto& removal = std::get<Removal>(edit);
    if (removal.what == Removal::What::kKey) rows.keys.erase(removal.name);
    if (removal.what == Removal::What::kTeam) rows.teams.erase(removal.name);
    if (removal.what == Removal::What::kUser) rows.users.erase(removal.name);
    if (removal.what == Removal::What::kSecret) rows.secrets.erase(removal.name);
  }
  return {};
}

Result<AuditHead> MemoryDirectory::change(std::span<const Edit> edits, const AuditEntry& entry) {
  std::lock_guard lock(mutex_);
  auto rows = rows_;
  for (const auto& edit : edits) {
    if (auto done = put(rows, edit); !done) return fail_from(done);
  }
  rows_ = std::move(rows);
  auto line = audit_line(entry, head_);
  lines_.push_back(std::move(line.text));
  head_ = std::move(line.head);
  return head_;
}

Result<AuditHead> MemoryDirectory::audit_head() {
  std::lock_guard lock(mutex_);
  return head_;
}

Result<std::vector<std::string>> MemoryDirectory::audit(const AuditQuery& query) {
  std::lock_guard lock(mutex_);
  auto end = static_cast<std::size_t>(std::clamp<std::int64_t>(query.before - 1, 0, std::ssize(lines_)));
  std::vector<std::string> page;
  page.reserve(std::min(end, query.most));
  for (auto at = end; at > 0 && page.size() < query.most; --at) page.push_back(lines_[at - 1]);
  return page;
}

Status MemoryDirectory::each_audit_line(const std::function<bool(std::string_view)>& visit) {
  std::lock_guard lock(mutex_);
  for (const auto& line : lines_) {
    if (!visit(line)) break;
  }
  return {};
}

Result<std::string> MemoryDirectory::mark(std::string_view name) {
  std::lock_guard lock(mutex_);
  auto found = marks_.find(name);
  return found == marks_.end() ? std::string() : found->second;
}

Status MemoryDirectory::set_mark(std::string_view name, std::string_view value) {
  std::lock_guard lock(mutex_);
  marks_.insert_or_assign(std::string(name), std::string(value));
  return {};
}

}  // namespace sluice::store
