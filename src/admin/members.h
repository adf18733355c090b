// The body of a request to the administrator's API: one JSON object whose members are all known. Members that are
// objects themselves are read in the same way.
//
// Thread rule: plain values. Faults are kInvalidRequest and name the member in `param`: "budget.usd".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "base/result.h"
#include "json/cursor.h"

namespace sluice::admin {

inline constexpr std::int64_t kMostDollars = 1'000'000'000;  // of a budget

class Members {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  // Faults: no JSON object, an unknown or repeated member. `outer` is the member that holds the object; empty: none.
  static Result<Members> read(std::string_view body, std::span<const std::string_view> known,
                              std::string_view outer = {});

  bool has(std::string_view name) const { return find(name) != nullptr; }
  bool is_null(std::string_view name) const;
  json::Kind kind(std::string_view name) const;           // kNone: it is not there
  std::string_view written(std::string_view name) const;  // as it came; of a string what it says
  std::string path(std::string_view name) const {
    return outer_.empty() ? std::string(name) : outer_ + std::string(name);
  }
  Failure wrong(std::string_view name,
                std::string_view what) const;  // "'budget.usd' " and what it must be

  Result<std::string> text(std::string_view name) const;  // fault: it is not there, or no text
  // One of the words. Fault: it is not there, or another word; the nearest is told.
  Result<std::string> word(std::string_view name, std::span<const std::string_view> words) const;
  // Faults of these: it is not there, or something else. Texts hold no control characters and are not empty but for the
  // values of pairs; no name of a pair holds '='; at most so many of at most so many characters.
  Result<std::string> line(std::string_view name, std::size_t most_characters) const;
  Result<std::vector<std::string>> lines(std::string_view name, std::size_t most, std::size_t most_characters) const;
  Result<Pairs> pairs(std::string_view name, std::size_t most, std::size_t most_characters) const;  // by name
  Result<bool> flag(std::string_view name) const;
  // At most kMostDollars.
  Result<Money> money(std::string_view name) const;        // "12.50": a text, never a number; not negative
  Result<std::int64_t> time(std::string_view name) const;  // "2026-01-31T12:00:00Z", in microseconds since 1970
  Result<Members> object(std::string_view name, std::span<const std::string_view> known) const;
  // The elements of a list, as they came. Fault: it is no list.
  Result<std::vector<std::string>> elements(std::string_view name) const;
  // These give `otherwise` where it is not there. "2s"; whole numbers; numbers with a fraction, in thousandths.
  Result<Ms> duration(std::string_view name, Ms otherwise, Ms most) const;
  Result<std::int64_t> number(std::string_view name, std::int64_t otherwise, std::int64_t least,
                              std::int64_t most) const;
  Result<std::uint32_t> permille(std::string_view name, std::uint32_t otherwise) const;

 private:
  struct Member {
    std::string name;
    json::Kind kind = json::Kind::kNone;
    std::string value;  // a string's own text, else as it was written
  };
  const Member* find(std::string_view name) const;
  Status check_line(std::string_view name, std::string_view text, std::size_t most_characters) const;

  std::string outer_;  // "budget."
  std::vector<Member> members_;
};

}  // namespace sluice::admin
