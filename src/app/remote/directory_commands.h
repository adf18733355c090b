// sluice keys, teams, users, organisation: the directory of a running gateway, through its administrator's API.
//
// Thread rule: the main thread.
#pragma once

namespace CLI {
class App;
}

namespace sluice::app {

// Adds them to the command line; what they end with goes into `code`. Both outlive the parsing.
void add_directory_commands(CLI::App& cli, int& code);

}  // namespace sluice::app
