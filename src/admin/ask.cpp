#include "admin/ask.h"

#include "base/text.h"
#include "http/url.h"

namespace sluice::admin {

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  for (auto pair : split(query, '&')) {
    auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name)
      return http::percent_decode(pair.substr(equals + 1));
  }
  return std::nullopt;
}

std::unexpected<Fault> invalid(std::string_view field, std::string told) {
  return fail(Fault{.kind = FaultKind::kInvalidRequest, .told = std::move(told), .param = std::string(field)});
}

std::unexpected<Fault> not_found(std::string_view field, std::string told) {
  return fail(Fault{.kind = FaultKind::kNotFound, .told = std::move(told), .param = std::string(field)});
}

}  // namespace sluice::admin
