#include "base/metrics.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <stdexcept>

#include "base/text.h"

namespace sluice {

namespace {

constexpr std::int64_t kBoundsUs[] = {100,        250,         500,         1'000,      2'500,      5'000,
                                      10'000,     25'000,      50'000,      100'000,    250'000,    500'000,
                                      1'000'000,  2'500'000,   5'000'000,   10'000'000, 20'000'000, 30'000'000,
                                      60'000'000, 120'000'000, 300'000'000, 600'000'000};
constexpr std::string_view kOther = "other";

// Microseconds as decimal seconds without going through floating point: 1500 → "0.0015", 1000000 → "1.0".
std::string seconds(std::int64_t microseconds) {
  std::string text = fmt::format("{}.{:06}", microseconds / 1'000'000, microseconds % 1'000'000);
  auto last = text.find_last_not_of('0');
  text.resize(text[last] == '.' ? last + 2 : last + 1);
  return text;
}

std::string escaped(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c == '\n') {
      result += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') result.push_back('\\');
    result.push_back(c);
  }
  return result;
}

// Tells by its highest bits where a thread remembers a series: words at a time, for it is asked with every count.
std::uint64_t quick_hash(std::uint64_t family, Metrics::Labels values) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  std::uint64_t hash = family;
  const auto mix = [&](std::uint64_t word) { hash = (hash ^ word) * 0x9e3779b97f4a7c15; };
  for (std::string_view value : values) {
    mix(value.size());
    for (; value.size() > kWord; value.remove_prefix(kWord)) mix(word_of(value.data(), kWord));
    mix(word_of(value.data(), value.size()));
  }
  return hash;
}

// name="value",… without braces.
std::string label_pairs(const std::vector<std::string>& names, const std::vector<std::string>& values) {
  std::string result;
  for (std::size_t i = 0; i < names.size(); ++i) {
    fmt::format_to(std::back_inserter(result), "{}{}=\"{}\"", i == 0 ? "" : ",", names[i], escaped(values[i]));
  }
  return result;
}

std::string braced(const std::string& labels) {
  return labels.empty() ? labels : "{" + labels + "}";
}

std::string family_name(const std::string& name, const Histogram*) {
  return name + "_seconds";
}
std::string family_name(const std::string& name, const void*) {
  return name;
}

std::string_view type_name(const Counter*) {
  return "counter";
}
std::string_view type_name(const MoneyCounter*) {
  return "counter";
}
std::string_view type_name(const Gauge*) {
  return "gauge";
}
std::string_view type_name(const MoneyGauge*) {
  return "gauge";
}
std::string_view type_name(const Histogram*) {
  return "histogram";
}

void render_series(std::string& out, const std::string& name, const std::string& labels, const Counter& counter) {
  fmt::format_to(std::back_inserter(out), "{}_total{} {}\n", name, braced(labels), counter.value());
}

void render_series(std::string& out, const std::string& name, const std::string& labels, const MoneyCounter& money) {
  fmt::format_to(std::back_inserter(out), "{}_total{} {}\n", name, braced(labels), to_text(money.value()));
}

void render_series(std::string& out, const std::string& name, const std::string& labels, const Gauge& gauge) {
  fmt::format_to(std::back_inserter(out), "{}{} {}\n", name, braced(labels), gauge.value());
}

void render_series(std::string& out, const std::string& name, const std::string& labels, const MoneyGauge& money) {
  fmt::format_to(std::back_inserter(out), "{}{} {}\n", name, braced(labels), to_text(money.value()));
}

}  // namespace

void Histogram::observe_us(std::int64_t microseconds) {
  static_assert(std::size(kBoundsUs) == kBuckets);
  microseconds = std::max<std::int64_t>(microseconds, 0);
  auto bucket = std::ranges::lower_bound(kBoundsUs, microseconds) - std::begin(kBoundsUs);
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_us_.fetch_add(microseconds, std::memory_order_relaxed);
}

std::span<const std::int64_t> Histogram::bounds_us() {
  return kBoundsUs;
}

void Histogram::render(std::string& out, const std::string& name, const std::string& labels) const {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i <= kBuckets; ++i) {
    count += buckets_[i].load(std::memory_order_relaxed);
    fmt::format_to(std::back_inserter(out), "{}_bucket{{{}{}le=\"{}\"}} {}\n", name, labels, labels.empty() ? "" : ",",
                   i < kBuckets ? seconds(kBoundsUs[i]) : "+Inf", count);
  }
  fmt::format_to(std::back_inserter(out), "{0}_count{1} {2}\n{0}_sum{1} {3}\n", name, braced(labels), count,
                 seconds(sum_us_.load(std::memory_order_relaxed)));
}

template <class Series>
Series& Metrics::Family<Series>::find(Labels values) {
  if (values.size() != label_names_.size()) throw std::invalid_argument("wrong number of label values for " + name_);
  constexpr unsigned kBits = 7;
  thread_local std::array<std::array<Found, 2>, 1 << kBits> remembered;
  const auto hash = quick_hash(number_, values);
  auto& place = remembered[hash >> (64 - kBits)];  // has room for two, which may be asked for in turn
  for (const Found& found : place) {
    if (found.family == number_ && found.hash == hash && Equal{}(*found.values, values)) return *found.series;
  }
  place[0] = place[1];
  return find_shared(values, hash, place[1]);
}

template <class Series>
std::uint64_t Metrics::Family<Series>::next_number() {
  static std::atomic<std::uint64_t> last{0};  // check: allow global because threads remember families by their numbers
  return ++last;
}

template <class Series>
Series& Metrics::Family<Series>::find_shared(Labels values, std::size_t hash, Found& found) {
  std::lock_guard lock(mutex_);
  if (auto known = series_.find(values); known != series_.end()) {
    found = {number_, hash, &known->first, known->second.get()};
    return *known->second;
  }
  Values shown;
  for (auto value : values) shown.push_back(printable(value));
  return insert(std::move(shown));
}

template <class Series>
Series& Metrics::Family<Series>::insert(Values values) {
  if (auto known = series_.find(values); known != series_.end()) return *known->second;
  bool is_other = std::ranges::all_of(values, [](const auto& value) { return value == kOther; });
  if (series_.size() >= max_series_ || (is_other && !values.empty())) {
    if (!other_) other_ = std::make_unique<Series>();
    return *other_;
  }
  return *series_.emplace(std::move(values), std::make_unique<Series>()).first->second;
}

template <class Series>
void Metrics::Family<Series>::render(std::string& out) const {
  const Series* kind = nullptr;
  std::string name = family_name(name_, kind);
  fmt::format_to(std::back_inserter(out), "# TYPE {} {}\n", name, type_name(kind));
  if (name != name_) fmt::format_to(std::back_inserter(out), "# UNIT {} seconds\n", name);
  fmt::format_to(std::back_inserter(out), "# HELP {} {}\n", name, escaped(help_));
  auto render_one = [&](const Values& values, const Series& series) {
    std::string labels = label_pairs(label_names_, values);
    if constexpr (std::is_same_v<Series, Histogram>) {
      series.render(out, name, labels);
    } else {
      render_series(out, name, labels, series);
    }
  };
  std::lock_guard lock(mutex_);
  std::vector<std::pair<const Values*, const Series*>> ordered;
  ordered.reserve(series_.size());
  for (const auto& [values, series] : series_) ordered.emplace_back(&values, series.get());
  std::ranges::sort(ordered, [](const auto& a, const auto& b) { return *a.first < *b.first; });
  for (const auto& [values, series] : ordered) render_one(*values, *series);
  if (other_) render_one(Values(label_names_.size(), std::string(kOther)), *other_);
}

template class Metrics::Family<Counter>;
template class Metrics::Family<MoneyCounter>;
template class Metrics::Family<Gauge>;
template class Metrics::Family<MoneyGauge>;
template class Metrics::Family<Histogram>;

template <class Series>
Metrics::Family<Series>& Metrics::declare(std::deque<Family<Series>>& families, std::string name, std::string help,
                                          std::vector<std::string> labels, std::size_t max_series) {
  std::lock_guard lock(mutex_);
  auto known = std::ranges::find_if(families, [&](const auto& family) { return family.name_ == name; });
  if (known != families.end()) {
    if (known->label_names_ != labels) throw std::invalid_argument(name + " is declared with other labels");
    return *known;
  }
  auto& family = families.emplace_back();
  family.name_ = std::move(name);
  family.help_ = std::move(help);
  family.label_names_ = std::move(labels);
  family.max_series_ = max_series;
  return family;
}

Metrics::Family<Counter>& Metrics::counter(std::string name, std::string help, std::vector<std::string> labels,
                                           std::size_t max_series) {
  return declare(counters_, std::move(name), std::move(help), std::move(labels), max_series);
}

Metrics::Family<MoneyCounter>& Metrics::money(std::string name, std::string help, std::vector<std::string> labels,
                                              std::size_t max_series) {
  return declare(money_, std::move(name), std::move(help), std::move(labels), max_series);
}

Metrics::Family<Gauge>& Metrics::gauge(std::string name, std::string help, std::vector<std::string> labels,
                                       std::size_t max_series) {
  return declare(gauges_, std::move(name), std::move(help), std::move(labels), max_series);
}

Metrics::Family<MoneyGauge>& Metrics::money_gauge(std::string name, std::string help, std::vector<std::string> labels,
                                                  std::size_t max_series) {
  return declare(money_gauges_, std::move(name), std::move(help), std::move(labels), max_series);
}

Metrics::Family<Histogram>& Metrics::histogram(std::string name, std::string help, std::vector<std::string> labels,
                                               std::size_t max_series) {
  return declare(histograms_, std::move(name), std::move(help), std::move(labels), max_series);
}

std::string Metrics::render() const {
  std::string out;
  std::lock_guard lock(mutex_);
  for (const auto& family : counters_) family.render(out);
  for (const auto& family : money_) family.render(out);
  for (const auto& family : gauges_) family.render(out);
  for (const auto& family : money_gauges_) family.render(out);
  for (const auto& family : histograms_) family.render(out);
  out += "# EOF\n";
  return out;
}

}  // namespace sluice
