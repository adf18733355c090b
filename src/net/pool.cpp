#include "net/pool.h"

#include <algorithm>

namespace sluice::net {

namespace {

// How long, and for how much, the end of an answer is waited for that nobody wants to read.
constexpr Ms kRestPause{1'000};
constexpr std::size_t kMostOfRest = 64 << 10;

}  // namespace

Kept::Kept(Pool& pool) : pool_(pool) {
  ++pool_.open_;
  PoolCounts::add(pool_.counts_.open, 1);
}

Kept::~Kept() {
  --pool_.open_;
  PoolCounts::subtract(pool_.counts_.open, 1);
  pool_.changed();
}

std::unique_ptr<Kept> Pool::take_idle() {
  while (!idle_.empty()) {
    auto kept = std::move(idle_.back());
    idle_.pop_back();
    PoolCounts::subtract(counts_.idle, 1);
    kept->idle_timer_->disarm();
    kept->stream->unwatch();
    if (kept->stream->is_open() && !kept->stream->ended()) return kept;
  }
  return nullptr;
}

Task<bool> Pool::wait_for_change(Ms limit, Cancel& cancel) {
  Wait wait(loop_, cancel);
  waiting_.push_back(&wait);
  auto end = co_await wait.until(limit);
  waiting_.remove(&wait);
  co_return end == Wait::End::kSet;
}

// Woken from the loop, not from here: this may run in a destructor of another exchange.
void Pool::changed() {
  if (waiting_.empty()) return;
  ++wakings_;
  loop_.post([this] {
    --wakings_;
    if (waiting_.empty()) return;
    Wait* first = waiting_.front();
    waiting_.pop_front();
    first->set();
  });
}

void Pool::give_back(std::unique_ptr<Kept> kept) {
  bool whole = kept->stream->is_open() && !kept->stream->ended() && kept->stream->input().empty();
  if (!whole || idle_.size() >= limits_.idle_per_origin) return;
  ++kept->served;
  Kept* raw = kept.get();
  if (!kept->idle_timer_) kept->idle_timer_ = std::make_unique<Timer>(loop_, [this, raw] { drop(raw); });
  kept->idle_timer_->arm(limits_.idle_timeout);
  // Anything that arrives now, bytes or the end, means that this connection cannot be used again.
  kept->stream->watch([this, raw] { drop(raw); });
  idle_.push_back(std::move(kept));
  PoolCounts::add(counts_.idle, 1);
  changed();
}

Pool::Rest::Rest(Pool& pool, std::unique_ptr<Kept> unread, Parser<false> read_so_far)
    : kept(std::move(unread)),
      parser(std::move(read_so_far)),
      timer(pool.loop_, [this, &pool] { pool.forget(*this); }) {}

void Pool::read_rest(std::unique_ptr<Kept> kept, Parser<false> parser) {
  Rest& rest = rests_.emplace_back(*this, std::move(kept), std::move(parser));
  rest.timer.arm(kRestPause);
  go_on(rest);
}

Pool::Found Pool::look_for_end(Rest& rest) {
  auto& stream = *rest.kept->stream;
  while (!rest.parser.is_done() && !stream.input().empty()) {
    error_code error;
    const auto used = rest.parser.consume(stream.input(), error);
    stream.consume(used);
    rest.bytes += used;
    if (error && error != beast::http::error::need_more) return Found::kTrouble;
    if (used == 0) break;
  }
  if (rest.parser.is_done()) return rest.parser.keep_alive() ? Found::kEnd : Found::kTrouble;
  const bool too_much = rest.bytes + stream.input().size() > kMostOfRest;
  return too_much || stream.ended() || !stream.is_open() ? Found::kTrouble : Found::kMore;
}

void Pool::go_on(Rest& rest) {
  switch (look_for_end(rest)) {
    case Found::kMore:
      rest.kept->stream->watch([this, &rest] { go_on(rest); });
      break;
    case Found::kEnd: {
      auto kept = std::move(rest.kept);
      kept->stream->unwatch();
      forget(rest);
      give_back(std::move(kept));
      break;
    }
    case Found::kTrouble:
      forget(rest);
      break;
  }
}

void Pool::forget(const Rest& rest) {
  rests_.remove_if([&](const Rest& one) { return &one == &rest; });
}

void Pool::close_idle() {
  rests_.clear();
  PoolCounts::subtract(counts_.idle, idle_.size());
  idle_.clear();
}

void Pool::drop(const Kept* kept) {
  auto found = std::ranges::find(idle_, kept, [](const auto& item) { return item.get(); });
  if (found == idle_.end()) return;
  PoolCounts::subtract(counts_.idle, 1);
  idle_.erase(found);
}

}  // namespace sluice::net
