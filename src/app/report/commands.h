// The commands that read the books: report, reconcile, prices recompute.
//
// Thread rule: the main thread.
#pragma once

namespace sluice::app {

class Command;

// Adds them to the command line.
void add_book_commands(Command& cli);

}  // namespace sluice::app
