#include "app/reconcile/buckets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "admin/params.h"
#include "app/reconcile/reach.h"
#include "base/money.h"

namespace sluice::app {

namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::string_view kCountNames[kCounts] = {"requests", "input", "cache read", "cache write", "output"};

struct Key {
  std::string model;
  std::int64_t from_us = 0, to_us = 0;

  auto operator<=>(const Key&) const = default;
};

struct Bucket {
  std::size_t line = 0;  // 0: it is not in the file
  Counts there;
  std::optional<std::int64_t> cost_there;
  std::array<std::int64_t, kCounts> here{};
  std::int64_t cost_here = 0;
  std::size_t attempts = 0, unpriced = 0;
  Reach reach;

  void add(const BookLine& book) {
    const auto counts = counts_of(book);
    for (std::size_t i = 0; i < kCounts; ++i) here[i] += counts[i];
    cost_here += book.cost_nanos.value_or(0);
    ++attempts;
    reach.add(book);
    if (!book.cost_nanos) ++unpriced;
  }
  // What the file says; where it says nothing of a count, it says the same. It has nothing of what is not in it.
  std::int64_t theirs(std::size_t i) const { return line == 0 ? 0 : there[i].value_or(here[i]); }
  bool tells(std::size_t i) const { return line == 0 || there[i].has_value(); }
  // It is in the file, which says nothing of it that could be compared.
  bool is_silent() const {
    return line > 0 && !cost_there && std::ranges::none_of(there, [](const auto& count) { return count.has_value(); });
  }
  bool same_counts() const {
    for (std::size_t i = 0; i < kCounts; ++i) {
      if (theirs(i) != here[i]) return false;
    }
    return true;
  }
  bool matches() const { return same_counts() && cost_there.value_or(cost_here) == cost_here; }
};

using Buckets = std::map<Key, Bucket>;

void add_to(std::optional<std::int64_t>& total, const std::optional<std::int64_t>& part) {
  if (!part) return;
  if (!total) total = 0;
  add_up(*total, *part);
}

Buckets buckets_of(const UsageFile& file) {
  Buckets buckets;
  for (const auto& line : file.lines) {
    auto& bucket = buckets[{line.model, line.from_us, line.to_us}];
    if (bucket.line == 0) bucket.line = line.line;
    const auto counts = counts_of(line);
    for (std::size_t i = 0; i < kCounts; ++i) add_to(bucket.there[i], counts[i]);
    add_to(bucket.cost_there, line.cost_nanos);
  }
  return buckets;
}

// The name that the file has for the model of an attempt.
class ModelNames {
 public:
  explicit ModelNames(const UsageFile& file) : format_(file.format) {
    for (const auto& line : file.lines) names_.insert(line.model);
  }
  std::string of(const BookLine& book) const {
    if (names_.size() == 1 && names_.contains("")) return {};  // the file does not tell models apart
    if (format_ == UsageFormat::kAws) return bedrock_name(book.model_routed);
    if (names_.contains(book.model_served)) return book.model_served;
    if (names_.contains(book.model_routed) || book.model_served.empty()) return book.model_routed;
    return book.model_served;
  }

 private:
  UsageFormat format_;
  std::set<std::string> names_;
};

// The file's buckets with the attempts in them, when its clocks are so far from UTC.
Buckets filled(Buckets buckets, std::span<const BookLine> books, const ModelNames& names, std::int64_t shift_us) {
  std::set<std::pair<std::int64_t, std::int64_t>> times;
  for (const auto& [key, bucket] : buckets) times.emplace(key.from_us, key.to_us);
  for (const auto& book : books) {
    if (!book.is_charged()) continue;
    const auto at = book.ended_us + shift_us;
    auto time = times.upper_bound({at, INT64_MAX});
    if (time == times.begin()) continue;
    --time;
    if (at >= time->second) continue;
    buckets[{names.of(book), time->first, time->second}].add(book);
  }
  return buckets;
}

std::size_t charged(std::span<const BookLine> books) {
  return static_cast<std::size_t>(std::ranges::count_if(books, &BookLine::is_charged));
}

std::size_t matched(const Buckets& buckets) {
  return static_cast<std::size_t>(
      std::ranges::count_if(buckets, [](const auto& one) { return one.second.line > 0 && one.second.matches(); }));
}

// How far the clocks of zones are from UTC.
constexpr int kStepMinutes = 15, kWestmost = -12 * 60, kEastmost = 14 * 60;

// Those, in minutes, by which most is the same, where that is clearly more than in UTC.
std::vector<int> best_shifts(const Buckets& empty, std::span<const BookLine> books, const ModelNames& names) {
  const auto wanted = empty.size();
  auto best = matched(filled(empty, books, names, 0));
  std::vector<int> shifts;
  if (best == wanted) return shifts;
  for (int minutes = kWestmost; minutes <= kEastmost; minutes += kStepMinutes) {
    const auto count = matched(filled(empty, books, names, minutes * kMinuteUs));
    // The first and the last day may be known in part only.
    if (2 * count <= wanted || count < best || (count == best && shifts.empty())) continue;
    if (count > best) shifts.clear();
    best = count;
    shifts.push_back(minutes);
  }
  return shifts;
}

std::string zone_text(int minutes) {
  const auto away = std::abs(minutes);
  auto text = fmt::format("UTC{}{}", minutes < 0 ? '-' : '+', away / 60);
  return away % 60 == 0 ? text : text + fmt::format(":{:02}", away % 60);
}

// Where few attempts are near midnight, several zones have the same days: "UTC+7:45 to UTC+9:15 or UTC+10".
std::string zones_text(std::span<const int> shifts) {
  std::string text;
  for (std::size_t first = 0, last = 0; first < shifts.size(); first = last + 1) {
    for (last = first; last + 1 < shifts.size() && shifts[last + 1] == shifts[last] + kStepMinutes;) ++last;
    text += (text.empty() ? "" : " or ") + zone_text(shifts[first]);
    if (last > first) text += " to " + zone_text(shifts[last]);
  }
  return text;
}

std::string differences(const Bucket& bucket) {
  std::string words;
  for (std::size_t i = 0; i < kCounts; ++i) {
    if (bucket.theirs(i) == bucket.here[i]) continue;
    words += fmt::format("{}{} {} there, {} here", words.empty() ? "" : "; ", kCountNames[i], bucket.theirs(i),
                         bucket.here[i]);
  }
  return words;
}

std::string money(const Bucket& bucket) {
  return fmt::format("{} USD there, {} here{}", to_text(Money{*bucket.cost_there}), to_text(Money{bucket.cost_here}),
                     bucket.unpriced == 0 ? "" : fmt::format(" and {} of unknown cost", bucket.unpriced));
}

// Of one whose tokens are the same, or are not told.
Finding judge_money(const Bucket& bucket) {
  Finding finding{.line = bucket.line, .detail = money(bucket)};
  const auto& reach = bucket.reach;
  if (tells_tokens(bucket.there)) {
    finding.verdict = Verdict::kPrice;
  } else if (reach.holds_cost(bucket.there, *bucket.cost_there)) {
    finding.verdict = reach.untold() > 0 ? Verdict::kUntold : Verdict::kEstimated;
    finding.detail += fmt::format(" ({})", reach.words(bucket.attempts));
  } else {
    finding.verdict = Verdict::kMoney;
    finding.detail += reach.beyond();
  }
  return finding;
}

Finding judge(const Bucket& bucket) {
  Finding finding{.line = bucket.line};
  if (bucket.matches()) return finding;
  finding.detail = differences(bucket);
  const auto& reach = bucket.reach;
  if (bucket.line == 0) {
    finding.verdict = Verdict::kMissingThere;
  } else if (bucket.attempts == 0) {
    finding.verdict = Verdict::kMissingHere;
  } else if (bucket.same_counts()) {
    return judge_money(bucket);
  } else if (bucket.theirs(0) == bucket.here[0] && reach.holds_tokens(bucket.there, bucket.cost_there)) {
    finding.verdict = reach.untold() > 0 ? Verdict::kUntold : Verdict::kEstimated;
    finding.detail += fmt::format(" ({})", reach.words(bucket.attempts));
    if (!bucket.cost_there || reach.holds_cost(bucket.there, *bucket.cost_there)) return finding;
    finding.verdict = Verdict::kPrice;
    finding.detail += "; " + money(bucket);
  } else {
    finding.verdict = Verdict::kTokens;
    if (!reach.beyond().empty()) finding.detail += fmt::format(" ({}{})", reach.words(bucket.attempts), reach.beyond());
  }
  return finding;
}

// What is too much in one time and too little in the next one of the same model was counted on the other side of the
// border between them.
bool is_boundary(const Bucket& one, const Bucket& next) {
  if (one.matches() || next.matches()) return false;
  bool any = false;
  for (std::size_t i = 0; i < kCounts; ++i) {
    if (!one.tells(i) || !next.tells(i)) continue;
    if (one.theirs(i) - one.here[i] + next.theirs(i) - next.here[i] != 0) return false;
    any = any || one.theirs(i) != one.here[i];
  }
  return any;
}

void find_boundaries(const Buckets& buckets, std::map<Key, Finding>& findings) {
  for (auto one = buckets.begin(); one != buckets.end(); ++one) {
    const auto next = std::next(one);
    if (next == buckets.end() || next->first.model != one->first.model || next->first.from_us != one->first.to_us)
      continue;
    if (!is_boundary(one->second, next->second)) continue;
    for (const auto* key : {&one->first, &next->first}) {
      if (const auto found = findings.find(*key); found != findings.end()) found->second.verdict = Verdict::kBoundary;
    }
  }
}

}  // namespace

BucketComparison compare_buckets(const UsageFile& file, std::span<const BookLine> books) {
  const ModelNames names(file);
  const auto empty = buckets_of(file);
  const auto shifts = file.clock == UsageClock::kAbsolute ? std::vector<int>() : best_shifts(empty, books, names);
  const auto minutes = shifts.empty() ? 0 : shifts[shifts.size() / 2];
  const auto in_utc = filled(empty, books, names, 0);
  const auto buckets = filled(empty, books, names, minutes * kMinuteUs);
  std::map<Key, Finding> findings;
  BucketComparison comparison{.outside = charged(books)};
  for (const auto& [key, bucket] : buckets) {
    if (bucket.is_silent()) {
      ++comparison.silent;
    } else {
      findings[key] = judge(bucket);
    }
    add_up(comparison.cost_there_nanos, bucket.cost_there.value_or(0));
    comparison.cost_here_nanos += bucket.cost_here;
    comparison.outside -= bucket.attempts;
  }
  find_boundaries(buckets, findings);
  for (auto& [key, finding] : findings) {
    finding.subject = fmt::format("{} {}", key.model.empty() ? "all models" : key.model, admin::timestamp(key.from_us));
    const auto plain = in_utc.find(key);
    const bool was_off = !shifts.empty() && (plain == in_utc.end() || !plain->second.matches());
    if (finding.verdict == Verdict::kMatched && was_off) {
      finding.verdict = Verdict::kZone;
      finding.detail = "the same in days of " + zones_text(shifts) + (shifts.size() > 1 ? "; all of these fit" : "");
    }
    comparison.findings.push_back(std::move(finding));
  }
  return comparison;
}

}  // namespace sluice::app
