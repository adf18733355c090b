// What a request may need of a model, as a set of flags.
//
// Thread rule: plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string_view>

namespace sluice::dialect {

enum class Need : std::uint8_t { kTools, kVision, kAudio, kPdf, kStructuredOutput, kReasoning };

// As configurations spell them; the order is Need's.
inline constexpr std::string_view kNeedNames[] = {"tools", "vision", "audio", "pdf", "structured_output", "reasoning"};

constexpr std::string_view name(Need need) {
  return kNeedNames[static_cast<std::size_t>(need)];
}
constexpr std::optional<Need> find_need(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kNeedNames); ++i) {
    if (kNeedNames[i] == name) return static_cast<Need>(i);
  }
  return std::nullopt;
}

class Needs {
 public:
  constexpr Needs() = default;
  constexpr Needs(std::initializer_list<Need> needs) {
    for (Need need : needs) add(need);
  }

  constexpr void add(Need need) { bits_ = static_cast<std::uint8_t>(bits_ | bit(need)); }
  constexpr bool has(Need need) const { return (bits_ & bit(need)) != 0; }
  constexpr bool has_all(Needs others) const { return (bits_ & others.bits_) == others.bits_; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr Needs both(Needs others) const { return Needs(bits_ & others.bits_); }
  constexpr Needs without(Needs others) const { return Needs(bits_ & ~others.bits_); }
  constexpr Needs with(Needs others) const { return Needs(bits_ | others.bits_); }
  friend constexpr bool operator==(Needs, Needs) = default;

 private:
  constexpr explicit Needs(int bits) : bits_(static_cast<std::uint8_t>(bits)) {}
  static constexpr int bit(Need need) { return 1 << static_cast<int>(need); }

  std::uint8_t bits_ = 0;
};

}  // namespace sluice::dialect
