#include "quota/spending.h"

#include <algorithm>

namespace sluice::quota {

Spending::Spending(const Window& window, const Zone& zone)
    : kind_(window.kind),
      zone_(zone),
      width_us_(std::max<std::int64_t>(1000, (window.rolling.count() * 1000 + kSlices - 1) / kSlices)) {
  places_.resize(rolls() ? kSlices + 1 : 2);
  if (!rolls()) places_.front().period = places_.back().period = {0, 0};  // none yet
}

void Spending::advance(std::int64_t at_us) {
  at_us = std::max<std::int64_t>(at_us, 0);
  if (rolls()) return advance_slices(at_us / width_us_);
  auto& present = places_.front();
  if (at_us < present.period.until_us) return;
  places_.back() = present;
  present = {.period = period_of(kind_, zone_, at_us)};
}

void Spending::advance_slices(std::int64_t number) {
  if (number <= newest_) return;
  for (auto next = std::max(newest_ + 1, number - kSlices); next <= number; ++next) {
    auto& place = slice(next);
    all_.spent.nanos -= place.used.spent.nanos;
    all_.reserved.nanos -= place.used.reserved.nanos;
    place = {.number = next};
  }
  newest_ = number;
}

Spending::Place* Spending::find(std::int64_t at_us) {
  advance(at_us);
  if (rolls()) {
    auto& place = slice(std::max<std::int64_t>(at_us, 0) / width_us_);
    return place.number == at_us / width_us_ ? &place : nullptr;
  }
  for (auto& place : places_) {
    if (place.period.has(at_us)) return &place;
  }
  return nullptr;
}

Spending::Used Spending::used(std::int64_t at_us) {
  auto* place = find(at_us);
  if (rolls()) return all_;
  return place ? place->used : places_.front().used;
}

void Spending::add(std::int64_t at_us, Used change, Money fresh) {
  auto* place = find(at_us);
  if (!place) return;
  place->fresh.nanos += fresh.nanos;
  auto apply = [&](Used& used) {
    used.spent.nanos += change.spent.nanos;
    used.reserved.nanos += change.reserved.nanos;
  };
  apply(place->used);
  if (rolls()) apply(all_);
}

void Spending::spend(std::int64_t at_us, Money amount, Books books) {
  add(at_us, {.spent = books == Books::kNew ? Money{} : amount, .reserved = {}},
      books == Books::kPresent ? Money{} : amount);
}
void Spending::reserve(std::int64_t at_us, Money amount) {
  add(at_us, {.reserved = amount});
}
void Spending::give_back(std::int64_t at_us, Money amount) {
  add(at_us, {.reserved = Money{-amount.nanos}});
}

void Spending::begin_books() {
  for (auto& place : places_) place.fresh = Money{};
}

void Spending::close_books(const Period& period, Money before, Known known) {
  const auto at_us = std::max<std::int64_t>(period.from_us, 0);
  if (!rolls() && at_us < places_.front().period.from_us) return;  // another window has begun
  auto* place = find(at_us);
  if (!place) return;
  Money spent{place->fresh.nanos + before.nanos};
  if (known == Known::kAtLeast) spent = std::max(spent, place->used.spent);
  add(at_us, {.spent = Money{spent.nanos - place->used.spent.nanos}, .reserved = {}});
}

Period Spending::period(std::int64_t at_us) {
  auto* place = find(at_us);
  return rolls() || !place ? Period{} : place->period;
}

std::optional<std::int64_t> Spending::leaves_us(std::int64_t at_us, Money amount) {
  advance(at_us);
  if (kind_ == Window::Kind::kTotal) return std::nullopt;
  if (!rolls()) return places_.front().period.until_us;
  Money left{};
  for (auto number = std::max<std::int64_t>(newest_ - kSlices, 0); number <= newest_; ++number) {
    const auto& place = slice(number);
    if (place.number != number) continue;
    left.nanos += place.used.all().nanos;
    if (left >= amount) return (number + kSlices + 1) * width_us_;
  }
  return std::nullopt;  // more than all of it
}

std::vector<Period> Spending::periods(std::int64_t at_us) {
  advance(at_us);
  if (!rolls()) return {places_.front().period};
  std::vector<Period> slices;
  slices.reserve(kSlices + 1);
  for (auto number = std::max<std::int64_t>(newest_ - kSlices, 0); number <= newest_; ++number)
    slices.push_back({number * width_us_, (number + 1) * width_us_});
  return slices;
}

}  // namespace sluice::quota
