// The commands that talk to a running gateway: why, drill, keys, teams, users.
//
// Thread rule: the main thread.
#pragma once

namespace sluice::app {

class Command;

// Adds them to the command line.
void add_remote_commands(Command& cli);

}  // namespace sluice::app
