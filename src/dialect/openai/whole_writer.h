// The whole form of writer.h.
//
// Thread rule: one answer, one thread. Lifetime: the options' views outlive it.
#pragma once

#include <string>

#include "chat/reply.h"
#include "dialect/dialect.h"
#include "json/writer.h"

namespace sluice::dialect::openai {

class WholeWriter final : public AnswerWriter {
 public:
  explicit WholeWriter(const WriteOptions& options) : options_(options) {}

  void write(std::span<const chat::Piece> pieces, const chat::Learned& learned, std::string& out) override;
  void finish(const chat::Learned& learned, std::string& out) override;
  void fail(const Fault& fault, const chat::Learned& learned, std::string& out) override;

 private:
  WriteOptions options_;
  chat::Collector collector_;
};

}  // namespace sluice::dialect::openai
