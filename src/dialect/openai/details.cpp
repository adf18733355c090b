#include "dialect/openai/details.h"

#include <algorithm>

namespace sluice::dialect::openai {

namespace {

bool is_text(std::string_view key) {
  return key == "text" || key == "summary";
}

// The inside of a JSON string as written; empty for all else.
std::string_view inside_of(std::string_view value) {
  return value.size() >= 2 && value.front() == '"' ? value.substr(1, value.size() - 2) : std::string_view();
}

}  // namespace

std::string ReasoningDetails::add(std::string_view array, json::Reader& reader) {
  std::vector<std::string_view> objects;
  if (auto cursor = reader.scan_copy(array)) {
    json::each_element(*cursor, [&](std::size_t) {
      if (cursor->kind() == json::Kind::kObject) objects.push_back(cursor->skip());
    });
  }
  std::string shown;
  for (std::string_view object : objects) take(object, reader, shown);
  return shown;
}

void ReasoningDetails::take(std::string_view object, json::Reader& reader, std::string& shown) {
  size_ += object.size();
  if (size_ > kMost) return;
  auto cursor = reader.scan_copy(object);
  if (!cursor) return;
  Detail detail;
  json::each_member(*cursor, [&](std::string_view key) {
    const std::string name(key);
    const bool is_null = cursor->kind() == json::Kind::kNull;
    const std::string_view value = cursor->skip();
    if (key == "type") detail.type = value;
    if (key == "index") detail.index = value;
    if (is_text(key)) shown += inside_of(value);
    if ((key == "signature" || key == "data") && value.size() > 2 && !is_null) is_state_ = true;
    detail.members.emplace_back(json::escape(name), value);
  });
  const bool goes_on = !details_.empty() && details_.back().type == detail.type &&
                       details_.back().index == detail.index && detail.type != R"("reasoning.encrypted")";
  if (!goes_on) {
    details_.push_back(std::move(detail));
    return;
  }
  auto& members = details_.back().members;
  for (auto& [key, value] : detail.members) {
    const auto known = std::ranges::find(members, key, &std::pair<std::string, std::string>::first);
    if (known == members.end()) {
      members.emplace_back(std::move(key), std::move(value));
    } else if (is_text(key) && !inside_of(known->second).empty()) {
      known->second.insert(known->second.size() - 1, inside_of(value));
    } else if (value != "null") {
      known->second = std::move(value);
    }
  }
}

std::string ReasoningDetails::array() const {
  std::string out = "[";
  for (const Detail& detail : details_) {
    if (out.size() > 1) out += ',';
    out += '{';
    for (const auto& [key, value] : detail.members) {
      if (out.back() != '{') out += ',';
      json::append_quoted(out, {key});
      out += ':';
      out += value;
    }
    out += '}';
  }
  return out += ']';
}

}  // namespace sluice::dialect::openai
