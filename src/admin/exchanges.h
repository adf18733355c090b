// GET /admin/v1/exchanges and /admin/v1/exchanges/{request_id}: what became of the requests that ended last, and why.
//
// Thread rule: any thread.
#pragma once

#include "admin/ask.h"

namespace sluice::admin {

Result<std::string> list_exchanges(const Tools& tools, const Ask& ask);  // ?limit=, 100 if not given
Result<std::string> get_exchange(const Tools& tools, const Ask& ask);    // fault: kNotFound, forgotten or never known

}  // namespace sluice::admin
