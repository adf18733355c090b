// GET, PUT and DELETE /admin/v1/faults: faults injected into a staging gateway.
//
// Thread rule: any thread. Faults: kForbidden with the code drill_disabled where the configuration does not allow it,
// kInvalidRequest, kNotFound.
#pragma once

#include "admin/ask.h"

namespace sluice::admin {

Result<std::string> list_faults(const Tools& tools, const Ask& ask);
Result<std::string> put_fault(const Tools& tools, const Ask& ask);      // answers with the list
Result<std::string> delete_faults(const Tools& tools, const Ask& ask);  // ?deployment=…, else all; the list too

}  // namespace sluice::admin
