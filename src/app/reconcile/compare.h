// Compares what a provider says with what the ledger says, and explains each difference as far as it can.
//
// Lines with a request's id are compared with the attempt that has it; the others, in sum, with all attempts of the
// same model and time. Thread rule: pure.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "app/reconcile/book_lines.h"
#include "app/reconcile/usage_file.h"

namespace sluice::app {

enum class Verdict : std::uint8_t {
  kMatched,
  kEstimated,     // differs no more than the ledger's estimates can be off (reach.h): the provider did not tell
  kUntold,        // the provider's answer told no usage, and the difference is in what was set aside for it
  kBoundary,      // counted in the neighbouring time: an attempt began in one and ended in the other
  kZone,          // the file's days are those of another zone
  kPrice,         // the tokens are the same, the money is not
  kTokens,        // tokens differ
  kMoney,         // the money differs, and the file tells no tokens
  kMissingHere,   // the file has it, the ledger has not
  kMissingThere,  // the ledger has it, the file has not
};
inline constexpr std::size_t kVerdicts = 10;
std::string_view name(Verdict verdict);  // "tokens differ"
bool is_explained(Verdict verdict);      // all but the last four; a price is to be looked at, but it is explained

struct Finding {
  Verdict verdict = Verdict::kMatched;
  std::size_t line = 0;  // of the file; 0: it is only in the ledger
  std::string subject;   // the request, or model and time
  std::string detail;    // what differs, in words: "input 120 there, 100 here"
};

struct Comparison {
  std::map<Verdict, std::size_t> counts;
  std::vector<Finding> findings;                           // of all but what matched; by line
  std::int64_t cost_there_nanos = 0, cost_here_nanos = 0;  // of what was compared
  std::size_t outside = 0;           // attempts of the ledger that are in no time of the file: not compared
  std::size_t silent = 0;            // lines of the file that tell no amount: not compared
  std::vector<std::string> ignored;  // its columns that are not read

  bool explained() const;
};

// `books`: of the file's time and a day around it.
Comparison compare(const UsageFile& file, std::span<const BookLine> books);

}  // namespace sluice::app
