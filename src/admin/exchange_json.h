// An exchange as JSON: its row of the ledger, and what is remembered of why it went where it went.
//
// Thread rule: pure.
#pragma once

#include <optional>

#include "json/writer.h"
#include "stage/record/recent.h"
#include "store/row.h"

namespace sluice::admin {

struct Told {
  store::ExchangeRow row;
  std::optional<stage::Story> story;  // nothing: it was long ago
};

// Of a story whose exchange has no row: nobody's.
store::ExchangeRow row_of(const stage::Story& story);
void write_exchange(json::Writer& json, const Told& told);

}  // namespace sluice::admin
