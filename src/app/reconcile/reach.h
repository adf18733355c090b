// How far the ledger can be off where a provider did not tell what an attempt used.
//
// An estimate is a token for four bytes of text (chat/estimate.h). A token stands for a byte at least, so in truth
// there are at most four times as many, and of what no text shows kUnseen more: what a provider puts around a prompt,
// and what it wrote before it noticed that nobody reads any more. Whoever thought longer than that unseen, or was sent
// pictures, is beyond it, and is looked at. What told nothing at all cost at most what a budget set aside for it.
//
// Thread rule: plain values.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "app/reconcile/book_lines.h"
#include "app/reconcile/usage_file.h"

namespace sluice::app {

enum class Count : std::uint8_t { kRequests, kInput, kCacheRead, kCacheWrite, kOutput };
inline constexpr std::size_t kCounts = 5;
using Counts = std::array<std::optional<std::int64_t>, kCounts>;

Counts counts_of(const UsageLine& line);
std::array<std::int64_t, kCounts> counts_of(const BookLine& book);
bool tells_tokens(const Counts& counts);
// Stays far from what an integer cannot hold, whatever a file says.
void add_up(std::int64_t& total, std::int64_t part);

class Reach {
 public:
  void add(const BookLine& book);

  std::size_t estimated() const { return estimated_; }
  std::size_t untold() const { return untold_; }  // that nobody knows to have been for nothing
  // Whether what is left of the file's tokens without those that are known can be what these attempts used. Where one
  // of them told nothing at all only the money can say that.
  bool holds_tokens(const Counts& there, std::optional<std::int64_t> cost_there) const;
  // The same of the money. Where no most of it is known it does not.
  bool holds_cost(const Counts& there, std::int64_t cost_there) const;
  // "2 of 21 are estimates", "1 of 3 told no usage".
  std::string words(std::size_t of) const;
  // ", more than an estimate can be off"; of what is known exactly nothing.
  std::string_view beyond() const;

 private:
  std::optional<double> most_cost(const Counts& there) const;
  double most_tokens(Count count) const;
  double left_tokens(const Counts& there, Count count) const;

  std::size_t estimated_ = 0, untold_ = 0, unbounded_ = 0;  // the last: of whose cost no most is known
  std::array<std::int64_t, kCounts> known_{}, estimates_{};
  std::int64_t known_cost_ = 0, estimated_cost_ = 0, held_ = 0;
};

}  // namespace sluice::app
