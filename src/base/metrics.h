// Counters, gauges and histograms, and their OpenMetrics text.
//
// A family is declared once with its label names; a series is found once (when a snapshot is built, or on first use) and
// then counted through a reference: an atomic add, no lock, no allocation. The number of series of a family is bounded:
// beyond `max_series` every further label set shares one series whose labels are all "other".
//
// Thread rule: find() and render() lock the family; add(), set() and observe() are lock-free from any thread.
// Lifetime: series live as long as the Metrics. Source: the OpenMetrics 1.0 text format.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class Counter {
 public:
  void add(std::uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void add(std::int64_t amount) { value_.fetch_add(amount, std::memory_order_relaxed); }
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Durations in microseconds, reported in seconds, in fixed buckets from 100 µs to 10 minutes.
class Histogram {
 public:
  void observe_us(std::int64_t microseconds);
  static std::span<const std::int64_t> bounds_us();    // ascending upper bounds; one more bucket is +Inf

 private:
  friend class Metrics;
  static constexpr std::size_t kBuckets = 22;
  std::atomic<std::uint64_t> buckets_[kBuckets + 1]{};
  std::atomic<std::int64_t> sum_us_{0};
};

class Metrics {
 public:
  using Labels = std::initializer_list<std::string_view>;    // values, in the order of the family's label names

  template <class Series>
  class Family {
   public:
    Series& find(Labels values);

   private:
    friend class Metrics;
    std::string name_, help_;
    std::vector<std::string> label_names_;
    std::size_t max_series_ = 0;
    mutable std::mutex mutex_;
    std::map<std::vector<std::string>, std::unique_ptr<Series>, std::less<>> series_;
  };

  // `name` without suffix ("sluice_requests"); the text adds _total and unit suffixes as OpenMetrics asks.
  Family<Counter>& counter(std::string name, std::string help, std::vector<std::string> labels, std::size_t max_series = 2000);
  Family<Gauge>& gauge(std::string name, std::string help, std::vector<std::string> labels, std::size_t max_series = 2000);
  Family<Histogram>& histogram(std::string name, std::string help, std::vector<std::string> labels, std::size_t max_series = 500);

  // The whole text, ending in "# EOF\n"; label values are escaped.
  std::string render() const;

 private:
  std::deque<Family<Counter>> counters_;
  std::deque<Family<Gauge>> gauges_;
  std::deque<Family<Histogram>> histograms_;
};

}  // namespace sluice
