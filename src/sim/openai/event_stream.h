// The events of a streamed chat (or legacy completion), made one by one.
//
//   role event, reasoning, content, tool calls, finish event, usage event, [DONE]
//
// Thread rule: one thread. Ownership: owns all it needs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/ask.h"
#include "sim/reply.h"
#include "sim/script.h"
#include "sim/signature.h"
#include "sim/stream.h"

namespace sluice::sim {

class EventStream final : public Stream {
 public:
  EventStream(const Ask& ask, const Script& script, Reply reply, const Signature& signature);

  Ahead ahead() const override;
  void next(std::string& out) override;

 private:
  enum class Step { kRole, kReasoning, kText, kCall, kFinish, kUsage, kDone, kEnd };

  std::size_t count(Step step) const;
  void advance();
  void settle();
  void append_delta(std::string& out) const;
  void append_piece(std::string& out, std::string_view text, const std::vector<std::size_t>& ends) const;
  void append_choice(std::string& out) const;
  void append_usage(std::string& out) const;
  void plan_calls(ToolStyle style, const std::string& id);

  bool legacy_;
  std::size_t choices_;
  Reply reply_;
  std::string nonce_;
  std::string opening_;  // of every event, up to its choices
  std::vector<std::size_t> text_ends_;
  std::vector<std::size_t> reasoning_ends_;
  std::vector<std::string> calls_;  // deltas
  std::string finish_delta_ = "{}";
  enum class Usage { kNever, kSeparate, kFinish } usage_ = Usage::kNever;
  bool null_usage_ = false;  // "usage":null on the events that have none
  bool done_;
  Step step_ = Step::kRole;
  std::size_t position_ = 0;  // within the step
  std::size_t choice_ = 0;
};

}  // namespace sluice::sim
