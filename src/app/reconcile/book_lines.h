// What the ledger says was used: one line for each attempt that a provider may have charged.
//
// Thread rule: the main thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/report/source.h"

namespace sluice::app {

struct BookLine {
  enum class Usage : std::uint8_t { kNone, kEstimated, kProvider };

  std::string exchange;
  std::size_t attempt = 0;
  std::string provider, model_routed, model_served;
  std::string request_id;  // the provider's
  std::int64_t began_us = 0, ended_us = 0;
  std::int64_t status = 0;  // the provider's
  std::string outcome;      // "served", or what failed
  Usage source = Usage::kNone;
  std::int64_t input = 0, cache_read = 0, cache_write = 0, output = 0;
  std::optional<std::int64_t> cost_nanos;
  std::int64_t held_nanos = 0;  // the most it can have cost, where a budget counted it so

  // That it answered, or told what it used.
  bool is_charged() const { return source != Usage::kNone || (status >= 200 && status < 300); }
};

// Those of exchanges that arrived between, of one provider where one is named. Faults: those of the source.
Result<std::vector<BookLine>> read_book_lines(BookSource& books, std::int64_t from_us, std::int64_t to_us,
                                              const std::string& provider);

}  // namespace sluice::app
