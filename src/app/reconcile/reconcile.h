// sluice reconcile: what a provider's usage export and the ledger say of the same time, and why they differ.
//
// Thread rule: the main thread.
#pragma once

#include "app/reconcile/compare.h"
#include "app/report/source.h"

namespace sluice::app {

struct ReconcileOptions {
  enum class Print { kTable, kJson };

  BookOptions books;
  std::string file;
  std::string format;    // empty: by what it looks like
  std::string provider;  // whose attempts; empty: all
  Print print = Print::kTable;
};

// 0: all of it matches or is explained; 1: something is not, or it could not be read; 2: wrong usage.
int reconcile(const ReconcileOptions& options);

std::string to_text(const Comparison& comparison);
std::string to_json(const Comparison& comparison);

}  // namespace sluice::app
