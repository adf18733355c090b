// /admin/v1/keys: virtual keys, made, changed, rotated, blocked and ended.
//
// A key's text is in the answer to the request that made it and nowhere else. Thread rule: as ask.h says.
#pragma once

#include "admin/ask.h"

namespace sluice::admin {

Result<std::string> list_keys(const Tools& tools, const Ask& ask);
Result<std::string> create_key(const Tools& tools, const Ask& ask);
Result<std::string> get_key(const Tools& tools, const Ask& ask);
Result<std::string> patch_key(const Tools& tools, const Ask& ask);
Result<std::string> delete_key(const Tools& tools, const Ask& ask);
Result<std::string> rotate_key(const Tools& tools, const Ask& ask);
Result<std::string> block_key(const Tools& tools, const Ask& ask);
Result<std::string> unblock_key(const Tools& tools, const Ask& ask);

}  // namespace sluice::admin
