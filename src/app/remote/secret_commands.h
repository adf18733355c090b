// sluice secrets: what the configuration refers to as ${secret:NAME}, in a running gateway through its administrator's
// API, or in the data directory of one that does not run.
//
// Thread rule: the main thread. Texts come from standard input, never from the command line, which others can see.
#pragma once

namespace CLI {
class App;
}

namespace sluice::app {

// Adds them to the command line; what they end with goes into `code`. Both outlive the parsing.
void add_secret_commands(CLI::App& cli, int& code);

}  // namespace sluice::app
