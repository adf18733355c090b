#include "admin/audit_page.h"

#include "admin/roster.h"
#include "base/text.h"
#include "json/writer.h"

namespace sluice::admin {

Result<std::string> list_audit(const Tools& tools, const Ask& ask) {
  store::AuditQuery query;
  auto limit = query_limit(ask.query, 100, 1000);
  if (!limit) return fail_from(limit);
  query.most = *limit;
  if (auto before = query_value(ask.query, "before")) {
    auto number = to_number<std::int64_t>(*before);
    if (!number || *number < 1) return invalid("before", "'before' must be the number of an entry.");
    query.before = *number;
  }
  auto lines = tools.roster->directory().audit(query);
  if (!lines) return fail_from(lines);
  std::string out;
  json::Writer json(out);
  json.begin_object().key("entries").begin_array();
  for (const auto& line : *lines) json.raw(line);
  json.end_array().end_object();
  return out;
}

}  // namespace sluice::admin
