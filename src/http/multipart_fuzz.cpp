// Any bytes: parts lie in the body, in order, and stand between delimiters.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "http/multipart.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = text.find('\n');
  const std::string_view body = line == std::string_view::npos ? text : text.substr(line + 1);
  auto boundary = form_boundary(text.substr(0, line));
  if (!boundary) boundary = "b1";
  auto form = parse_form(*boundary, body);
  if (!form) {
    require(!form.error().told.empty());
    return 0;
  }
  std::size_t at = form->begin;
  require(body.substr(at).starts_with("--" + *boundary));
  for (const FormPart& part : form->parts) {
    require(at < part.begin && part.begin <= part.end && part.end < body.size());
    require(body.substr(part.end).starts_with("\r\n--" + *boundary));
    at = part.end;
  }
  return 0;
}
