// A sink that remembers what an answer has said so far, so that another deployment can go on where it breaks off.
//
// Only plain text can be continued: not calls of tools, not reasoning, not several choices, not what must match a
// format. Thread rule: one exchange.
#pragma once

#include <string>

#include "exchange/sink.h"

namespace sluice::stage {

class Spoken final : public Sink {
 public:
  explicit Spoken(Sink& out) : out_(out) {}

  Task<Status> begin(AnswerHead head) override { return out_.begin(std::move(head)); }
  Task<Status> push(std::span<const chat::Event> events) override;

  // The text so far, as the inside of a JSON string, without the white space at its end; empty: there is nothing that
  // can be continued.
  std::string_view text() const;
  // From here on white space that text() leaves out is expected again and not passed on twice.
  void resume() { owed_ = trailing(); }

 private:
  static constexpr std::size_t kMost = 4 << 20;

  void note(const chat::Piece& piece);
  std::string_view trailing() const;
  bool repay(std::vector<chat::Piece>& pieces);

  Sink& out_;
  std::string text_;
  bool can_ = true;
  std::string owed_;  // white space that was sent and the continuation may begin with
};

}  // namespace sluice::stage
