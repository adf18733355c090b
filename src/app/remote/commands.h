// The commands that talk to a running gateway: why, drill, keys, teams, users.
//
// Thread rule: the main thread.
#pragma once

namespace CLI {
class App;
}

namespace sluice::app {

// Adds them to the command line; what they end with goes into `code`. Both outlive the parsing.
void add_remote_commands(CLI::App& cli, int& code);

}  // namespace sluice::app
