#include "sim/openai/form.h"

#include <string>

#include "base/text.h"
#include "http/message.h"

namespace sluice::sim {

namespace {

constexpr std::size_t kMostFields = 1000;

// The value of a parameter: name="value" or name=value.
std::string_view parameter(std::string_view header, std::string_view name) {
  for (auto piece : split(header, ';')) {
    piece = trim(piece);
    auto equals = piece.find('=');
    if (equals == std::string_view::npos || !iequals(piece.substr(0, equals), name)) continue;
    auto value = piece.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return value;
  }
  return {};
}

FormField read_part(std::string_view part) {
  FormField field;
  auto head_end = part.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return field;
  field.value = part.substr(head_end + 4);
  for (auto line : split(part.substr(0, head_end), '\n')) {
    auto colon = line.find(':');
    if (colon == std::string_view::npos || !iequals(trim(line.substr(0, colon)), "content-disposition")) continue;
    if (line.ends_with('\r')) line.remove_suffix(1);
    field.name = parameter(line.substr(colon + 1), "name");
    field.filename = parameter(line.substr(colon + 1), "filename");
  }
  return field;
}

}  // namespace

std::optional<std::vector<FormField>> read_form(std::string_view content_type, std::string_view body) {
  auto boundary = parameter(content_type, "boundary");
  if (http::media_type(content_type) != "multipart/form-data" || boundary.empty()) return std::nullopt;
  std::string between = "\r\n--" + std::string(boundary);
  // The first boundary may stand at the very beginning, without a line end before it.
  std::string_view opening = std::string_view(between).substr(2);
  if (!body.starts_with(opening)) return std::nullopt;
  body.remove_prefix(opening.size());

  std::vector<FormField> fields;
  while (!body.starts_with("--")) {
    auto end = body.find(between);
    if (end == std::string_view::npos || !body.starts_with("\r\n") || fields.size() == kMostFields) return std::nullopt;
    fields.push_back(read_part(body.substr(2, end < 2 ? 0 : end - 2)));
    body.remove_prefix(end + between.size());
  }
  return fields;
}

}  // namespace sluice::sim
