// The events of a streamed answer, one after the other.
//
// Thread rule: one thread. Ownership: a stream owns all it needs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::sim {

class Stream {
 public:
  // What the next event is. Opening events come before anything was said, closing ones after all of it; kBetween is
  // what frames content (the start of a block). kEnd: there is none.
  enum class Ahead { kOpening, kContent, kBetween, kClosing, kEnd };

  Stream() = default;
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  virtual Ahead ahead() const = 0;
  // Appends the next event as it stands on the wire.
  virtual void next(std::string& out) = 0;
};

// A named server-sent event as it stands on the wire; `data` is one line.
inline std::string server_sent(std::string_view name, std::string_view data) {
  std::string out("event: ");
  return out.append(name).append("\ndata: ").append(data).append("\n\n");
}

// A stream whose events are made beforehand.
class PlannedStream final : public Stream {
 public:
  void add(Ahead kind, std::string event) { events_.push_back({kind, std::move(event)}); }

  Ahead ahead() const override { return at_ < events_.size() ? events_[at_].kind : Ahead::kEnd; }
  void next(std::string& out) override {
    if (at_ < events_.size()) out += events_[at_++].bytes;
  }

 private:
  struct Event {
    Ahead kind;
    std::string bytes;
  };
  std::vector<Event> events_;
  std::size_t at_ = 0;
};

}  // namespace sluice::sim
