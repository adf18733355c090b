// /admin/v1/organisation: what all callers together may use.
//
// Thread rule: as ask.h says.
#pragma once

#include "admin/ask.h"

namespace sluice::admin {

Result<std::string> get_organisation(const Tools& tools, const Ask& ask);
Result<std::string> patch_organisation(const Tools& tools, const Ask& ask);

}  // namespace sluice::admin
