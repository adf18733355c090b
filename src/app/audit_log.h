// sluice audit-log: proves and prints the audit log of a data directory, without a gateway.
//
// Thread rule: the main thread. Nothing is changed.
#pragma once

namespace CLI {
class App;
}

namespace sluice::app {

// Adds it to the command line; what it ends with goes into `code`. Both outlive the parsing.
void add_audit_log_command(CLI::App& cli, int& code);

}  // namespace sluice::app
