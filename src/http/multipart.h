// Finds the parts of a multipart/form-data body, as byte ranges: nothing is copied or decoded.
//
// Source: RFC 7578 and RFC 2046, 5.1. Line ends around delimiters are CRLF, as they must be; a body whose closing
// delimiter is missing is refused, because it was cut. Thread rule: pure; bodies of megabytes belong on a worker.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice::http {

struct FormPart {
  std::string name;       // of the field, backslash escapes and the browsers' %22, %0D, %0A resolved
  bool is_file = false;   // it has a file name
  std::size_t begin = 0;  // of the value
  std::size_t end = 0;
};

struct Form {
  std::vector<FormPart> parts;
  std::size_t begin = 0;  // of the first delimiter's "--"
};

inline constexpr std::size_t kMaxFormParts = 1000;
inline constexpr std::size_t kMaxPartHeaderBytes = 16 << 10;

// The boundary parameter of a Content-Type. Fault: kInvalidRequest (param "content-type") when it is missing, given
// twice or holds what a boundary may not (1 to 70 characters of RFC 2046's set).
Result<std::string> form_boundary(std::string_view content_type);

// Fault: kInvalidRequest when the body does not begin with, or is not closed by, the boundary; when a part has no field
// name or broken headers; when a limit above is exceeded.
Result<Form> parse_form(std::string_view boundary, std::string_view body);

}  // namespace sluice::http
