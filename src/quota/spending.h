// What one budget has spent and reserved, in the window that counts.
//
// Money belongs to the moment its request arrived, as rows of the ledger do: what is settled after midnight for a
// request of the day before is of that day. So the calendar's windows have a place for the one before; rolling windows
// are slices that leave one after the other, the oldest of them whole, so that never more than the window is counted
// as less. Money of a moment that has left is of no interest any more.
//
// Thread rule: one at a time; an Account's lock. Times: microseconds since 1970; they may go back.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/money.h"
#include "quota/period.h"
#include "quota/terms.h"

namespace sluice::quota {

class Spending {
 public:
  static constexpr std::int64_t kSlices = 48;  // of a rolling window

  struct Used {
    Money spent, reserved;

    Money all() const { return Money{spent.nanos + reserved.nanos}; }
    bool operator==(const Used&) const = default;
  };

  // The zone outlives it.
  Spending(const Window& window, const Zone& zone);

  // In the window of that moment.
  Used used(std::int64_t at_us);
  // While the past is asked for anew, what is counted since then is kept apart too: kPresent is what is counted in the
  // old books only, kNew in the new ones only.
  enum class Books : std::uint8_t { kBoth, kPresent, kNew };
  void spend(std::int64_t at_us, Money amount, Books books = Books::kBoth);
  void reserve(std::int64_t at_us, Money amount);
  void give_back(std::int64_t at_us, Money amount);
  // New books begin.
  void begin_books();
  // The new books of one of periods() are those in force, with what was spent before they began. kAtLeast: that is not
  // all of it, and what is counted stays where it is more.
  enum class Known : std::uint8_t { kWhole, kAtLeast };
  void close_books(const Period& period, Money before, Known known);

  // When at least so much will have left the window, if nothing is added. Nothing: never.
  std::optional<std::int64_t> leaves_us(std::int64_t at_us, Money amount);
  // The window as whole periods, oldest first: what a ledger is to be asked for. Of a rolling window its slices.
  std::vector<Period> periods(std::int64_t at_us);
  // That the moment is in; of a rolling window all of time.
  Period period(std::int64_t at_us);

 private:
  struct Place {
    Period period;             // of the calendar
    std::int64_t number = -1;  // of a slice
    Used used;
    Money fresh;  // of the new books
  };

  bool rolls() const { return kind_ == Window::Kind::kRolling; }
  void advance(std::int64_t at_us);
  void advance_slices(std::int64_t number);
  Place* find(std::int64_t at_us);
  Place& slice(std::int64_t number) { return places_[static_cast<std::size_t>(number % (kSlices + 1))]; }
  void add(std::int64_t at_us, Used change, Money fresh = {});

  const Window::Kind kind_;
  const Zone& zone_;
  const std::int64_t width_us_;  // of a slice
  std::vector<Place> places_;    // of the calendar: the present one and the one before
  std::int64_t newest_ = -1;     // slice
  Used all_;                     // of the slices
};

}  // namespace sluice::quota
