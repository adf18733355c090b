#include "dialect/reading.h"

#include "base/text.h"
#include "dialect/faults.h"

namespace sluice::dialect {

std::optional<json::Escaped> Reading::string(std::string_view path) {
  const json::Kind kind = cursor_.kind();
  auto text = json::take_string(cursor_);
  if (text || kind == json::Kind::kNull || cursor_.broken()) return text;
  if (kind == json::Kind::kString) {
    refuse(path, "holds a broken escape.", "invalid_json");
  } else {
    refuse(path, "must be a string.", "invalid_type");
  }
  return std::nullopt;
}

std::optional<bool> Reading::boolean(std::string_view path) {
  const json::Kind kind = cursor_.kind();
  cursor_.skip();
  if (kind == json::Kind::kTrue) return true;
  if (kind == json::Kind::kFalse) return false;
  if (kind != json::Kind::kNull && !cursor_.broken()) refuse(path, "must be true or false.", "invalid_type");
  return std::nullopt;
}

std::optional<std::uint64_t> Reading::count(std::string_view path) {
  const json::Kind kind = cursor_.kind();
  const auto value = to_number<std::uint64_t>(cursor_.skip());
  if (kind == json::Kind::kNumber && value) return value;
  if (kind != json::Kind::kNull && !cursor_.broken()) {
    refuse(path, "must be a whole number that is not negative.", "invalid_type");
  }
  return std::nullopt;
}

std::string_view Reading::number(std::string_view path) {
  const json::Kind kind = cursor_.kind();
  const std::string_view value = cursor_.skip();
  if (kind == json::Kind::kNumber) return value;
  if (kind != json::Kind::kNull && !cursor_.broken()) refuse(path, "must be a number.", "invalid_type");
  return {};
}

std::string_view Reading::limit(std::string_view path) {
  return limit(path, number(path));
}

// What means no number that another API could be told must not become no limit there.
std::string_view Reading::limit(std::string_view path, std::string_view number) {
  if (number.empty() || to_number<std::uint64_t>(number).value_or(0) > 0) return number;
  refuse(path, "must be a whole number from 1 on.");
  return {};
}

std::string_view Reading::object(std::string_view path) {
  const json::Kind kind = cursor_.kind();
  const std::string_view value = cursor_.skip();
  if (kind == json::Kind::kObject) return value;
  if (kind != json::Kind::kNull && !cursor_.broken()) refuse(path, "must be an object.", "invalid_type");
  return {};
}

void Reading::refuse(std::string_view path, std::string_view why, std::string_view code) {
  if (!status_) return;
  status_ = invalid_request("'" + std::string(path) + "' " + std::string(why), path, code);
}

void Reading::adopt(Status other) {
  if (status_ && !other) status_ = std::move(other);
}

Status Reading::finish() {
  if (!cursor_.broken()) {
    if (!status_) return status_;
    if (cursor_.finish()) return {};
  }
  return invalid_request("The request body is not valid JSON: " + std::string(cursor_.broken()->why) + ", at byte " +
                             std::to_string(cursor_.broken()->offset) + ".",
                         "", "invalid_json");
}

std::string at(std::string_view array, std::size_t index, std::string_view member) {
  std::string path(array);
  path += '[';
  path += std::to_string(index);
  path += ']';
  if (!member.empty()) {
    path += '.';
    path += member;
  }
  return path;
}

}  // namespace sluice::dialect
