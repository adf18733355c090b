// sluice keys, teams, users, organisation: the directory of a running gateway, through its administrator's API.
//
// Thread rule: the main thread.
#pragma once

namespace sluice::app {

class Command;

// Adds them to the command line.
void add_directory_commands(Command& cli);

}  // namespace sluice::app
