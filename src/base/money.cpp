#include "base/money.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace sluice {

namespace {

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::expected<Money, std::string_view> parse_money(std::string_view text) {
  using Wrong = std::unexpected<std::string_view>;
  if (text.empty()) return Wrong("is empty");
  const bool negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (!all_digits(whole) || !all_digits(fraction)) return Wrong("holds something else than digits and one point");
  if (whole.empty()) return Wrong("has no digit before its point");
  if (point != std::string_view::npos && fraction.empty()) return Wrong("has no digit behind its point");
  fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
  if (fraction.size() > kMoneyDecimals) return Wrong("has more than 9 decimals");

  const auto dollars = to_number<std::int64_t>(whole);
  std::int64_t nanos = fraction.empty() ? 0 : *to_number<std::int64_t>(fraction);
  for (auto place = fraction.size(); place < kMoneyDecimals; ++place) nanos *= 10;
  std::int64_t sum = 0;
  if (!dollars || __builtin_mul_overflow(*dollars, kNanosPerDollar, &sum) || __builtin_add_overflow(sum, nanos, &sum)) {
    return Wrong("is more than can be counted");
  }
  return Money{negative ? -sum : sum};
}

std::string to_text(Money money) {
  // The least number has no positive one of its own size.
  const bool negative = money.nanos < 0;
  const std::uint64_t size =
      negative ? ~static_cast<std::uint64_t>(money.nanos) + 1 : static_cast<std::uint64_t>(money.nanos);
  const auto fraction = size % kNanosPerDollar;
  std::string text = fmt::format("{}{}", negative ? "-" : "", size / kNanosPerDollar);
  if (fraction == 0) return text;
  text += fmt::format(".{:09}", fraction);
  text.resize(text.find_last_not_of('0') + 1);
  return text;
}

}  // namespace sluice
