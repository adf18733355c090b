// The body of a request to the administrator's API: one flat JSON object whose members are all known.
//
// Thread rule: plain values. Faults are kInvalidRequest and name the member in `param`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "json/cursor.h"

namespace sluice::admin {

class Members {
 public:
  // Faults: no JSON object, an unknown or repeated member.
  static Result<Members> read(std::string_view body, std::span<const std::string_view> known);

  bool has(std::string_view name) const { return find(name) != nullptr; }
  Result<std::string> text(std::string_view name) const;  // fault: it is not there, or no text
  // One of the words. Fault: it is not there, or another word; the nearest is told.
  Result<std::string> word(std::string_view name, std::span<const std::string_view> words) const;
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

  std::vector<Member> members_;
};

}  // namespace sluice::admin
