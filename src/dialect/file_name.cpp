#include "dialect/file_name.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/message.h"

namespace sluice::dialect {

namespace {

struct Ending {
  std::string_view ending;
  std::string_view type;
};
// Of several rows of one ending the first is what it is read as; of one type, what it is written as.
constexpr std::array<Ending, 17> kEndings{{
    {"pdf", "application/pdf"},
    {"txt", "text/plain"},
    {"md", "text/markdown"},
    {"md", "text/x-markdown"},
    {"markdown", "text/markdown"},
    {"html", "text/html"},
    {"htm", "text/html"},
    {"csv", "text/csv"},
    {"csv", "application/csv"},
    {"json", "application/json"},
    {"xml", "application/xml"},
    {"xml", "text/xml"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"doc", "application/msword"},
    {"xls", "application/vnd.ms-excel"},
}};

std::string_view ending_of_name(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

bool ends_as(std::string_view name, std::string_view type) {
  const std::string_view ending = ending_of_name(name);
  return std::ranges::any_of(kEndings,
                             [&](const Ending& row) { return row.type == type && iequals(row.ending, ending); });
}

}  // namespace

std::string file_name(const chat::Media& document) {
  const std::string type = document.type.empty() ? "application/pdf" : http::media_type(json::plain(document.type));
  const auto known = std::ranges::find(kEndings, type, &Ending::type);
  std::string name(document.name.raw);
  if (name.empty()) {
    const std::string_view other = type.starts_with("text/") ? "txt" : "pdf";
    return std::string("document.").append(known == kEndings.end() ? other : known->ending);
  }
  if (known != kEndings.end() && !ends_as(name, type)) name.append(1, '.').append(known->ending);
  return name;
}

std::string_view type_of_file(std::string_view name) {
  const std::string_view ending = ending_of_name(name);
  const auto known = std::ranges::find_if(kEndings, [&](const Ending& row) { return iequals(row.ending, ending); });
  return known == kEndings.end() ? std::string_view() : known->type;
}

}  // namespace sluice::dialect
