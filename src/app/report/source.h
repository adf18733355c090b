// Where the commands that read the books read them: a running gateway, or its data directory.
//
// Both answer the questions of the administrator's API: /exchanges and /report. Thread rule: the main thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace sluice::app {

struct BookOptions {
  std::string gateway = "http://127.0.0.1:8080";
  Secret key;
  std::string data;  // the directory; empty: the gateway is asked
};

class BookSource {
 public:
  virtual ~BookSource() = default;
  // The JSON that answers GET /admin/v1{path}?{query}. Faults: what it was refused with, told for the command line.
  virtual Result<std::string> get(const std::string& path, const std::string& query) = 0;
};

// Faults: kInvalidConfig: the options are wrong, or there is no ledger.
Result<std::unique_ptr<BookSource>> open_books(const BookOptions& options);

}  // namespace sluice::app
