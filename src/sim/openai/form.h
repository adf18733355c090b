// Reads multipart/form-data bodies: the fields of the image and audio endpoints.
//
// Thread rule: pure. Lifetime: views point into the body. Source: RFC 7578, RFC 2046.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace sluice::sim {

struct FormField {
  std::string_view name;
  std::string_view value;
  std::string_view filename;  // empty when it is not a file
};

// Nothing when it is no form, has no boundary, or ends before its last boundary.
std::optional<std::vector<FormField>> read_form(std::string_view content_type, std::string_view body);

}  // namespace sluice::sim
