#include "admin/ask.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/time_text.h"
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

Result<std::size_t> query_limit(std::string_view query, std::size_t otherwise, std::size_t most) {
  auto given = query_value(query, "limit");
  if (!given) return otherwise;
  auto limit = to_number<std::size_t>(*given);
  if (!limit || *limit < 1 || *limit > most)
    return invalid("limit", fmt::format("'limit' must be a whole number from 1 to {}.", most));
  return *limit;
}

store::AuditEntry change_of(const Ask& ask, std::string what, std::string about) {
  return {.at_us = wall_us(),
          .kind = "change",
          .who = ask.who.name,
          .role = std::string(name(ask.who.role)),
          .what = std::move(what),
          .about = std::move(about),
          .from = std::string(ask.from),
          .request_id = std::string(ask.request_id)};
}

std::unexpected<Fault> invalid(std::string_view field, std::string told) {
  return fail(Fault{.kind = FaultKind::kInvalidRequest, .told = std::move(told), .param = std::string(field)});
}

std::unexpected<Fault> not_found(std::string_view field, std::string told) {
  return fail(Fault{.kind = FaultKind::kNotFound, .told = std::move(told), .param = std::string(field)});
}

std::unexpected<Fault> conflict(std::string_view field, std::string told) {
  return fail(Fault{
      .kind = FaultKind::kInvalidRequest, .told = std::move(told), .param = std::string(field), .code = "conflict"});
}

std::unexpected<Fault> forbidden(std::string_view field, std::string told, std::string code) {
  return fail(Fault{
      .kind = FaultKind::kForbidden, .told = std::move(told), .param = std::string(field), .code = std::move(code)});
}

}  // namespace sluice::admin
