// /admin/v1/teams: teams, and what their keys may use together.
//
// Thread rule: as ask.h says.
#pragma once

#include "admin/ask.h"

namespace sluice::admin {

Result<std::string> list_teams(const Tools& tools, const Ask& ask);
Result<std::string> create_team(const Tools& tools, const Ask& ask);
Result<std::string> get_team(const Tools& tools, const Ask& ask);
Result<std::string> patch_team(const Tools& tools, const Ask& ask);
Result<std::string> delete_team(const Tools& tools, const Ask& ask);

}  // namespace sluice::admin
