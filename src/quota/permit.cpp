#include "quota/permit.h"

#include <algorithm>
#include <utility>

namespace sluice::quota {

namespace {

void note(std::optional<Standing>& tightest, Sliding& sliding, std::uint64_t limit, Instant at) {
  if (limit == 0) return;
  const auto used = sliding.used(Sliding::slice_of(at));
  const auto remaining = limit - std::min(limit, used);
  if (!tightest || remaining < tightest->remaining) tightest = {limit, remaining, sliding.wait_for(0, at)};
}

// Looks for the limit that keeps a request waiting longest.
class Checking {
 public:
  Checking(std::uint64_t tokens, Instant at) : tokens_(tokens), at_(at), slice_(Sliding::slice_of(at)) {}

  void check(const Account& account, Rate rate, Sliding& sliding, std::uint64_t limit) {
    if (limit == 0) return;
    const auto asked = rate == Rate::kTokens ? std::min(tokens_, limit) : 1;
    if (sliding.used(slice_) + asked <= limit) return;
    refuse(account, rate, limit, sliding.wait_for(limit - asked, at_));
  }
  void check_running(const Account& account, std::uint32_t running, std::uint32_t limit) {
    if (limit > 0 && running >= limit) refuse(account, Rate::kConcurrency, limit, std::nullopt);
  }
  std::optional<Refusal>& refusal() { return refusal_; }

 private:
  void refuse(const Account& account, Rate rate, std::uint64_t limit, std::optional<Ms> wait) {
    const bool longer = !refusal_ || wait.value_or(Ms(0)) > refusal_->wait.value_or(Ms(0));
    if (!longer) return;
    refusal_ = {
        .account = &account, .rate = rate, .limit = limit, .asked = rate == Rate::kTokens ? tokens_ : 1, .wait = wait};
  }

  std::uint64_t tokens_;
  Instant at_;
  Sliding::Slice slice_;
  std::optional<Refusal> refusal_;
};

}  // namespace

std::expected<Permit, Refusal> Permit::take(std::span<Account* const> accounts, std::uint64_t tokens, Instant at) {
  Permit made;
  made.slice_ = Sliding::slice_of(at);
  const Together together(accounts, Together::Having::kLimits);
  Checking checking(tokens, at);
  for (auto* account : together.accounts()) {
    const auto& limits = account->limits_;
    checking.check(*account, Rate::kRequests, account->rates_->requests, limits.rpm);
    checking.check(*account, Rate::kTokens, account->rates_->tokens, limits.tpm);
    checking.check_running(*account, account->rates_->running, limits.concurrency);
  }
  const bool taken = !checking.refusal();
  for (auto* account : together.accounts()) {
    auto& rates = *account->rates_;
    const auto& limits = account->limits_;
    if (taken) {
      const auto counted = limits.tpm > 0 ? std::min(tokens, limits.tpm) : tokens;
      rates.requests.add(made.slice_, 1);
      rates.tokens.add(made.slice_, counted);
      ++rates.running;
      made.held_[made.count_++] = {account, counted};
    }
    note(made.standings_.requests, rates.requests, limits.rpm, at);
    note(made.standings_.tokens, rates.tokens, limits.tpm, at);
  }
  if (taken) return made;
  checking.refusal()->standings = made.standings_;
  return std::unexpected(*checking.refusal());
}

Permit::Permit(Permit&& other) noexcept
    : held_(other.held_), count_(std::exchange(other.count_, 0)), slice_(other.slice_), standings_(other.standings_) {}

void Permit::correct(std::uint64_t tokens, Instant at) {
  const auto now = Sliding::slice_of(at);
  for (auto& held : std::span(held_).first(count_)) {
    std::lock_guard lock(held.account->mutex_);
    auto& counted = held.account->rates_->tokens;
    if (tokens > held.tokens) {
      counted.add(now, tokens - held.tokens);
    } else {
      counted.take_back(slice_, now, held.tokens - tokens);
    }
    held.tokens = tokens;
  }
}

void Permit::give_back(Instant at) {
  correct(0, at);
  const auto now = Sliding::slice_of(at);
  for (const auto& held : std::span(held_).first(count_)) {
    std::lock_guard lock(held.account->mutex_);
    held.account->rates_->requests.take_back(slice_, now, 1);
  }
}

Permit::~Permit() {
  for (const auto& held : std::span(held_).first(count_)) {
    std::lock_guard lock(held.account->mutex_);
    --held.account->rates_->running;
  }
}

}  // namespace sluice::quota
