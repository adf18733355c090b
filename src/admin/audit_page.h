// GET /admin/v1/audit: the audit log, the newest entries first.
//
// Thread rule: as ask.h says.
#pragma once

#include "admin/ask.h"

namespace sluice::admin {

Result<std::string> list_audit(const Tools& tools, const Ask& ask);

}  // namespace sluice::admin
