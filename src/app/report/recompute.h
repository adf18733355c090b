// sluice prices recompute: what was spent, computed anew with the prices of now, and what that changes.
//
// Thread rule: the main thread.
#pragma once

#include <optional>
#include <string>

#include "app/report/source.h"

namespace sluice::app {

struct RecomputeOptions {
  enum class Run { kWrite, kDryRun };
  enum class Print { kTable, kJson };

  BookOptions books;  // with a directory: by the program's catalogue, and:
  std::string prices_file;
  std::string from, to, zone = "UTC";
  Run run = Run::kWrite;
  Print print = Print::kTable;
};

int recompute_prices(const RecomputeOptions& options);

}  // namespace sluice::app
