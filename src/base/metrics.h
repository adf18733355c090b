// Counters, gauges and histograms, and their OpenMetrics text.
//
// A family is declared once with its label names; a series is found once (when a snapshot is built, or on first use)
// and then counted through a reference: an atomic add, no lock, no allocation. The number of series of a family is
// bounded: beyond `max_series` every further label set shares one series whose labels are all "other".
//
// Thread rule: any thread. Declaring and render() take locks, find() where a thread has not found the series lately;
// add(), set() and observe() are lock-free.
// Lifetime: series live as long as the Metrics. Source: the OpenMetrics 1.0 text format.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/money.h"

namespace sluice {

class Counter {
 public:
  void add(std::uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Money that was spent, reported in dollars, exactly.
class MoneyCounter {
 public:
  void add(Money amount) { nanos_.fetch_add(amount.nanos, std::memory_order_relaxed); }
  Money value() const { return Money{nanos_.load(std::memory_order_relaxed)}; }

 private:
  std::atomic<std::int64_t> nanos_{0};
};

class Gauge {
 public:
  void add(std::int64_t amount) { value_.fetch_add(amount, std::memory_order_relaxed); }
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Money as it is now, reported in dollars, exactly.
class MoneyGauge {
 public:
  void set(Money amount) { nanos_.store(amount.nanos, std::memory_order_relaxed); }
  Money value() const { return Money{nanos_.load(std::memory_order_relaxed)}; }

 private:
  std::atomic<std::int64_t> nanos_{0};
};

// Durations in microseconds, reported in seconds, in fixed buckets from 100 µs to 10 minutes.
class Histogram {
 public:
  void observe_us(std::int64_t microseconds);
  static std::span<const std::int64_t> bounds_us();  // ascending upper bounds; one more bucket is +Inf

 private:
  friend class Metrics;
  void render(std::string& out, const std::string& name, const std::string& labels) const;

  static constexpr std::size_t kBuckets = 22;
  std::atomic<std::uint64_t> buckets_[kBuckets + 1]{};
  std::atomic<std::int64_t> sum_us_{0};
};

class Metrics {
 public:
  using Labels = std::initializer_list<std::string_view>;  // values, in the order of the family's label names

  template <class Series>
  class Family {
   public:
    // The series of these label values, made when it is new. Values are kept as printable() shows them.
    Series& find(Labels values);

   private:
    friend class Metrics;
    // Stored values and those asked for are hashed and compared alike, so that finding a series allocates nothing.
    struct Hash {
      using is_transparent = void;
      std::size_t operator()(const auto& values) const {
        std::size_t sum = 0;
        for (std::string_view value : values) sum = sum * 31 + std::hash<std::string_view>{}(value);
        return sum;
      }
    };
    struct Equal {
      using is_transparent = void;
      bool operator()(const auto& a, const auto& b) const {
        return std::ranges::equal(a, b, std::equal_to<std::string_view>());
      }
    };
    using Values = std::vector<std::string>;
    // A series that this thread has found. It is of the family with this number, of which there is never a second one.
    struct Found {
      std::uint64_t family = 0;
      std::size_t hash = 0;
      const Values* values = nullptr;
      Series* series = nullptr;
    };
    Series& find_shared(Labels values, std::size_t hash, Found& found);
    Series& insert(Values values);
    void render(std::string& out) const;

    static std::uint64_t next_number();

    std::uint64_t number_ = next_number();
    std::string name_, help_;
    Values label_names_;
    std::size_t max_series_ = 0;
    mutable std::mutex mutex_;
    std::unordered_map<Values, std::unique_ptr<Series>, Hash, Equal> series_;
    std::unique_ptr<Series> other_;
  };

  // `name` without suffix ("sluice_requests"); the text adds _total and _seconds as OpenMetrics asks. Declaring a name
  // again gives the family it already has, with its first help and limit.
  Family<Counter>& counter(std::string name, std::string help, std::vector<std::string> labels,
                           std::size_t max_series = 2000);
  Family<MoneyCounter>& money(std::string name, std::string help, std::vector<std::string> labels,
                              std::size_t max_series = 2000);
  Family<Gauge>& gauge(std::string name, std::string help, std::vector<std::string> labels,
                       std::size_t max_series = 2000);
  Family<MoneyGauge>& money_gauge(std::string name, std::string help, std::vector<std::string> labels,
                                  std::size_t max_series = 2000);
  Family<Histogram>& histogram(std::string name, std::string help, std::vector<std::string> labels,
                               std::size_t max_series = 500);

  // The whole text, ending in "# EOF\n"; label values are escaped.
  std::string render() const;

 private:
  template <class Series>
  Family<Series>& declare(std::deque<Family<Series>>& families, std::string name, std::string help,
                          std::vector<std::string> labels, std::size_t max_series);

  mutable std::mutex mutex_;  // the lists; families never move
  std::deque<Family<Counter>> counters_;
  std::deque<Family<MoneyCounter>> money_;
  std::deque<Family<Gauge>> gauges_;
  std::deque<Family<MoneyGauge>> money_gauges_;
  std::deque<Family<Histogram>> histograms_;
};

}  // namespace sluice
