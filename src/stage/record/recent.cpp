#include "stage/record/recent.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace sluice::stage {

namespace {

// A story in a slot: plain values as they are in memory, each text behind its length. It is written from its beginning
// to its end: a slot was used long ago and is in no cache, and many small texts all over the memory would be fetched
// one after the other.
template <class To>
class Packing {
 public:
  template <class Plain>
    requires std::is_trivially_copyable_v<Plain>
  void plain(const Plain& value) {
    to().bytes(&value, sizeof value);
  }
  void count(std::size_t number) { plain(static_cast<std::uint32_t>(number)); }
  void text(std::string_view text) {
    count(text.size());
    to().bytes(text.data(), text.size());
  }
  void cut(std::string_view text) { this->text(text.substr(0, Recent::kLongestText)); }

 private:
  To& to() { return static_cast<To&>(*this); }
};

// How many bytes it takes, and then those.
struct Measure : Packing<Measure> {
  std::size_t size = 0;
  void bytes(const void*, std::size_t count) { size += count; }
};
struct Packer : Packing<Packer> {
  char* at;
  explicit Packer(char* to) : at(to) {}
  void bytes(const void* from, std::size_t count) {
    if (count > 0) std::memcpy(at, from, count);
    at += count;
  }
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view from) : rest_(from) {}

  template <class Plain>
    requires std::is_trivially_copyable_v<Plain>
  Plain plain() {
    Plain value;
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  std::size_t count() { return plain<std::uint32_t>(); }
  std::string_view text() {
    const auto size = count();
    const auto text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }

 private:
  std::string_view rest_;
};

std::string_view route_name(const Exchange& x) {
  return x.match.route ? std::string_view(x.match.route->name) : "";
}

template <class To>
void pack_keys(const Try& tried, To& to) {
  std::string keys;
  for (const auto key : tried.keys) {
    if (!keys.empty()) keys += ", ";
    keys += key;
  }
  to.text(keys);
}

template <class To>
void pack_try(const Exchange& x, const Try& tried, To& to) {
  to.plain(TriedFacts{.began_us = micros_between(x.arrived, tried.began),
                      .paused_us = std::chrono::microseconds(tried.paused).count(),
                      .queued_us = tried.queued_us,
                      .duration_us = micros_between(tried.began, tried.ended ? *tried.ended : now()),
                      .why = name(tried.why),
                      .fault = tried.fault ? name(*tried.fault) : std::string_view(),
                      .failure = tried.failure,
                      .status = tried.provider_status,
                      .ended = tried.ended.has_value()});
  to.cut(tried.target.deployment->name);
  pack_keys(tried, to);
  to.cut(tried.error);
}

template <class To>
void pack_way(const Exchange& x, To& to) {
  to.cut(route_name(x));
  to.cut(x.current ? std::string_view(x.current->target.deployment->name) : "");
  to.cut(x.current ? std::string_view(x.current->learned.model) : "");
  to.count(x.candidates.size());
  for (const auto& candidate : x.candidates) to.cut(candidate.deployment->name);
  to.count(x.excluded.size());
  for (const auto& excluded : x.excluded) {
    to.cut(excluded.deployment->name);
    to.cut(excluded.reason);
  }
  to.count(x.tries.size());
  for (const auto& tried : x.tries) pack_try(x, tried, to);
}

struct Ended {
  const Status& status;
  int sent;
  std::int64_t duration_us;
};

// The id comes first: it is what is looked for.
template <class To>
void pack(const Exchange& x, const Ended& ended, std::string_view record, To& to) {
  to.text(x.id);
  to.plain(StoryFacts{.arrived = x.arrived_at,
                      .duration_us = ended.duration_us,
                      .first_content_us = x.first_content ? micros_between(x.arrived, *x.first_content) : -1,
                      .upstream_us = x.upstream_us,
                      .operation = x.operation,
                      .outcome = outcome_of(ended.status),
                      .fault = ended.status ? std::string_view() : name(ended.status.error().kind),
                      .gave_up = x.gave_up,
                      .status = ended.sent,
                      .stream = x.asked.stream});
  to.cut(x.caller ? std::string_view(x.caller->name) : "");
  to.cut(x.caller ? std::string_view(x.caller->team) : "");
  to.cut(x.asked.model);
  to.cut(ended.status ? std::string_view() : std::string_view(ended.status.error().told));
  pack_way(x, to);
  to.text(record);
}

Story unpacked(std::string_view told) {
  Unpacker from(told);
  Story story;
  story.id = from.text();
  static_cast<StoryFacts&>(story) = from.plain<StoryFacts>();
  for (auto* text : {&story.key, &story.team, &story.model_asked, &story.error, &story.route, &story.deployment,
                     &story.model_served}) {
    *text = from.text();
  }
  story.candidates.resize(from.count());
  for (auto& candidate : story.candidates) candidate = from.text();
  story.excluded.resize(from.count());
  for (auto& [deployment, reason] : story.excluded) {
    deployment = from.text();
    reason = from.text();
  }
  story.tries.resize(from.count());
  for (auto& tried : story.tries) {
    static_cast<TriedFacts&>(tried) = from.plain<TriedFacts>();
    for (auto* text : {&tried.deployment, &tried.keys, &tried.error}) *text = from.text();
  }
  story.record = from.text();
  return story;
}

}  // namespace

std::string_view outcome_of(const Status& status) {
  if (status) return "ok";
  return status.error().kind == FaultKind::kClientGone ? "client_gone" : "error";
}

void Recent::add(const Exchange& x, const Status& status, int status_sent, std::int64_t duration_us,
                 std::string_view record) {
  if (size_ == 0) return;
  const Ended ended{status, status_sent, duration_us};
  auto& slot = slots_[told_.fetch_add(1, std::memory_order_relaxed) % size_];
  std::lock_guard lock(slot.mutex);
  Measure measure;
  pack(x, ended, record, measure);
  slot.told.resize_and_overwrite(measure.size, [&](char* to, std::size_t size) {
    Packer packer(to);
    pack(x, ended, record, packer);
    return size;
  });
}

std::vector<Story> Recent::newest(std::size_t limit) const {
  std::vector<Story> stories;
  auto told = told_.load(std::memory_order_relaxed);
  auto count = std::min<std::uint64_t>({limit, size_, told});
  stories.reserve(count);
  for (std::uint64_t i = 1; i <= count; ++i) {
    const auto& slot = slots_[(told - i) % size_];
    std::lock_guard lock(slot.mutex);
    if (!slot.told.empty()) stories.push_back(unpacked(slot.told));
  }
  return stories;
}

std::optional<Story> Recent::find(std::string_view id) const {
  for (std::size_t i = 0; i < size_; ++i) {
    const auto& slot = slots_[i];
    std::lock_guard lock(slot.mutex);
    if (!id.empty() && !slot.told.empty() && Unpacker(slot.told).text() == id) return unpacked(slot.told);
  }
  return std::nullopt;
}

}  // namespace sluice::stage
