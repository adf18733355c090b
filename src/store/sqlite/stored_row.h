// A row as the database has it: what is looked for, in columns of their own; the rest in one text, because what SQLite
// does for a column is most of what it costs to keep a row.
//
// The text is a JSON array in which a field stands at the place of its number (store/row.h). Place 0 of an exchange are
// its attempts, an array each; place 0 of an attempt is its usage, another one. What is in a column of its own, and
// what nobody has written, is 0 there. The views `exchange` and `attempt` (migrations.cpp) give all of them their
// names.
//
// Thread rule: plain values and functions of their arguments alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json/reader.h"
#include "store/row.h"

namespace sluice::store::sqlite {

// Views of an exchange's texts and of its text here.
struct StoredRow {
  std::string_view id;
  std::int64_t arrived_us = 0;
  std::string_view key, team, user, fault, kept_id;
  std::int64_t stray = 0;  // 1: the id does not tell when it arrived
  std::string_view fields;
};

template <class Row, class Visit>
  requires std::same_as<std::remove_const_t<Row>, StoredRow>
void each_field(Row& row, Visit&& visit) {
  visit(1, "id", row.id);
  visit(2, "arrived_us", row.arrived_us);
  visit(9, "key", row.key);
  visit(10, "team", row.team);
  visit(11, "user", row.user);
  visit(20, "fault", row.fault);
  visit(25, "kept_id", row.kept_id);
  visit(0, "stray", row.stray);
  visit(0, "fields", row.fields);
}

// All but the text.
StoredRow stored_columns(const ExchangeView& row);
void append_text(std::string& out, const ExchangeView& row);
// Gives the row what the text has; its columns stay. False: it is none, and what is in the row now is no matter.
bool read_text(json::Reader& reader, std::string_view text, ExchangeRow& row);

// Where the field of this name stands in a text, as SQLite writes it: "$[3]". `name` is one of them.
std::string path_in_exchange(std::string_view name);
std::string path_in_attempt(std::string_view name);

}  // namespace sluice::store::sqlite
