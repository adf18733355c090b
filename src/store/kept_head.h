// The head of the audit log is kept in a file beside the store too ("audit_head"): whoever shortens the log, or writes
// it anew, while no gateway runs has another head then. Such a kept head goes, a line each, into a second file
// ("audit_head.lost") before the next one is written over it, and is asked for until somebody who knows why takes that
// file away.
//
// Thread rule: any thread, before anything is added to the log; the disk is waited for.
#pragma once

#include <string>

#include "base/result.h"
#include "store/directory.h"

namespace sluice::store {

// Where heads go that the log does not have.
std::string lost_heads_file(const std::string& head_file);

// Looks whether the log has the head that was kept, and keeps both apart where it has not. That is told in the log,
// again at each start. Faults: the store's and the disk's; the head on disk is as it was.
Status check_kept_head(Directory& directory, const std::string& head_file);

}  // namespace sluice::store
