#include "admin/ask.h"

#include "base/time_text.h"

namespace sluice::admin {

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

Failure invalid(std::string_view field, std::string told) {
  return fail(Fault{.kind = FaultKind::kInvalidRequest, .told = std::move(told), .param = std::string(field)});
}

Failure not_found(std::string_view field, std::string told) {
  return fail(Fault{.kind = FaultKind::kNotFound, .told = std::move(told), .param = std::string(field)});
}

Failure conflict(std::string_view field, std::string told) {
  return fail(Fault{
      .kind = FaultKind::kInvalidRequest, .told = std::move(told), .param = std::string(field), .code = "conflict"});
}

Failure forbidden(std::string_view field, std::string told, std::string code) {
  return fail(Fault{
      .kind = FaultKind::kForbidden, .told = std::move(told), .param = std::string(field), .code = std::move(code)});
}

}  // namespace sluice::admin
