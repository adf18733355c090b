// The members of a JSON object, each as it was written.
//
// Thread rule: one thread. Lifetime: the values are views into the text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/escaped.h"
#include "json/fwd.h"
#include "json/writer.h"

namespace sluice::dialect::responses {

class Members {
 public:
  // No members when the text is no JSON object.
  Members(std::string_view object, json::Reader& reader);

  bool is_object() const { return is_object_; }
  // The value; empty when it is absent or null.
  std::string_view value(std::string_view key) const;
  // The inside of a string; empty when it is no string.
  json::Escaped text(std::string_view key) const;

  auto begin() const { return members_.begin(); }
  auto end() const { return members_.end(); }

 private:
  std::vector<std::pair<std::string, std::string_view>> members_;
  bool is_object_ = false;
};

// The elements of a JSON array as they were written; none when it is no array.
std::vector<std::string_view> elements(std::string_view array, json::Reader& reader);

// The inside of a string value as written; empty for all else.
json::Escaped inside(std::string_view value);

// Writes a member that someone else named.
void copy_member(json::Writer& json, std::string_view key, std::string_view value);

// A value on one line: the line breaks of JSON are white space. Events of a stream hold nothing else.
void append_on_one_line(std::string& out, std::string_view value);
std::string on_one_line(std::string_view value);

}  // namespace sluice::dialect::responses
