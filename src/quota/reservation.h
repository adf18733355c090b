// Money that a request may cost, set aside in all accounts it is charged to, or in none of them.
//
// What is spent and reserved never goes beyond a hard budget's limit through a reservation. It is given back when this
// ends, on every path; settle() puts what was truly charged in its place. A budget that one of its accounts gets
// meanwhile has it set aside too.
//
// Thread rule: one at a time, on any thread. Lifetime: the accounts outlive it.
#pragma once

#include <expected>

#include "quota/account.h"

namespace sluice::quota {

struct Claim {
  Money most;        // the worst case
  Money least;       // strict budgets may grant no more than this; below it there is no room
  WallTime arrived;  // whose window it is charged to
};

// Why there is no room.
struct Shortage {
  const Account* account = nullptr;
  BudgetState budget;
  // When all of the caller's budgets may have it; nothing: not by waiting, or it is a cap's.
  std::optional<WallTime> room;
};

class Reservation {
 public:
  static std::expected<Reservation, Shortage> make(std::span<Account* const> accounts, const Claim& claim);

  Reservation() = default;  // of nothing
  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&& other) noexcept;
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation() { release(Money{}); }

  Money amount() const { return amount_; }
  bool holds() const { return count_ > 0; }
  // The least that any of its budgets had left before, caps left out; nothing: it has none.
  const std::optional<Money>& left_before() const { return left_before_; }

  // The last cut of the books when it was made: budgets that have begun since do not count it.
  std::uint64_t counted() const { return counted_; }

  // Sets more aside: in all of its budgets, or false in none.
  bool extend(Money more);
  // Gives back what is beyond.
  void shrink(Money to);
  // The end of it: that much was spent.
  void settle(Money cost) { release(cost); }

 private:
  struct Held {
    Account* account = nullptr;
    std::uint32_t budgets = 0;  // bits: places
    std::uint64_t seen = 0;     // the last cut when it was made: budgets that began since have it carried
  };

  // With the account's lock held.
  template <class Visit>
  static void each_budget(const Held& held, Visit&& visit);
  void change(const Held& held, Money by) const;
  void open_elsewhere(std::span<Account* const> accounts);
  static std::expected<Reservation, Shortage> make_together(std::span<Account* const> accounts, const Claim& claim);

  void release(Money cost);

  std::array<Held, Together::kMost> held_;
  std::size_t count_ = 0;
  Money amount_;
  std::int64_t at_us_ = 0;
  std::uint64_t counted_ = 0;
  std::optional<Money> left_before_;
};

}  // namespace sluice::quota
