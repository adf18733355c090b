// Work on JSON that takes time in proportion to its size: at once where that is short, on a worker where it would hold
// the loop.
//
// Thread rule: the exchange's loop.
#pragma once

#include <concepts>
#include <utility>

#include "exchange/exchange.h"
#include "json/reader.h"

namespace sluice {

// co_await with_reader(x, body.size(), [&](json::Reader& reader) { … }): the job must not touch anything that belongs
// to the loop's thread; what it refers to outlives it.
template <std::invocable<json::Reader&> Job>
Task<void> with_reader(const Exchange& x, std::size_t bytes, Job job) {
  if (bytes > json::kLoopLimit) {
    return net::offload(x.tools.loop, x.tools.workers, [job = std::move(job)]() mutable {
      json::Reader reader;
      job(reader);
    });
  }
  job(x.tools.reader);
  return Task<void>::ready();
}

}  // namespace sluice
