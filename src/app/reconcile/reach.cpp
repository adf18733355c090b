#include "app/reconcile/reach.h"

#include <fmt/format.h>

#include <algorithm>

#include "chat/estimate.h"

namespace sluice::app {

namespace {

constexpr double kUnseen = 1'000;
constexpr double kDearestOutput = 20;  // of a token of input; the catalogue's dearest is 10

constexpr std::size_t at(Count count) {
  return static_cast<std::size_t>(count);
}

// It cost nothing, and was for nothing: counting tokens, a list of models.
bool is_free(const BookLine& book) {
  return book.source == BookLine::Usage::kNone && book.cost_nanos == 0;
}

}  // namespace

Counts counts_of(const UsageLine& line) {
  return {line.requests, line.input, line.cache_read, line.cache_write, line.output};
}

std::array<std::int64_t, kCounts> counts_of(const BookLine& book) {
  return {1, book.input, book.cache_read, book.cache_write, book.output};
}

bool tells_tokens(const Counts& counts) {
  return std::any_of(counts.begin() + 1, counts.end(), [](const auto& count) { return count.has_value(); });
}

void add_up(std::int64_t& total, std::int64_t part) {
  constexpr std::int64_t kFar = INT64_MAX / 8;
  total = std::clamp(total + std::clamp(part, -kFar, kFar), -kFar, kFar);
}

void Reach::add(const BookLine& book) {
  const auto counts = counts_of(book);
  const bool is_known = book.source == BookLine::Usage::kProvider || is_free(book);
  auto& into = is_known ? known_ : estimates_;
  for (std::size_t i = 0; i < kCounts; ++i) into[i] += counts[i];
  if (is_known) {
    known_cost_ += book.cost_nanos.value_or(0);
    return;
  }
  const bool is_estimated = book.source == BookLine::Usage::kEstimated;
  ++(is_estimated ? estimated_ : untold_);
  if (is_estimated && book.cost_nanos) {
    estimated_cost_ += *book.cost_nanos;
  } else if (const auto most = book.cost_nanos.value_or(book.held_nanos); most > 0) {
    held_ += most;
  } else {
    ++unbounded_;
  }
}

double Reach::most_tokens(Count count) const {
  return static_cast<double>(chat::kBytesPerToken) * static_cast<double>(estimates_[at(count)]) +
         kUnseen * static_cast<double>(estimated_);
}

// What the file says of them, where it says that of them alone.
double Reach::left_tokens(const Counts& there, Count count) const {
  const auto told = there[at(count)];
  return told && untold_ == 0 ? static_cast<double>(*told - known_[at(count)]) : most_tokens(count);
}

// By what a token of the estimates cost at most: all of it, were the others for nothing.
std::optional<double> Reach::most_cost(const Counts& there) const {
  if (unbounded_ > 0) return std::nullopt;
  const auto held = static_cast<double>(held_);
  if (estimated_cost_ == 0) return held;
  const auto cost = static_cast<double>(estimated_cost_);
  const auto input = static_cast<double>(std::max<std::int64_t>(estimates_[at(Count::kInput)], 1));
  const auto output = static_cast<double>(estimates_[at(Count::kOutput)]);
  const double of_input = cost / input, of_output = output > 0 ? cost / output : kDearestOutput * of_input;
  return held + left_tokens(there, Count::kInput) * of_input + left_tokens(there, Count::kOutput) * of_output;
}

bool Reach::holds_tokens(const Counts& there, std::optional<std::int64_t> cost_there) const {
  if (estimated_ + untold_ == 0) return false;
  for (std::size_t i = at(Count::kInput); i < kCounts; ++i) {
    if (!there[i]) continue;
    const auto left = *there[i] - known_[i];
    if (left < 0) return false;
    // Of a prompt all may have been in a cache.
    const double most = most_tokens(i == at(Count::kOutput) ? Count::kOutput : Count::kInput);
    if (untold_ == 0 && static_cast<double>(left) > most) return false;
  }
  return untold_ == 0 || (cost_there && holds_cost(there, *cost_there));
}

bool Reach::holds_cost(const Counts& there, std::int64_t cost_there) const {
  if (estimated_ + untold_ == 0) return false;
  const auto most = most_cost(there);
  const auto left = cost_there - known_cost_;
  return most && left >= 0 && static_cast<double>(left) <= *most;
}

std::string_view Reach::beyond() const {
  if (unbounded_ > 0 && untold_ > 0) return ", of which nobody knows how much it was at most";
  if (untold_ > 0) return ", more than was set aside, or no money to compare";
  return estimated_ > 0 ? ", more than an estimate can be off" : "";
}

std::string Reach::words(std::size_t of) const {
  if (untold_ > 0) return fmt::format("{} of {} told no usage", untold_, of);
  return fmt::format("{} of {} {}", estimated_, of, estimated_ == 1 ? "is an estimate" : "are estimates");
}

}  // namespace sluice::app
