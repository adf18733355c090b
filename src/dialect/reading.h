// Reading a request's members with one complaint: the first one, with the path of the field.
//
// Thread rule: one thread. Lifetime: the cursor outlives it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/escaped.h"

namespace sluice::dialect {

class Reading {
 public:
  explicit Reading(json::Cursor& cursor) : cursor_(cursor) {}

  json::Cursor& cursor() { return cursor_; }
  bool is_null() const { return cursor_.kind() == json::Kind::kNull; }
  bool is_string() const { return cursor_.kind() == json::Kind::kString; }
  bool is_object() const { return cursor_.kind() == json::Kind::kObject; }
  bool is_array() const { return cursor_.kind() == json::Kind::kArray; }

  // Each consumes the value ahead. Nothing for null, and after complaining for what is of another type.
  std::optional<json::Escaped> string(std::string_view path);
  std::optional<bool> boolean(std::string_view path);
  std::optional<std::uint64_t> count(std::string_view path);  // a whole number that is not negative
  std::string_view number(std::string_view path);             // as written
  std::string_view object(std::string_view path);             // as written
  std::string_view limit(std::string_view path);              // of tokens, as written: a whole number from 1 on
  std::string_view limit(std::string_view path, std::string_view number);  // that was read; empty: there is none
  std::string_view any() { return cursor_.skip(); }

  // "'path' why": the first complaint is kept. code: "invalid_type", "missing_required_parameter", …
  void refuse(std::string_view path, std::string_view why, std::string_view code = "invalid_value");
  void miss(std::string_view path) { refuse(path, "is required.", "missing_required_parameter"); }
  // A complaint about something within that was read on its own.
  void adopt(Status other);
  bool ok() const { return status_.has_value(); }
  // The complaint, or that the JSON itself is broken.
  Status finish();

 private:
  json::Cursor& cursor_;
  Status status_;
};

// "messages[2].content"
std::string at(std::string_view array, std::size_t index, std::string_view member = {});

}  // namespace sluice::dialect
