// Finds what a provider says with a status in its table of errors.
//
// Thread rule: pure. Lifetime: the result is an entry of the table.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace sluice::sim {

// The entry whose member `status` it is; a status that has none is told as a 400 or a 500, which every table has.
template <class Entry, std::size_t size>
const Entry& by_status(const Entry (&table)[size], int status) {
  const Entry* found = std::ranges::find(table, status, &Entry::status);
  if (found == std::end(table)) found = std::ranges::find(table, status < 500 ? 400 : 500, &Entry::status);
  return *found;
}

}  // namespace sluice::sim
