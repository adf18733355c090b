// GET /admin/v1/exchanges and /admin/v1/exchanges/{request_id}: what was served, by whom, for how much, and why so.
//
// From the ledger; what ended last is there at once, also before the store has it, and with what was decided on its
// way.
//
//   ?limit=100&from=2026-11-01&to=…&zone=Europe/Berlin&team=shop&status=500&tag:feature=search&before=CURSOR
//
// Thread rule: any thread but a loop: it asks the ledger.
#pragma once

#include "admin/ask.h"

namespace sluice::admin {

Result<std::string> list_exchanges(const Tools& tools, const Ask& ask);
Result<std::string> get_exchange(const Tools& tools, const Ask& ask);  // fault: kNotFound, no longer or never known

}  // namespace sluice::admin
