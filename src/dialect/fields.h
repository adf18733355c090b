// The table of a dialect's request fields: what each one is in the canonical form, and what becomes of it when the
// provider speaks another dialect.
//
// Readers and writers are driven by it where a field is one plain value, docs/guide/translation.md is generated from
// it, and a test holds it complete against the API's schema. Thread rule: constants.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "chat/request.h"
#include "json/writer.h"

namespace sluice::dialect {

// What a row is.
enum class Place : unsigned char {
  kValue,    // one JSON value that means the same in every dialect that has the field: copied as written
  kTyped,    // read into and written from a member of chat::Request (or of another operation's request)
  kNowhere,  // this dialect alone has it: `unplaced` says what happens elsewhere
};

struct FieldRow {
  std::string_view path;  // in this dialect's request: "generationConfig.topK", "messages[].name"
  Place place = Place::kValue;
  chat::Field field = chat::Field::kCount;             // kValue, kTyped
  chat::Unplaced unplaced = chat::Unplaced::kDropped;  // kNowhere
  std::string_view note = {};                          // for the guide: how, or why not
  bool own = false;                                    // kTyped, but only between clients and providers of this dialect
};

// The rows of a table, one a line.
namespace rows {

constexpr FieldRow value(std::string_view path, chat::Field field, std::string_view note = {}) {
  return {.path = path, .place = Place::kValue, .field = field, .note = note};
}
constexpr FieldRow typed(std::string_view path, chat::Field field, std::string_view note = {}) {
  return {.path = path, .place = Place::kTyped, .field = field, .note = note};
}
constexpr FieldRow own(std::string_view path, chat::Field field, std::string_view note = {}) {
  return {.path = path, .place = Place::kTyped, .field = field, .note = note, .own = true};
}
constexpr FieldRow nowhere(std::string_view path, chat::Unplaced unplaced, std::string_view note = {}) {
  return {.path = path, .place = Place::kNowhere, .unplaced = unplaced, .note = note};
}

}  // namespace rows

using FieldTable = std::span<const FieldRow>;

// The row of a field as a client dialect writes it; null: it has no place.
const FieldRow* find_field(FieldTable table, chat::Field field);
// The row of a path; null: unknown to this dialect.
const FieldRow* find_path(FieldTable table, std::string_view path);

// The cursor stands on the value of `path`. When the table has it as kValue, notes it in `request` (null: not given)
// and consumes it; when it is kNowhere, notes it in request.lost and consumes it; else does nothing: false.
bool take_field(FieldTable table, std::string_view path, json::Cursor& cursor, chat::Request& request);
// A field that no row knows: noted as dropped, consumed.
void take_unknown(std::string_view path, json::Cursor& cursor, chat::Request& request);

// Writes the members that are kValue rows "PREFIXname" with nothing nested behind the prefix, in the table's order.
void write_fields(FieldTable table, std::string_view prefix, const chat::Request& request, json::Writer& json);

// Whether a setting asks for what happens without it: "n": 1.
bool is_usual(chat::Field field, std::string_view value);

// What the provider's dialect has no row for: notes the fields to report in `lost`, with what the reader lost
// (request.lost); fails for the first that must be refused.
Status settle_fields(FieldTable table, const chat::Request& request, std::string_view provider, std::string_view model,
                     std::vector<chat::Request::Lost>& lost);

}  // namespace sluice::dialect
