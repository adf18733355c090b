#include "dialect/responses/members.h"

#include <algorithm>

#include "json/reader.h"
#include "json/text.h"

namespace sluice::dialect::responses {

Members::Members(std::string_view object, json::Reader& reader) {
  auto cursor = reader.scan_copy(object);
  if (!cursor) return;
  is_object_ = json::each_member(
      *cursor, [&](std::string_view key) { members_.emplace_back(std::string(key), cursor->skip()); });
  if (cursor->finish()) return;
  members_.clear();
  is_object_ = false;
}

std::string_view Members::value(std::string_view key) const {
  const auto found =
      std::ranges::find(members_, key, [](const auto& member) { return std::string_view(member.first); });
  return found == members_.end() || found->second == "null" ? std::string_view() : found->second;
}

json::Escaped Members::text(std::string_view key) const {
  return inside(value(key));
}

std::vector<std::string_view> elements(std::string_view array, json::Reader& reader) {
  std::vector<std::string_view> values;
  auto cursor = reader.scan_copy(array);
  if (!cursor) return values;
  json::each_element(*cursor, [&](std::size_t) { values.push_back(cursor->skip()); });
  if (!cursor->finish()) values.clear();
  return values;
}

json::Escaped inside(std::string_view value) {
  if (value.size() < 2 || value.front() != '"') return {};
  const std::string_view text = value.substr(1, value.size() - 2);
  return json::well_escaped(text) ? json::Escaped{text} : json::Escaped{};
}

void copy_member(json::Writer& json, std::string_view key, std::string_view value) {
  json.key(json::escape(key)).raw(value);
}

void append_on_one_line(std::string& out, std::string_view value) {
  const std::size_t begin = out.size();
  out += value;
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
}

std::string on_one_line(std::string_view value) {
  std::string out;
  append_on_one_line(out, value);
  return out;
}

}  // namespace sluice::dialect::responses
