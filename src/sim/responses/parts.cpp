#include "sim/responses/parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/dom.h"
#include "sim/responses/errors.h"
#include "sim/text.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

bool is_base64(std::string_view text) {
  return !text.empty() && from_base64(text);
}

struct DataUrl {
  std::string_view type;
  std::string_view data;
};

// "data:TYPE;base64,DATA"
std::optional<DataUrl> data_url(std::string_view text) {
  constexpr std::string_view kScheme = "data:";
  constexpr std::string_view kMark = ";base64,";
  auto mark = text.find(kMark);
  if (!text.starts_with(kScheme) || mark == std::string_view::npos) return std::nullopt;
  return DataUrl{text.substr(kScheme.size(), mark - kScheme.size()), text.substr(mark + kMark.size())};
}

bool is_web_url(std::string_view text) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (text.starts_with(scheme)) return text.size() > scheme.size() && !text.contains(' ');
  }
  return false;
}

Problem not_a_url(std::string path) {
  auto message = fmt::format("Invalid '{}'. Expected a valid URL, but got a value with an invalid format.", path);
  return told(std::move(message), path, "invalid_value");
}

// Exactly one of these fields must be there.
std::optional<Problem> check_one(const bj::object& part, std::initializer_list<std::string_view> fields,
                                 const std::string& path) {
  auto there = std::ranges::count_if(fields, [&](auto field) { return find_in(part, field) != nullptr; });
  if (there == 1) return std::nullopt;
  if (there == 0) return missing(path + "." + std::string(*fields.begin()));
  return told(fmt::format("Mutually exclusive parameters. Ensure you are only providing one of: '{}'.",
                          fmt::join(fields, "' or '")),
              path, "mutually_exclusive_parameters");
}

std::optional<Problem> check_image(const bj::object& part, const std::string& path) {
  if (auto problem = check_one(part, {"image_url", "file_id"}, path)) return problem;
  const bj::value* url = find_in(part, "image_url");
  if (!url || is_web_url(text_of(url))) return std::nullopt;
  auto data = data_url(text_of(url));
  std::string where = path + ".image_url";
  if (!data) return not_a_url(std::move(where));
  constexpr std::string_view kTypes[] = {"image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp"};
  if (std::ranges::find(kTypes, data->type) == std::end(kTypes)) {
    return told(fmt::format("Invalid MIME type '{}' in '{}'. Only image types are supported.", data->type, where),
                where, "invalid_image_format");
  }
  if (is_base64(data->data)) return std::nullopt;
  return told(fmt::format("Invalid '{}'. Expected base64 data, but got a value that is none.", where), where,
              "invalid_base64_image");
}

std::optional<Problem> check_file(const bj::object& part, const std::string& path) {
  if (auto problem = check_one(part, {"file_data", "file_id", "file_url"}, path)) return problem;
  if (const bj::value* url = find_in(part, "file_url"); url && !is_web_url(text_of(url))) {
    return not_a_url(path + ".file_url");
  }
  if (!find_in(part, "file_data")) return std::nullopt;
  if (text_in(part, "filename").empty()) return missing(path + ".filename");
  auto data = data_url(text_in(part, "file_data"));
  if (data && is_base64(data->data)) return std::nullopt;
  std::string where = path + ".file_data";
  return told(fmt::format("Invalid '{}'. Expected a base64-encoded data URL (e.g. 'data:application/pdf;base64,"
                          "aGVsbG8K'), but got a value that is none.",
                          where),
              where, "invalid_value");
}

std::optional<Problem> check_audio(const bj::object& part, const std::string& path, std::string_view model) {
  if (!model.contains("audio")) {
    return told("Invalid value: 'input_audio'. Audio is not supported with this model.", path, "invalid_value");
  }
  std::string where = path + ".input_audio.data";
  if (is_base64(text_in(inner_in(part, "input_audio"), "data"))) return std::nullopt;
  return told(fmt::format("Invalid '{}'. Expected base64 data, but got a value that is none.", where), where,
              "invalid_value");
}

}  // namespace

std::optional<Problem> check_parts(const bj::array& parts, std::string_view path, std::string_view model) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].is_object()) continue;
    const bj::object& part = parts[i].get_object();
    std::string where = fmt::format("{}[{}]", path, i);
    auto type = text_in(part, "type");
    std::optional<Problem> problem;
    if (type == "input_image") problem = check_image(part, where);
    if (type == "input_file") problem = check_file(part, where);
    if (type == "input_audio") problem = check_audio(part, where, model);
    if (problem) return problem;
  }
  return std::nullopt;
}

Problem bad_name(std::string path) {
  auto message = fmt::format(
      "Invalid '{}': string does not match pattern. Expected a string that matches the pattern "
      "'^[a-zA-Z0-9_-]+$'.",
      path);
  return told(std::move(message), path, "invalid_value");
}

}  // namespace sluice::sim
