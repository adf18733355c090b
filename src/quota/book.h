// All accounts of a process, by scope and name.
//
// They outlive snapshots and reloads: terms may change, what was counted stays. Accounts that are asked for with
// account() stay for ever; those that callers' tags and sessions bring about (visit()) are kMostVisited at most, and
// those not visited for the longest time go first.
//
// Thread rule: any thread; maps behind a mutex that is held for a look-up. Ownership: the Runtime; accounts live as
// long, visited ones while a Visit holds them.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "quota/account.h"

namespace sluice::quota {

// What a configuration says of an account.
struct AccountTerms {
  Scope scope = Scope::kKey;
  std::string name;
  Terms terms;
};
// Of each account with such a name that has no terms of its own: kTag and a tag's name, kSession and no name.
using EachTerms = AccountTerms;

struct Alert {
  Scope scope = Scope::kKey;
  std::string name;
  Passing passing;
};

// A request under budgets was let through without a price or a bound.
struct UnpricedUse {
  Scope scope = Scope::kKey;  // of the first of them
  std::string name;
  std::string deployment, model;
};

class Book final : private Observer {
 public:
  static constexpr std::size_t kMostVisited = 100'000;

  explicit Book(Metrics& metrics, std::size_t most_visited = kMostVisited);
  ~Book() override;
  Book(const Book&) = delete;
  Book& operator=(const Book&) = delete;

  Account& account(Scope scope, std::string_view name);
  void set_terms(Scope scope, std::string_view name, Terms terms);
  // A configuration's terms in place of those of the one before; what set_terms() gave to others stays.
  void configure(std::vector<AccountTerms> accounts, std::vector<EachTerms> each);

  // An account of a tag ("feature=search") or session, while this lasts; null: nothing limits it.
  class Visit {
   public:
    Visit() = default;
    Visit(Visit&& other) noexcept : account_(other.account_), pins_(std::exchange(other.pins_, nullptr)) {}
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    Visit& operator=(Visit&&) = delete;
    ~Visit() {
      if (pins_) pins_->fetch_sub(1, std::memory_order_release);
    }
    Account* account() const { return account_; }

   private:
    friend class Book;
    Visit(Account& account, std::atomic<std::uint32_t>* pins) : account_(&account), pins_(pins) {}
    Account* account_ = nullptr;
    std::atomic<std::uint32_t>* pins_ = nullptr;
  };
  bool wants(Scope scope) const { return wanted_[static_cast<std::size_t>(scope)].load(std::memory_order_relaxed); }
  Visit visit(Scope scope, std::string_view name);
  std::size_t visited() const;

  // What a ledger is to be asked for: by account, or for all values of a dimension where `name` is a tag's and `of` is
  // kEach.
  struct Past {
    Scope scope = Scope::kKey;
    std::string name;
    enum class Of { kOne, kEach } of = Of::kOne;
    Account::Past past;
  };
  // What the books of budgets without a known past begin with. Rows of the journal up to `cut.row` that the ledger does
  // not have are told by count_before(), then what the ledger has by spent_before(). All of it belongs to one state of
  // the ledger, no older than this.
  struct Opening {
    std::vector<Past> pasts;
    Cut cut;
  };
  bool has_unknown_past();
  Opening begin_past(WallTime at);
  void count_before(Scope scope, std::string_view name, const Account::Row& row);
  void spent_before(const Past& past, std::string_view name, const Account::Before& before);
  // Of kEach: of the values that spent_before() was not called for nothing is known, and it is known of all now.
  void close_past(const Past& past, const Account::Before& nothing);
  // The ledger has changed: all is to be asked for anew. Until it is said, what is known counts.
  void forget_past();

  // Numbers of rows, and of the cuts that were made: when it has changed since a request began, count_late() is told
  // each of its costs once its row is written. `counted`: as of Account; `accounts`: that it was set aside in.
  Cuts& cuts() { return cuts_; }
  void count_late(Scope scope, std::string_view name, const Account::Row& row, std::uint64_t counted,
                  std::span<Account* const> accounts);

  // Told of thresholds that were passed, on the thread of a request; set before the first request.
  void on_alert(std::function<void(const Alert&)> tell) { tell_ = std::move(tell); }
  // Told of each model at a deployment once an hour, and of no more than kMostUnpriced.
  static constexpr std::size_t kMostUnpriced = 100;
  void on_unpriced(std::function<void(const UnpricedUse&)> tell) { tell_unpriced_ = std::move(tell); }
  void tell_unpriced(const UnpricedUse& use, std::int64_t at_us);
  // Sets the gauges to what they are now.
  void refresh(WallTime at);
  void count_refusal(Scope scope, std::string_view limit);
  void count_estimated(Scope scope);
  void count_unpriced(Scope scope);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  template <class T>
  using ByName = std::unordered_map<std::string, T, Hash, std::equal_to<>>;
  struct Visited {
    std::unique_ptr<Account> account;
    std::atomic<std::uint32_t> pins{0};
  };
  // Where the books of values that were not seen yet begin: of each of its budgets.
  struct Each {
    struct Begun {
      Cut cut;
      bool past_known = false;
    };
    EachTerms terms;
    std::vector<Begun> begun;
  };

  void passed(const Account& account, const Passing& passing) override;

  // With the mutex held.
  Account& find(Scope scope, std::string_view name);
  void give(Account& account, const Terms& terms);
  Visited* visit_each(Scope scope, std::string_view name);
  const Each* each_of(Scope scope, std::string_view name) const;
  void keep_begun(Each& each, const std::vector<Each>& before);
  Account* account_to_count(Scope scope, std::string_view name);
  void begin_past_of_each(std::vector<Past>& all, WallTime at);
  void make_room();
  const Zone& zone(const std::string& name);

  Cuts cuts_;
  std::array<std::atomic<bool>, kScopes> wanted_{};
  mutable std::mutex mutex_;
  std::array<ByName<std::unique_ptr<Account>>, kScopes> accounts_;
  std::vector<std::pair<Scope, std::string>> configured_;  // by the last configure()
  std::vector<Each> each_;
  std::list<Visited> visited_;  // the last visited first
  std::array<ByName<std::list<Visited>::iterator>, kScopes> by_name_;
  ByName<std::unique_ptr<Zone>> zones_;
  std::uint64_t made_ = 0;
  const std::size_t most_visited_;

  std::function<void(const Alert&)> tell_;
  std::function<void(const UnpricedUse&)> tell_unpriced_;
  std::set<std::string, std::less<>> unpriced_told_;  // in that hour
  std::int64_t unpriced_hour_ = -1;
  Metrics::Family<MoneyGauge>& limit_usd_;
  Metrics::Family<MoneyGauge>& spent_usd_;
  Metrics::Family<MoneyGauge>& reserved_usd_;
  Metrics::Family<Counter>& refused_;
  Metrics::Family<Counter>& alerts_;
  Metrics::Family<Counter>& estimated_;
  Metrics::Family<Counter>& unpriced_;
  Metrics::Family<Counter>& forgotten_;
};

}  // namespace sluice::quota
