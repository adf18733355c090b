#include "admin/audit_page.h"

#include "admin/params.h"
#include "admin/roster.h"
#include "json/writer.h"

namespace sluice::admin {

namespace {

constexpr std::string_view kKnown[] = {"limit", "before"};

}  // namespace

Result<std::string> list_audit(const Tools& tools, const Ask& ask) {
  auto params = Params::read(ask.query, kKnown);
  if (!params) return fail_from(params);
  auto limit = params->number("limit", 100, 1, 1000);
  if (!limit) return fail_from(limit);
  auto before = params->number("before", INT64_MAX, 1, INT64_MAX);
  if (!before) return fail_from(before);
  auto lines = tools.roster->directory().audit({.before = *before, .most = static_cast<std::size_t>(*limit)});
  if (!lines) return fail_from(lines);
  std::string out;
  json::Writer json(out);
  json.begin_object().key("entries").begin_array();
  for (const auto& line : *lines) json.raw(line);
  json.end_array().end_object();
  return out;
}

}  // namespace sluice::admin
