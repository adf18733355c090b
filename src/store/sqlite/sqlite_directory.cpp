#include "store/sqlite/sqlite_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "base/text.h"
#include "base/workers.h"
#include "store/sqlite/fields.h"
#include "store/sqlite/migrations.h"

namespace sluice::store {

namespace {

using sqlite::Database;
using sqlite::Row;
using sqlite::Statement;
using sqlite::Value;

std::string sql_name(const std::string& name) {
  return '"' + name + '"';
}
std::string placeholder(const std::string&) {
  return "?";
}

template <class Fields>
std::vector<std::string> columns() {
  std::vector<std::string> names;
  const Fields row{};
  each_member(row, [&](const char* name, const auto&) { names.emplace_back(name); });
  return names;
}

template <class Fields>
std::string select_from(std::string_view table) {
  return fmt::format("SELECT {} FROM {}", sqlite::joined(columns<Fields>(), sql_name), table);
}

std::string lines_of(const Texts& texts) {
  std::string lines;
  for (const auto& text : texts) lines += (lines.empty() ? "" : "\n") + text;
  return lines;
}
std::string lines_of(const Pairs& pairs) {
  std::string lines;
  for (const auto& [name, value] : pairs) lines += (lines.empty() ? "" : "\n") + name + '=' + value;
  return lines;
}

template <class Lines>
void read_lines(std::string_view text, Lines& into) {
  into.clear();
  if (text.empty()) return;
  const auto lines = split(text, '\n');
  into.reserve(lines.size());
  for (auto line : lines) {
    if constexpr (std::is_same_v<Lines, Texts>) {
      into.emplace_back(line);
    } else {
      auto equals = std::min(line.find('='), line.size());
      into.emplace_back(line.substr(0, equals), line.substr(std::min(equals + 1, line.size())));
    }
  }
}

// Into a row that may have been another one before: its texts keep their memory.
template <class Fields>
void read_row(const Row& from, Fields& row) {
  int column = 0;
  each_member(row, [&](const char*, auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    if constexpr (std::is_same_v<Member, std::string>) {
      member = from.view(column);
    } else if constexpr (std::is_same_v<Member, bool>) {
      member = from.number(column) != 0;
    } else if constexpr (std::is_same_v<Member, std::int64_t>) {
      member = from.number(column);
    } else {
      read_lines(from.view(column), member);
    }
    ++column;
  });
}

// Runs one statement that is not kept prepared: the directory is asked now and then.
Status run(Database& database, const std::string& sql, std::span<const Value> values,
           const std::function<void(const Row&)>& each = {}) {
  auto statement = Statement::prepare(database, sql);
  if (!statement) return fail_from(statement);
  return (*statement)->run(values, each);
}

template <class Fields>
Status put(Database& database, std::string_view table, const Fields& row) {
  std::vector<std::string> texts;
  texts.reserve(columns<Fields>().size());
  std::vector<Value> values;
  each_member(row, [&](const char*, const auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    if constexpr (std::is_same_v<Member, std::string>) {
      values.emplace_back(std::string_view(member));
    } else if constexpr (std::is_same_v<Member, bool> || std::is_same_v<Member, std::int64_t>) {
      values.emplace_back(static_cast<std::int64_t>(member));
    } else {
      values.emplace_back(std::string_view(texts.emplace_back(lines_of(member))));
    }
  });
  auto names = columns<Fields>();
  return run(
      database,
      fmt::format("INSERT INTO {0} ({1}) VALUES ({2}) ON CONFLICT ({3}) DO UPDATE SET {4}", table,
                  sqlite::joined(names, sql_name), sqlite::joined(names, placeholder), sql_name(names.front()),
                  sqlite::joined(
                      names, [](const std::string& name) { return fmt::format("\"{0}\" = excluded.\"{0}\"", name); })),
      values);
}

template <class Fields>
Result<std::vector<Fields>> all_of(Database& database, const std::string& sql, std::span<const Value> values) {
  std::vector<Fields> rows;
  auto status = run(database, sql, values, [&](const Row& row) { read_row(row, rows.emplace_back()); });
  if (!status) return fail_from(status);
  return rows;
}

Result<AuditHead> head_in(Database& database) {
  AuditHead head;
  // The line is the entry; what stands beside it is for those who look into the table.
  auto status =
      run(database, "SELECT number, hash, line FROM audit ORDER BY number DESC LIMIT 1", {},
          [&](const Row& row) { head = head_of(row.text(2)).value_or(AuditHead{row.number(0), row.text(1)}); });
  if (!status) return fail_from(status);
  return head;
}

constexpr std::int64_t kMany = 1'000;  // keys that are worth a thread

// Those up to the middle, or those behind it.
Status each_key_of(const std::string& path, std::size_t part, std::int64_t middle, const Directory::VisitKey& visit) {
  auto database = Database::open_to_read(path);
  if (!database) return fail_from(database);
  // What is read once need not be kept.
  if (auto set = (*database)->run("PRAGMA cache_size = 64"); !set) return set;
  const Value values[] = {middle};
  KeyRow row;
  return run(**database, select_from<KeyRow>(part == 0 ? "api_key WHERE rowid <= ?" : "api_key WHERE rowid > ?"),
             values, [&](const Row& from) {
               read_row(from, row);
               visit(row, part);
             });
}

constexpr std::string_view kTables[] = {"api_key", "team", "user_account", "secret"};
constexpr std::string_view kNames[] = {"id", "name", "name", "name"};  // by Removal::What

}  // namespace

Result<std::unique_ptr<SqliteDirectory>> SqliteDirectory::open(const std::string& path) {
  auto writer = Database::open(path);
  if (!writer) return fail_from(writer);
  if (auto migrated = sqlite::migrate(**writer); !migrated) return fail_from(migrated);
  auto reader = Database::open(path);
  if (!reader) return fail_from(reader);
  return std::unique_ptr<SqliteDirectory>(new SqliteDirectory(path, std::move(*writer), std::move(*reader)));
}

Status SqliteDirectory::each_key(const VisitKey& visit) {
  std::int64_t middle = 0, last = 0;
  {
    std::lock_guard lock(read_mutex_);
    // Two queries: one alone would look at all rows.
    auto found = run(*reader_, "SELECT (SELECT MIN(rowid) FROM api_key), (SELECT MAX(rowid) FROM api_key)", {},
                     [&](const Row& row) {
                       last = row.number(1);
                       middle = std::midpoint(row.number(0), last);
                     });
    if (!found) return found;
  }
  std::array<Status, 2> done;
  auto read = [&](std::size_t from, std::size_t to) {
    for (auto part = from; part < to; ++part) done[part] = each_key_of(path_, part, middle, visit);
  };
  last - middle < kMany ? read(0, 2) : in_halves(2, read);
  return done[0] ? done[1] : done[0];
}

Result<std::vector<TeamRow>> SqliteDirectory::teams() {
  std::lock_guard lock(read_mutex_);
  return all_of<TeamRow>(*reader_, select_from<TeamRow>("team"), {});
}

Result<std::vector<UserRow>> SqliteDirectory::users() {
  std::lock_guard lock(read_mutex_);
  return all_of<UserRow>(*reader_, select_from<UserRow>("user_account"), {});
}

Result<std::vector<SecretRow>> SqliteDirectory::secrets() {
  std::lock_guard lock(read_mutex_);
  return all_of<SecretRow>(*reader_, select_from<SecretRow>("secret ORDER BY name"), {});
}

Result<std::optional<OrganisationRow>> SqliteDirectory::organisation() {
  std::lock_guard lock(read_mutex_);
  auto found = all_of<OrganisationRow>(*reader_, select_from<OrganisationRow>("organisation"), {});
  if (!found) return fail_from(found);
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

Result<std::optional<KeyRow>> SqliteDirectory::find_key(std::string_view id_or_name) {
  std::lock_guard lock(read_mutex_);
  const Value values[] = {id_or_name};
  auto found = all_of<KeyRow>(*reader_, select_from<KeyRow>("api_key WHERE id = ?1 OR name = ?1"), values);
  if (!found) return fail_from(found);
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

Result<std::vector<KeyRow>> SqliteDirectory::keys(const KeyQuery& query) {
  std::string where = "api_key WHERE name > ?";
  std::vector<Value> values{std::string_view(query.after)};
  if (query.team) {
    where += " AND team = ?";
    values.emplace_back(std::string_view(*query.team));
  }
  if (query.user) {
    where += " AND \"user\" = ?";
    values.emplace_back(std::string_view(*query.user));
  }
  if (query.blocked) {
    where += " AND blocked = ?";
    values.emplace_back(std::int64_t{*query.blocked});
  }
  values.emplace_back(static_cast<std::int64_t>(query.most));
  std::lock_guard lock(read_mutex_);
  return all_of<KeyRow>(*reader_, select_from<KeyRow>(where + " ORDER BY name LIMIT ?"), values);
}

Status SqliteDirectory::check_name(const KeyRow& row) {
  bool taken = false;
  const Value values[] = {std::string_view(row.name), std::string_view(row.id)};
  auto asked =
      run(*writer_, "SELECT 1 FROM api_key WHERE name = ? AND id <> ?", values, [&](const Row&) { taken = true; });
  if (!asked || !taken) return asked;
  return fail(Fault{.kind = FaultKind::kInvalidRequest,
                    .told = "There is a key named '" + row.name + "' already.",
                    .param = "name",
                    .code = "conflict"});
}

Status SqliteDirectory::apply(const Edit& edit) {
  if (const auto* key = std::get_if<KeyRow>(&edit)) {
    if (auto free = check_name(*key); !free) return free;
    return put(*writer_, "api_key", *key);
  }
  if (const auto* team = std::get_if<TeamRow>(&edit)) return put(*writer_, "team", *team);
  if (const auto* user = std::get_if<UserRow>(&edit)) return put(*writer_, "user_account", *user);
  if (const auto* secret = std::get_if<SecretRow>(&edit)) return put(*writer_, "secret", *secret);
  if (const auto* one = std::get_if<OrganisationRow>(&edit)) return put(*writer_, "organisation", *one);
  const auto& removal = std::get<Removal>(edit);
  const auto what = static_cast<std::size_t>(removal.what);
  const Value values[] = {std::string_view(removal.name)};
  return run(*writer_, fmt::format("DELETE FROM {} WHERE {} = ?", kTables[what], kNames[what]), values);
}

Result<AuditHead> SqliteDirectory::change(std::span<const Edit> edits, const AuditEntry& entry) {
  std::lock_guard lock(write_mutex_);
  if (auto begun = writer_->run("BEGIN IMMEDIATE"); !begun) return fail_from(begun);
  auto changed = change_all(edits, entry);
  auto ended = writer_->end(changed ? Status() : Status(fail(changed.error())));
  if (!ended) return fail_from(ended);
  if (changed) written_ = *changed;
  return changed;
}

Result<AuditHead> SqliteDirectory::change_all(std::span<const Edit> edits, const AuditEntry& entry) {
  for (const auto& edit : edits) {
    if (auto done = apply(edit); !done) return fail_from(done);
  }
  auto head = head_in(*writer_);
  if (!head) return head;
  // Whoever has changed the end since finds the chain broken there.
  if (written_.number >= head->number) head = written_;
  auto line = audit_line(entry, *head);
  const Value values[] = {line.head.number, std::string_view(line.head.hash), std::string_view(line.text)};
  auto added = run(*writer_, "INSERT INTO audit (number, hash, line) VALUES (?, ?, ?)", values);
  if (!added) return fail_from(added);
  return line.head;
}

Result<AuditHead> SqliteDirectory::audit_head() {
  std::lock_guard lock(read_mutex_);
  return head_in(*reader_);
}

Result<std::vector<std::string>> SqliteDirectory::audit(const AuditQuery& query) {
  std::lock_guard lock(read_mutex_);
  std::vector<std::string> lines;
  const Value values[] = {query.before, static_cast<std::int64_t>(query.most)};
  auto status = run(*reader_, "SELECT line FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?", values,
                    [&](const Row& row) { lines.push_back(row.text(0)); });
  if (!status) return fail_from(status);
  return lines;
}

Status SqliteDirectory::each_audit_line(const std::function<bool(std::string_view)>& visit) {
  constexpr std::int64_t kChunk = 1000;
  std::int64_t after = INT64_MIN;
  while (true) {
    std::lock_guard lock(read_mutex_);
    std::int64_t count = 0;
    bool more = true;
    const Value values[] = {after, kChunk};
    auto status = run(*reader_, "SELECT number, line FROM audit WHERE number > ? ORDER BY number LIMIT ?", values,
                      [&](const Row& row) {
                        ++count;
                        after = row.number(0);
                        more = more && visit(row.text(1));
                      });
    if (!status || !more || count < kChunk) return status;
  }
}

Result<std::int64_t> SqliteDirectory::odd_audit_row() {
  std::lock_guard lock(read_mutex_);
  std::int64_t number = 0;
  auto status =
      run(*reader_,
          "SELECT number FROM audit WHERE substr(line, -66, 64) IS NOT hash OR "
          "substr(line, 1, length(number) + 11) IS NOT '{\"number\":' || number || ',' ORDER BY number LIMIT 1",
          {}, [&](const Row& row) { number = row.number(0); });
  if (!status) return fail_from(status);
  return number;
}

Result<std::string> SqliteDirectory::mark(std::string_view name) {
  std::lock_guard lock(read_mutex_);
  std::string value;
  const Value values[] = {name};
  auto status =
      run(*reader_, "SELECT value FROM mark WHERE name = ?", values, [&](const Row& row) { value = row.text(0); });
  if (!status) return fail_from(status);
  return value;
}

Status SqliteDirectory::set_mark(std::string_view name, std::string_view value) {
  std::lock_guard lock(write_mutex_);
  const Value values[] = {name, value};
  return run(*writer_, "INSERT OR REPLACE INTO mark (name, value) VALUES (?, ?)", values);
}

}  // namespace sluice::store
