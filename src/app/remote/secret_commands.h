// sluice secrets: what the configuration refers to as ${secret:NAME}, in a running gateway through its administrator's
// API, or in the data directory of one that does not run.
//
// Thread rule: the main thread. Texts come from standard input, never from the command line, which others can see.
#pragma once

namespace sluice::app {

class Command;

// Adds them to the command line.
void add_secret_commands(Command& cli);

}  // namespace sluice::app
