// Money as whole nano-dollars (a thousand millionth of a US dollar), and as exact decimal text.
//
// Nothing here passes through floating point: what is read is what is written. 64 bits hold nine thousand million
// dollars. Thread rule: plain values and pure functions.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace sluice {

struct Money {
  std::int64_t nanos = 0;

  auto operator<=>(const Money&) const = default;
};

inline constexpr std::int64_t kNanosPerDollar = 1'000'000'000;
inline constexpr int kMoneyDecimals = 9;

// "12.50", "0.000000001", "-3": dollars, at most nine decimals, no exponent, no sign of plus, no spaces. The error is a
// constant that ends a sentence about the text: "has more than 9 decimals".
std::expected<Money, std::string_view> parse_money(std::string_view text);

// The shortest text that parses as the same: "12.5", "0", "-0.000000001".
std::string to_text(Money money);

}  // namespace sluice
