// A sink that keeps the beginning of an answer until it holds something a client would see.
//
// Thread rule: one try. After released() the answer belongs to the client and nothing may be tried again.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "exchange/sink.h"

namespace sluice::stage {

class Holdback final : public Sink {
 public:
  // `claim` is asked once, when there is something to show; false: the answer is another's, and this one is over.
  explicit Holdback(Sink& out, std::function<bool()> claim = {}) : out_(out), claim_(std::move(claim)) {}

  Task<Status> begin(AnswerHead head) override;
  Task<Status> push(std::span<const chat::Event> events) override;

  Task<Status> release();  // passes on what is held; at the end of an answer
  bool released() const { return released_; }

 private:
  static constexpr std::size_t kMaxHeld = 64 << 10;

  Task<Status> let_go();
  Task<Status> push_first(Task<Status> begun, std::span<const chat::Event> events);
  Task<Status> release_held();

  Sink& out_;
  std::function<bool()> claim_;
  std::optional<AnswerHead> head_;
  std::string held_;
  bool released_ = false;
};

}  // namespace sluice::stage
