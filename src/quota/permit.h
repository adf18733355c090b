// Leave for one request under the rate limits of all its accounts, or of none of them.
//
// Requests and tokens are counted for 60 seconds, tokens by an estimate until correct() says what they were;
// concurrency until this ends. A request whose estimate is beyond a limit of tokens counts as that limit: it is let in
// where nothing else was, and not refused for ever.
//
// Thread rule: one at a time, on any thread. Lifetime: the accounts outlive it.
#pragma once

#include <expected>

#include "quota/account.h"

namespace sluice::quota {

enum class Rate : std::uint8_t { kRequests, kTokens, kConcurrency };
constexpr std::string_view name(Rate rate) {
  constexpr std::string_view kNames[] = {"requests", "tokens", "concurrency"};
  return kNames[static_cast<std::size_t>(rate)];
}

// How the tightest limit of a kind stands.
struct Standing {
  std::uint64_t limit = 0;
  std::uint64_t remaining = 0;
  Ms reset{0};  // until all of it remains
};
struct Standings {
  std::optional<Standing> requests, tokens;
};

// Why there is none.
struct Refusal {
  const Account* account = nullptr;
  Rate rate = Rate::kRequests;
  std::uint64_t limit = 0;
  std::uint64_t asked = 1;
  // Until there is room under all limits, if nothing else comes. Nothing: when one of those that run has ended.
  std::optional<Ms> wait;
  Standings standings;
};

class Permit {
 public:
  static std::expected<Permit, Refusal> take(std::span<Account* const> accounts, std::uint64_t tokens, Instant at);

  Permit() = default;
  Permit(Permit&& other) noexcept;
  Permit& operator=(Permit&&) = delete;
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;
  ~Permit();

  const Standings& standings() const { return standings_; }
  // What it used in truth. More than was estimated counts from now on, less has never counted.
  void correct(std::uint64_t tokens, Instant at);
  // Nothing came of it: what it took is there for others, as if it had not been asked for.
  void give_back(Instant at);

 private:
  struct Held {
    Account* account = nullptr;
    std::uint64_t tokens = 0;
  };

  std::array<Held, Together::kMost> held_;
  std::size_t count_ = 0;
  Sliding::Slice slice_ = 0;
  Standings standings_;
};

}  // namespace sluice::quota
