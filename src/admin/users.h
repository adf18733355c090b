// /admin/v1/users: people, the teams they are of and the role their keys may have at most.
//
// Thread rule: as ask.h says.
#pragma once

#include "admin/ask.h"

namespace sluice::admin {

Result<std::string> list_users(const Tools& tools, const Ask& ask);
Result<std::string> create_user(const Tools& tools, const Ask& ask);
Result<std::string> get_user(const Tools& tools, const Ask& ask);
Result<std::string> patch_user(const Tools& tools, const Ask& ask);
Result<std::string> delete_user(const Tools& tools, const Ask& ask);

}  // namespace sluice::admin
