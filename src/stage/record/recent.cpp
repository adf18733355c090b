#include "stage/record/recent.h"

#include <algorithm>

namespace sluice::stage {

namespace {

void tell(std::string& into, std::string_view text) {
  into.assign(text.substr(0, Recent::kLongestText));
}

// The nth item, made when it is new: those that are there keep their memory.
template <class T>
T& item(std::vector<T>& items, std::size_t n) {
  return n < items.size() ? items[n] : items.emplace_back();
}

void tell_keys(const Try& tried, std::string& into) {
  into.clear();
  for (const auto key : tried.keys) {
    if (!into.empty()) into += ", ";
    into += key;
  }
}

void tell_tries(const Exchange& x, Story& story) {
  std::size_t count = 0;
  for (const auto& tried : x.tries) {
    auto& into = item(story.tries, count++);
    tell(into.deployment, tried.target.deployment->name);
    tell_keys(tried, into.keys);
    into.began_us = micros_between(x.arrived, tried.began);
    into.paused_us = std::chrono::microseconds(tried.paused).count();
    into.queued_us = tried.queued_us;
    into.duration_us = micros_between(tried.began, tried.ended ? *tried.ended : now());
    into.why = name(tried.why);
    into.status = tried.provider_status;
    into.ended = tried.ended.has_value();
    into.failure = tried.failure;
    into.fault = tried.fault ? name(*tried.fault) : std::string_view();
    tell(into.error, tried.error);
  }
  story.tries.resize(count);
}

void tell_caller(const Exchange& x, Story& story) {
  tell(story.key, x.caller ? std::string_view(x.caller->name) : "");
  tell(story.team, x.caller ? std::string_view(x.caller->team) : "");
  story.operation = x.operation;
  tell(story.model_asked, x.asked.model);
  story.stream = x.asked.stream;
}

void tell_way(const Exchange& x, Story& story) {
  tell(story.route, x.match.route ? std::string_view(x.match.route->name) : "");
  tell(story.deployment, x.current ? std::string_view(x.current->target.deployment->name) : "");
  tell(story.model_served, x.current ? std::string_view(x.current->learned.model) : "");
  std::size_t count = 0;
  for (const auto& candidate : x.candidates) tell(item(story.candidates, count++), candidate.deployment->name);
  story.candidates.resize(count);
  count = 0;
  for (const auto& excluded : x.excluded) {
    auto& into = item(story.excluded, count++);
    tell(into.deployment, excluded.deployment->name);
    tell(into.reason, excluded.reason);
  }
  story.excluded.resize(count);
  tell_tries(x, story);
}

}  // namespace

std::string_view outcome_of(const Status& status) {
  if (status) return "ok";
  return status.error().kind == FaultKind::kClientGone ? "client_gone" : "error";
}

void Recent::add(const Exchange& x, const Status& status, int status_sent, std::int64_t duration_us,
                 std::string_view record) {
  if (size_ == 0) return;
  auto& slot = slots_[told_.fetch_add(1, std::memory_order_relaxed) % size_];
  std::lock_guard lock(slot.mutex);
  auto& story = slot.story;
  story.id = x.id;
  story.arrived = x.arrived_at;
  story.duration_us = duration_us;
  tell_caller(x, story);
  tell_way(x, story);
  story.status = status_sent;
  story.outcome = outcome_of(status);
  story.fault = status ? std::string_view() : name(status.error().kind);
  tell(story.error, status ? std::string_view() : std::string_view(status.error().told));
  story.first_content_us = x.first_content ? micros_between(x.arrived, *x.first_content) : -1;
  story.upstream_us = x.upstream_us;
  story.gave_up = x.gave_up;
  story.record = record;
}

std::vector<Story> Recent::newest(std::size_t limit) const {
  std::vector<Story> stories;
  auto told = told_.load(std::memory_order_relaxed);
  auto count = std::min<std::uint64_t>({limit, size_, told});
  stories.reserve(count);
  for (std::uint64_t i = 1; i <= count; ++i) {
    const auto& slot = slots_[(told - i) % size_];
    std::lock_guard lock(slot.mutex);
    if (!slot.story.id.empty()) stories.push_back(slot.story);
  }
  return stories;
}

std::optional<Story> Recent::find(std::string_view id) const {
  for (std::size_t i = 0; i < size_; ++i) {
    const auto& slot = slots_[i];
    std::lock_guard lock(slot.mutex);
    if (!id.empty() && slot.story.id == id) return slot.story;
  }
  return std::nullopt;
}

}  // namespace sluice::stage
