#include "dialect/fields.h"

#include <algorithm>

#include "dialect/faults.h"

namespace sluice::dialect {

const FieldRow* find_field(FieldTable table, chat::Field field) {
  const auto found = std::ranges::find(table, field, &FieldRow::field);
  return found == table.end() ? nullptr : &*found;
}

const FieldRow* find_path(FieldTable table, std::string_view path) {
  const auto found = std::ranges::find(table, path, &FieldRow::path);
  return found == table.end() ? nullptr : &*found;
}

bool take_field(FieldTable table, std::string_view path, json::Cursor& cursor, chat::Request& request) {
  const FieldRow* row = find_path(table, path);
  if (row == nullptr || row->place == Place::kTyped) return false;
  const bool is_null = cursor.kind() == json::Kind::kNull;
  const std::string_view value = cursor.skip();
  if (is_null) return true;
  if (row->place == Place::kValue) {
    request.give(row->field, row->path, value);
  } else {
    request.lost.push_back({std::string(row->path), row->unplaced, std::string(row->note)});
  }
  return true;
}

void take_unknown(std::string_view path, json::Cursor& cursor, chat::Request& request) {
  const bool is_null = cursor.kind() == json::Kind::kNull;
  cursor.skip();
  if (!is_null) request.lost.push_back({std::string(path), chat::Unplaced::kDropped, {}});
}

void write_fields(FieldTable table, std::string_view prefix, const chat::Request& request, json::Writer& json) {
  for (const FieldRow& row : table) {
    if (row.place != Place::kValue || !row.path.starts_with(prefix)) continue;
    const std::string_view name = row.path.substr(prefix.size());
    if (name.find_first_of(".[") != std::string_view::npos || !request.has(row.field)) continue;
    json.key(name).raw(request.value(row.field));
  }
}

bool is_usual(chat::Field field, std::string_view given) {
  std::string value(given);
  std::erase_if(value, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
  switch (field) {
    case chat::Field::kCandidates:
      return value == "1";
    case chat::Field::kLogprobs:
    case chat::Field::kStore:
      return value == "false";
    case chat::Field::kTopLogprobs:
      return value == "0";
    case chat::Field::kLogitBias:
      return value == "{}";
    case chat::Field::kModalities:
      return value == R"(["text"])";
    case chat::Field::kServiceTier:
      return value == R"("auto")";
    default:
      return false;
  }
}

namespace {

bool asks_for_the_usual(const chat::Request& request, chat::Field field) {
  if (field == chat::Field::kParallelCalls) return request.parallel_calls == true;
  return is_usual(field, request.value(field));
}

}  // namespace

Status settle_fields(FieldTable table, const chat::Request& request, std::string_view provider, std::string_view model,
                     std::vector<chat::Request::Lost>& lost) {
  for (const chat::FieldFacts& facts : chat::fields()) {
    if (!request.has(facts.field) || find_field(table, facts.field) != nullptr) continue;
    if (asks_for_the_usual(request, facts.field)) continue;
    if (facts.unplaced == chat::Unplaced::kRefused)
      return unsupported(request.path(facts.field), "is not supported", provider, model);
    lost.push_back({std::string(request.path(facts.field)), facts.unplaced, {}});
  }
  for (const chat::Request::Lost& left : request.lost) {
    if (left.unplaced == chat::Unplaced::kRefused) return unsupported(left.path, left.why, provider, model);
    lost.push_back(left);
  }
  return {};
}

}  // namespace sluice::dialect
