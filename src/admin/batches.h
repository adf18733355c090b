// Rows of keys that one thread reads while another one makes callers of those before: a start with a hundred thousand
// keys takes as long as the slower of the two.
//
// Thread rule: one thread calls; `make` runs on another one, for one batch after the other, and for what is less than
// a batch on the caller's. Lifetime: what `make` refers to outlives this, which waits for it.
#pragma once

#include <functional>
#include <optional>
#include <semaphore>
#include <utility>
#include <vector>

#include "base/workers.h"
#include "exchange/callers.h"
#include "store/directory.h"

namespace sluice::admin {

class Batches {
 public:
  // Appends what the rows are to the keys.
  using Make = std::function<void(std::vector<store::KeyRow>&& rows, std::vector<KnownKey>& keys)>;

  // `keys` are those there are already.
  Batches(std::vector<KnownKey> keys, Make make) : make_(std::move(make)), keys_(std::move(keys)) {}
  Batches(const Batches&) = delete;
  Batches& operator=(const Batches&) = delete;

  void add(store::KeyRow&& row) {
    rows_.push_back(std::move(row));
    if (rows_.size() < kRows) return;
    made_.acquire();
    if (!worker_) worker_.emplace(1);
    worker_->run([this, rows = std::exchange(rows_, {})]() mutable {
      make_(std::move(rows), keys_);
      made_.release();
    });
    rows_.reserve(kRows);
  }
  // All of them, in the order of their rows; this once.
  std::vector<KnownKey> finish() {
    made_.acquire();
    make_(std::move(rows_), keys_);
    return std::move(keys_);
  }

 private:
  static constexpr std::size_t kRows = 2000;

  const Make make_;
  std::vector<KnownKey> keys_;
  std::vector<store::KeyRow> rows_;
  std::binary_semaphore made_{1};  // taken: the worker is at a batch
  std::optional<Workers> worker_;  // the last member: its end is waited for before the others go
};

}  // namespace sluice::admin
