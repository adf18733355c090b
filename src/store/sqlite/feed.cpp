#include "store/sqlite/feed.h"

#include <sqlite3.h>

#include "store/sqlite/fields.h"

namespace sluice::store::sqlite {

namespace {

struct Table : sqlite3_vtab {
  FeedTable* feed = nullptr;
};
struct Cursor : sqlite3_vtab_cursor {
  FeedTable* feed = nullptr;
  const FeedTable::Item *row = nullptr, *end = nullptr;
};

Cursor& at(sqlite3_vtab_cursor* raw) {
  return *static_cast<Cursor*>(raw);
}

// What SQLite calls, and owns in between (https://sqlite.org/vtab.html). All rows are read, in their order.
int best_index(sqlite3_vtab*, sqlite3_index_info* plan) {
  plan->estimatedCost = 1000;
  return SQLITE_OK;
}

int disconnect(sqlite3_vtab* raw) {
  const std::unique_ptr<Table> mine(static_cast<Table*>(raw));
  return SQLITE_OK;
}

int open_cursor(sqlite3_vtab* raw, sqlite3_vtab_cursor** made) {
  auto cursor = std::make_unique<Cursor>();
  cursor->feed = static_cast<Table*>(raw)->feed;
  *made = cursor.release();
  return SQLITE_OK;
}

int close_cursor(sqlite3_vtab_cursor* raw) {
  const std::unique_ptr<Cursor> mine(&at(raw));
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* raw, int, const char*, int, sqlite3_value**) {
  auto& cursor = at(raw);
  const auto& items = cursor.feed->items();
  cursor.row = items.data();
  cursor.end = items.data() + items.size();
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* raw) {
  ++at(raw).row;
  return SQLITE_OK;
}

int is_end(sqlite3_vtab_cursor* raw) {
  return at(raw).row == at(raw).end ? 1 : 0;
}

int column(sqlite3_vtab_cursor* raw, sqlite3_context* out, int index) {
  const auto& cursor = at(raw);
  cursor.feed->give(*cursor.row, static_cast<std::size_t>(index), out);
  return SQLITE_OK;
}

int row_number(sqlite3_vtab_cursor* raw, sqlite3_int64* number) {
  const auto& cursor = at(raw);
  *number = cursor.row - cursor.feed->items().data();
  return SQLITE_OK;
}

// Texts are not copied: a row is in the database before the next one is asked for.
void give_text(std::string_view text, sqlite3_context* out) {
  ::sqlite3_result_text64(out, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

template <class Member>
const Member& member(const void* fields, std::uint32_t offset) {
  return *reinterpret_cast<const Member*>(static_cast<const char*>(fields) + offset);
}

}  // namespace

FeedTable::FeedTable(std::string name, std::vector<Column> columns)
    : name_(std::move(name)), columns_(std::move(columns)) {
  places_.reserve(columns_.size());
  for (const auto& column : columns_) places_.push_back({column.kind, column.offset});
}

Status FeedTable::open(Database& database) {
  constexpr auto connect = [](sqlite3* raw, void* feed, int, const char* const*, sqlite3_vtab** made, char**) {
    auto& self = *static_cast<FeedTable*>(feed);
    std::vector<std::string> names;
    names.reserve(self.columns_.size());
    for (const auto& column : self.columns_) names.push_back(column.name);
    const auto declared = "CREATE TABLE feed (" + joined(names, quoted) + ")";
    if (int code = ::sqlite3_declare_vtab(raw, declared.c_str()); code != SQLITE_OK) return code;
    auto table = std::make_unique<Table>();
    table->feed = &self;
    *made = table.release();
    return SQLITE_OK;
  };
  // Without xCreate it is there by its name, and nobody can make another.
  static constexpr sqlite3_module kModule{.iVersion = 0,
                                          .xConnect = connect,
                                          .xBestIndex = best_index,
                                          .xDisconnect = disconnect,
                                          .xOpen = open_cursor,
                                          .xClose = close_cursor,
                                          .xFilter = filter,
                                          .xNext = next,
                                          .xEof = is_end,
                                          .xColumn = column,
                                          .xRowid = row_number};
  if (::sqlite3_create_module(database.raw(), name_.c_str(), &kModule, this) != SQLITE_OK) return database.failure();
  return {};
}

void FeedTable::clear() {
  items_.clear();
  shape_ = {};
}

const char* FeedTable::empty(Kind kind) {
  return kind == Kind::kText ? "''" : "0";
}

void FeedTable::give(Item item, std::size_t column, sqlite3_context* out) {
  const auto [kind, offset] = places_[column];
  switch (kind) {
    case Kind::kNumber:
      return ::sqlite3_result_int64(out, member<std::int64_t>(item, offset));
    case Kind::kText:
      return give_text(member<std::string_view>(item, offset), out);
  }
}

Value FeedTable::value(Item item, std::size_t column) const {
  const auto [kind, offset] = places_[column];
  switch (kind) {
    case Kind::kNumber:
      return member<std::int64_t>(item, offset);
    case Kind::kText:
      return member<std::string_view>(item, offset);
  }
  return {};
}

}  // namespace sluice::store::sqlite
