// The record of one request: from its head until its answer ended, however it ended.
//
// The books are closed just before the last byte leaves, so that whoever has the answer finds it there.
//
// Thread rule: the request's loop. Lifetime: within serve(); its end closes the books if nobody did.
#pragma once

#include <optional>
#include <string>

#include "base/cancel.h"
#include "net/server.h"
#include "sim/answer.h"
#include "sim/ask.h"
#include "sim/instance.h"

namespace sluice::sim {

class Visit {
 public:
  Visit(Instance& instance, net::Request& request);
  ~Visit();
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  const std::string& id() const { return entry_.id; }  // "name-7"

  void received(std::string_view body);
  void asked(const Ask& ask);
  void answered(const Answer& answer);
  void sent_event() { ++entry_.events_sent; }
  void sent(std::size_t bytes) { entry_.bytes_sent += bytes; }

  void settle(Outcome outcome);  // before the last bytes are written
  void lost();                   // a write failed, perhaps that of the last bytes
  bool settled() const { return settled_ != Outcome::kOpen; }

 private:
  Instance& instance_;
  net::Request& request_;
  std::uint64_t epoch_;
  LedgerEntry entry_;
  Outcome settled_ = Outcome::kOpen;
  std::int64_t gone_us_ = 0;  // when the peer's leaving was noticed
  Cancel::Hook noticed_;
};

}  // namespace sluice::sim
