// The streamed form of writer.h.
//
// Thread rule: one answer, one thread. Lifetime: the options' views outlive it.
#pragma once

#include <deque>
#include <string>

#include "chat/cited.h"
#include "dialect/openai/finish.h"
#include "dialect/openai/saying.h"

namespace sluice::dialect::openai {

class StreamWriter final : public AnswerWriter {
 public:
  explicit StreamWriter(const WriteOptions& options)
      : options_(options), shows_usage_(options.request == nullptr || options.request->usage_wanted) {}

  void write(std::span<const chat::Piece> pieces, const chat::Learned& learned, std::string& out) override;
  void finish(const chat::Learned& learned, std::string& out) override;
  void fail(const Fault& fault, const chat::Learned& learned, std::string& out) override;

 private:
  struct Column {
    explicit Column(std::string_view origin) : carried(origin) {}

    std::uint32_t index = 0;
    bool begun = false;
    bool finished = false;
    Held held;
    Carried carried;
    std::string thought;  // reasoning since its last state
    chat::CitedText text;
    std::string annotations;   // of the sources so far, without the brackets of their list
    std::uint64_t calls = 0;   // how many were begun
    bool in_call = false;      // the last one has not ended
    bool is_function = false;  // it is written as the older function_call
    bool is_custom = false;    // it is a custom tool's
    bool is_wrapped = false;   // its input comes as the argument of a function
    bool has_arguments = false;
    std::string wrapped;
  };

  Column& column(std::uint32_t index);
  void begin(const chat::Learned& learned);
  void take(const chat::Piece& piece, std::string_view logprobs);
  void say(Column& column, std::string_view key, json::Escaped text, std::string_view logprobs);
  void begin_call(Column& column, const chat::Piece& piece);
  void arguments(Column& column, json::Escaped text);
  void end_call(Column& column);
  void cite(Column& column, const chat::Citation& citation);
  void show(Column& column, const chat::Media& media);
  void end(Column& column, chat::FinishReason finish);

  // A chunk with one choice: write(json) fills its delta in.
  template <class Write>
  void chunk(Column& column, Write write, std::string_view logprobs = {}, std::string_view finish = {});
  void head(json::Writer& json);

  WriteOptions options_;
  bool shows_usage_;
  bool begun_ = false;
  bool failed_ = false;  // what the model wrote is malformed
  std::string id_, model_, service_tier_;
  std::int64_t created_ = 0;
  std::deque<Column> columns_;
  // Of the call that is going on.
  std::string* out_ = nullptr;
  std::string_view told_;  // why the answer ended, in the provider's word
};

}  // namespace sluice::dialect::openai
