// `sluice serve`: from the command line to a running gateway, and until it was told to end.
//
// Thread rule: the main thread, which waits for signals and watches the files; it returns when everything has ended.
#pragma once

#include <string>

namespace sluice::app {

struct ServeOptions {
  std::string config_file;  // empty: ./sluice.yaml if it exists, else the environment
  std::string listen;       // "ADDR:PORT"; empty: the configuration's
  std::string data;         // empty: $SLUICE_DATA, else ./sluice-data
};

// Returns the exit code: 0 ended as asked, 1 could not start, 2 wrong usage.
int serve(ServeOptions options);

}  // namespace sluice::app
