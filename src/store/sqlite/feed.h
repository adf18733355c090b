// Rows in memory as a table of a connection, so that one statement moves a batch of them into the database: what it
// costs to begin a statement, to end it and to find the place of a row is paid once a batch, not once a row.
//
// The table (SQLite calls it virtual) is in no schema: only this connection knows it. A row of it is a value that has
// each_field(), of numbers and views of texts. Thread rule: that of its database, which outlives it. Lifetime:
// statements that read it end before it; what was added outlives the run of a statement.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "store/sqlite/database.h"

struct sqlite3_context;

namespace sluice::store::sqlite {

class FeedTable {
 public:
  enum class Kind : std::uint8_t { kNumber, kText };
  struct Column {
    std::string name;
    Kind kind = Kind::kNumber;
    std::uint32_t offset = 0;  // of the member within the row
  };

  FeedTable(const FeedTable&) = delete;
  FeedTable& operator=(const FeedTable&) = delete;

  using Item = const void*;
  using Columns = std::uint64_t;  // a bit for each of them
  // What is known of rows without looking at each of them.
  struct Shape {
    Columns says = 0;    // one of them says something; else they have what empty() says
    Columns varies = 0;  // not all have the same

    bool operator==(const Shape&) const = default;
    Shape operator|(const Shape& other) const { return {says | other.says, varies | other.varies}; }
    bool says_in(std::size_t column) const { return (says >> column & 1) != 0; }
    bool varies_in(std::size_t column) const { return (varies >> column & 1) != 0; }
  };

  const std::string& name() const { return name_; }
  const std::vector<Column>& columns() const { return columns_; }
  const std::vector<Item>& items() const { return items_; }
  const Shape& shape() const { return shape_; }
  static const char* empty(Kind kind);  // in SQL
  // What the row has in the column.
  Value value(Item item, std::size_t column) const;
  void clear();
  // For SQLite: hands out what one row has in one column.
  void give(Item item, std::size_t column, sqlite3_context* out);

 protected:
  FeedTable(std::string name, std::vector<Column> columns);
  ~FeedTable() = default;
  Status open(Database& database);

  std::vector<Item> items_;
  Shape shape_;

 private:
  struct Place {
    Kind kind;
    std::uint32_t offset;
  };
  const std::string name_;
  const std::vector<Column> columns_;
  std::vector<Place> places_;  // of the columns: what is asked for most, close together
};

template <class Fields>
class Feed final : public FeedTable {
 public:
  static Result<std::unique_ptr<Feed>> open(Database& database, const std::string& name) {
    std::unique_ptr<Feed> feed(new Feed(name, columns_of_fields()));
    if (auto opened = feed->FeedTable::open(database); !opened) return fail_from(opened);
    return feed;
  }

  void add(const Fields& row) {
    items_.push_back(&row);
    const auto* first_row = static_cast<const char*>(items_.front());
    Shape shape;
    unsigned column = 0;
    each_field(row, [&](int, const char*, const auto& member) {
      using Member = std::remove_cvref_t<decltype(member)>;
      const Columns bit = Columns{1} << column++;
      if (says(member)) shape.says |= bit;
      if ((shape_.varies & bit) != 0) return;
      const auto offset = reinterpret_cast<const char*>(&member) - reinterpret_cast<const char*>(&row);
      if (member != *reinterpret_cast<const Member*>(first_row + offset)) shape.varies |= bit;
    });
    shape_ = shape_ | shape;
  }

 private:
  Feed(const std::string& name, std::vector<Column> columns) : FeedTable(name, std::move(columns)) {}

  static bool says(std::int64_t member) { return member != 0; }
  static bool says(std::string_view member) { return !member.empty(); }

  template <class Member>
  static constexpr Kind kind_of() {
    if constexpr (std::is_same_v<Member, std::int64_t>) return Kind::kNumber;
    if constexpr (std::is_same_v<Member, std::string_view>) return Kind::kText;
  }

  static std::vector<Column> columns_of_fields() {
    std::vector<Column> columns;
    const Fields row{};
    each_field(row, [&](int, const char* name, const auto& member) {
      const auto offset = reinterpret_cast<const char*>(&member) - reinterpret_cast<const char*>(&row);
      columns.push_back({name, kind_of<std::remove_cvref_t<decltype(member)>>(), static_cast<std::uint32_t>(offset)});
    });
    return columns;
  }
};

}  // namespace sluice::store::sqlite
