// The command line: `sluice serve`, `check`, `schema`, `init`, `sim`.
//
// Thread rule: the main thread.
#pragma once

namespace sluice::app {

// Runs the command; returns the exit code: 0 done, 1 the thing failed, 2 wrong usage.
int run(int argc, char** argv);

}  // namespace sluice::app
