// sluice audit-log: proves and prints the audit log of a data directory, without a gateway.
//
// Thread rule: the main thread. Nothing is changed.
#pragma once

namespace sluice::app {

class Command;

// Adds it to the command line.
void add_audit_log_command(Command& cli);

}  // namespace sluice::app
