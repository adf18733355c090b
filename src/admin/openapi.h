// GET /admin/v1/openapi.json: the administrator's API for machines.
//
// Thread rule: a constant.
#pragma once

#include "admin/ask.h"

namespace sluice::admin {

std::string_view openapi();
Result<std::string> get_openapi(const Tools& tools, const Ask& ask);

}  // namespace sluice::admin
