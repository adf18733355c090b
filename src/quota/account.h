// What one organisation, team, user, key … may use and has used: its budgets of money and its limits of rate.
//
// It is used through Reservation (money) and Permit (rates), which take from several accounts together or from none.
// Its terms may change at any time; what was counted stays. A budget whose window is no longer wanted goes on counting
// without limiting anything, until its place is needed.
//
// Thread rule: any thread; behind a lock that is held for the time of a few additions. Ownership: the Book.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quota/cut.h"
#include "quota/sliding.h"
#include "quota/spending.h"
#include "quota/terms.h"

namespace sluice::quota {

class Account;

// A threshold that spending passed.
struct Passing {
  BudgetTerms budget;
  Period period;  // of the window; of a rolling one all of time
  std::uint32_t percent = 0;
  Money spent;
};

// Told when spending passes a threshold; with no lock held, on the thread that settled.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void passed(const Account& account, const Passing& passing) = 0;
};

// How one budget stands.
struct BudgetState {
  BudgetTerms terms;
  Spending::Used used;
  std::optional<WallTime> renews;  // when it is whole again; of a rolling one, when something comes back

  Money left() const { return Money{terms.limit.nanos - used.all().nanos}; }
};

class Account {
 public:
  static constexpr std::size_t kMostBudgets = 8;  // at once
  using ZoneOf = std::function<const Zone&(const std::string&)>;

  // `order` is unlike that of all others: in it they are locked. The observer and the cuts outlive it.
  Account(Scope scope, std::string name, std::uint64_t order, Observer& observer, Cuts& cuts);
  Account(const Account&) = delete;
  Account& operator=(const Account&) = delete;

  Scope scope() const { return scope_; }
  const std::string& name() const { return name_; }
  std::uint64_t order() const { return order_; }

  // The zones it is given outlive it. Beyond kMostBudgets budgets are left out, of two with one window the second.
  void set_terms(Terms terms, const ZoneOf& zone_of);
  Terms terms() const;
  bool has_budgets() const { return has_budgets_.load(std::memory_order_relaxed); }
  bool has_limits() const { return has_limits_.load(std::memory_order_relaxed); }

  std::vector<BudgetState> budgets(WallTime at) const;
  // Whether a hard budget has nothing left: a hint, it may have changed by now.
  bool is_spent(WallTime at) const;
  std::uint32_t running() const;

  // The windows whose past is not known yet, as periods to ask a ledger for. Their books begin anew now: count_before()
  // and spent_before() say what came before.
  struct Past {
    Window window;
    std::vector<Period> periods;
  };
  std::vector<Past> begin_past(WallTime at);
  bool has_unknown_past() const;
  // All that is known is to be asked for anew; until then it counts.
  void forget_past();
  // What a row of the journal cost that the ledger does not have.
  struct Row {
    std::int64_t arrived_us = 0;
    Money cost;
    std::uint64_t number = 0;  // 0: it was lost
  };
  void count_before(const Row& row);
  // What a row cost that was written just now; `counted`: the last cut when its money was set aside here, 0: it was
  // not.
  void count_late(const Row& row, std::uint64_t counted);
  // What the ledger says of each period. Of no effect where the books have begun anew since the cut.
  struct Before {
    std::uint64_t cut = 0;
    std::vector<std::pair<Period, Money>> spent;
    Spending::Known known = Spending::Known::kWhole;
  };
  void spent_before(const Window& window, const Before& before);
  // Its books begin where others did: it is new.
  void begin_from(const Window& window, Cut cut, bool past_known);

 private:
  friend class Together;
  friend class Reservation;
  friend class Permit;

  struct Budget {
    BudgetTerms terms;
    Spending spending;
    bool active = true;       // it limits, or at least is asked for
    std::uint64_t since = 0;  // reservations that have seen an earlier cut are not its own: its place was another's
    Cut cut;
    bool past_known = false;
    std::uint32_t holds = 0;  // reservations made since it began
    Money held;               // by them
    // By those that were made before, while their requests are under way: as of the last one's moment.
    Money carried;
    std::int64_t carried_at_us = 0;
    std::uint64_t carried_cut = 0;  // they had seen an earlier one
    std::uint32_t passed = 0;       // the highest threshold of the window that was told
    Period passed_in;
  };
  struct Rates {
    Sliding requests, tokens;
    std::uint32_t running = 0;
  };
  static constexpr std::size_t kMostWindows = 2 * kMostBudgets;  // those no longer wanted included

  // With the lock held.
  Budget& place_for(const Window& window, std::span<const BudgetTerms> wanted, const ZoneOf& zone_of);
  void begin_books(Budget& budget);
  void carry(Budget& budget);
  std::optional<Passing> note_passing(Budget& budget, std::int64_t at_us);

  const Scope scope_;
  const std::string name_;
  const std::uint64_t order_;
  Observer& observer_;
  Cuts& cuts_;
  std::atomic<bool> has_budgets_{false}, has_limits_{false};

  mutable std::mutex mutex_;
  Limits limits_;
  std::vector<std::unique_ptr<Budget>> budgets_;  // places never move
  std::unique_ptr<Rates> rates_;                  // where there were limits once
  Money open_;                  // reservations of requests that are charged to it, with budgets or not
  std::int64_t newest_us_ = 0;  // of them
};

// Accounts, each once, locked in their order until this ends.
class Together {
 public:
  static constexpr std::size_t kMost = 24;
  // Of them tags: beside the organisation, a team, a user, a key, a session, a route, a deployment and a provider.
  static constexpr std::size_t kMostTags = kMost - 8;
  enum class Having { kBudgets, kLimits, kAnything };

  // Those that have such terms; beyond kMost is a bug. Null ones are passed over.
  Together(std::span<Account* const> accounts, Having having);
  ~Together();
  Together(const Together&) = delete;
  Together& operator=(const Together&) = delete;

  std::span<Account* const> accounts() const { return {accounts_.data(), count_}; }

 private:
  std::array<Account*, kMost> accounts_;
  std::size_t count_ = 0;
};

}  // namespace sluice::quota
