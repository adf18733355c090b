#include "sim/bedrock/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "sim/aws.h"
#include "sim/bedrock/errors.h"
#include "sim/dom.h"
#include "sim/encode.h"
#include "sim/reply.h"
#include "sim/text.h"
#include "sim/vouch.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;
using Ahead = Stream::Ahead;

constexpr std::size_t kFragment = 8;  // bytes of arguments in one event
constexpr std::string_view kPadding = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

std::string usage_of(const Counts& counts) {
  return fmt::format(R"({{"inputTokens":{},"outputTokens":{},"totalTokens":{}}})", counts.prompt, counts.completion,
                     counts.prompt + counts.completion);
}

// An answer and all that is made of it: the same words for the whole and for the stream.
class Converse {
 public:
  Converse(const Ask& ask, const Script& script, const Signature& signature)
      : script_(script), reply_(make_reply(ask, script, usage_of)), id_(signature.id) {
    if (reply_.finish_reason.empty()) reply_.finish_reason = reply_.calls.empty() ? "end_turn" : "tool_use";
    fields_ = response_fields(ask);
    if (!script.redacted.empty()) {
      redacted_ = base64(vouch("bedrock redacted", script.redacted) + script.redacted);
    }
  }

  const std::optional<std::string>& usage() const { return reply_.usage; }

  std::string whole_body() const;
  std::unique_ptr<Stream> stream();

 private:
  std::string response_fields(const Ask& ask) const;
  std::string call_use_id(std::size_t index) const {
    const ScriptCall& call = reply_.calls[index];
    return call_id("tooluse_", fmt::format("{} {}", id_, index), call.name, call.arguments);
  }
  bool says_text() const { return reply_.says_text && !reply_.text.empty(); }

  // Events of a stream: `inner` is the payload without its braces.
  void add(Ahead kind, std::string_view type, std::string_view inner);
  void add_delta(std::string_view delta);
  void end_block();
  void add_reasoning();
  void add_text();
  void add_call(std::size_t index);

  const Script& script_;
  Reply reply_;
  std::string id_;
  std::string fields_;    // additionalModelResponseFields: JSON text, or empty
  std::string redacted_;  // base64
  std::unique_ptr<PlannedStream> stream_ = std::make_unique<PlannedStream>();
  std::size_t block_ = 0;
};

// Of all that could be asked for, a stop sequence is what the simulator has to tell.
std::string Converse::response_fields(const Ask& ask) const {
  if (!ask.body || reply_.finish_reason != "stop_sequence") return "";
  const auto& paths = list_in(*ask.body, "additionalModelResponseFieldPaths");
  const auto& stops = list_in(inner_in(*ask.body, "inferenceConfig"), "stopSequences");
  if (stops.empty()) return "";
  auto asked = [](const bj::value& path) { return path == "/stop_sequence"; };
  if (!std::ranges::any_of(paths, asked)) return "";
  return fmt::format(R"({{"stop_sequence":{}}})", bj::serialize(stops.front()));
}

std::string input_of(const ScriptCall& call) {
  bj::error_code error;
  auto value = bj::parse(call.arguments, error);
  return error || !value.is_object() ? json_string(call.arguments) : call.arguments;
}

std::string Converse::whole_body() const {
  std::vector<std::string> blocks;
  if (!reply_.reasoning.empty()) {
    blocks.push_back(fmt::format(R"({{"reasoningContent":{{"reasoningText":{{"text":{},"signature":{}}}}}}})",
                                 json_string(reply_.reasoning),
                                 json_string(vouch("bedrock reasoning", reply_.reasoning))));
  }
  if (!redacted_.empty()) {
    blocks.push_back(fmt::format(R"({{"reasoningContent":{{"redactedContent":{}}}}})", json_string(redacted_)));
  }
  if (says_text()) blocks.push_back(fmt::format(R"({{"text":{}}})", json_string(reply_.text + script_.nonce)));
  for (std::size_t i = 0; i < reply_.calls.size(); ++i) {
    const ScriptCall& call = reply_.calls[i];
    blocks.push_back(fmt::format(R"({{"toolUse":{{"toolUseId":{},"name":{},"input":{}}}}})",
                                 json_string(call_use_id(i)), json_string(call.name), input_of(call)));
  }
  std::string out = R"({"metrics":{"latencyMs":1},"output":{"message":{"content":[)";
  out += fmt::format("{}", fmt::join(blocks, ","));
  out += fmt::format(R"(],"role":"assistant"}}}},"stopReason":{})", json_string(reply_.finish_reason));
  if (reply_.usage) out += R"(,"usage":)" + *reply_.usage;
  if (!fields_.empty()) out += R"(,"additionalModelResponseFields":)" + fields_;
  return out + "}";
}

// Every payload is padded, so that its size does not tell what it says.
void Converse::add(Ahead kind, std::string_view type, std::string_view inner) {
  auto padding = kPadding.substr(0, inner.size() * 7 % kPadding.size() + 1);
  stream_->add(kind, aws_frame("event", type, fmt::format(R"({{{},"p":"{}"}})", inner, padding)));
}

void Converse::add_delta(std::string_view delta) {
  add(Ahead::kContent, "contentBlockDelta", fmt::format(R"("contentBlockIndex":{},"delta":{})", block_, delta));
}

void Converse::end_block() {
  add(Ahead::kBetween, "contentBlockStop", fmt::format(R"("contentBlockIndex":{})", block_++));
}

void Converse::add_reasoning() {
  if (!reply_.reasoning.empty()) {
    std::size_t begin = 0;
    for (auto end : cuts(reply_.reasoning, std::nullopt)) {
      auto piece = std::string_view(reply_.reasoning).substr(begin, end - begin);
      add_delta(fmt::format(R"({{"reasoningContent":{{"text":{}}}}})", json_string(piece)));
      begin = end;
    }
    add_delta(fmt::format(R"({{"reasoningContent":{{"signature":{}}}}})",
                          json_string(vouch("bedrock reasoning", reply_.reasoning))));
    end_block();
  }
  if (!redacted_.empty()) {
    add_delta(fmt::format(R"({{"reasoningContent":{{"redactedContent":{}}}}})", json_string(redacted_)));
    end_block();
  }
}

void Converse::add_text() {
  auto ends = cuts(reply_.text, script_.events);
  if (!reply_.says_text || ends.empty()) return;
  std::size_t begin = 0;
  for (auto end : ends) {
    std::string piece = reply_.text.substr(begin, end - begin) + script_.nonce;
    add_delta(fmt::format(R"({{"text":{}}})", json_string(piece)));
    begin = end;
  }
  end_block();
}

void Converse::add_call(std::size_t index) {
  const ScriptCall& call = reply_.calls[index];
  add(Ahead::kBetween, "contentBlockStart",
      fmt::format(R"("contentBlockIndex":{},"start":{{"toolUse":{{"toolUseId":{},"name":{}}}}})", block_,
                  json_string(call_use_id(index)), json_string(call.name)));
  std::string_view rest = call.arguments == "{}" ? "" : std::string_view(call.arguments);
  while (!rest.empty()) {
    auto length = std::max<std::size_t>(whole_characters(rest, kFragment), 1);
    if (script_.tool_style != ToolStyle::kFragments) length = rest.size();
    add_delta(fmt::format(R"({{"toolUse":{{"input":{}}}}})", json_string(rest.substr(0, length))));
    rest.remove_prefix(length);
  }
  end_block();
}

std::unique_ptr<Stream> Converse::stream() {
  add(Ahead::kOpening, "messageStart", R"("role":"assistant")");
  add_reasoning();
  add_text();
  for (std::size_t i = 0; i < reply_.calls.size(); ++i) add_call(i);
  std::string stop = R"("stopReason":)" + json_string(reply_.finish_reason);
  if (!fields_.empty()) stop += R"(,"additionalModelResponseFields":)" + fields_;
  if (!script_.no_done) add(Ahead::kClosing, "messageStop", stop);
  if (reply_.usage) {
    add(Ahead::kClosing, "metadata", fmt::format(R"("metrics":{{"latencyMs":1}},"usage":{})", *reply_.usage));
  }
  return std::move(stream_);
}

}  // namespace

Answer converse_answer(const Ask& ask, const Script& script, const Signature& signature) {
  Converse converse(ask, script, signature);
  Answer answer;
  if (!ask.stream || signature.recorded) answer = whole({.bytes = converse.whole_body()});
  if (ask.stream) {
    answer.told = std::exchange(answer.body, "");
    send_as_events(answer, converse.stream());
    answer.head.headers.set("content-type", "application/vnd.amazon.eventstream");
    answer.head.headers.remove("cache-control");
  }
  answer.usage = converse.usage().value_or("");
  answer.head.headers.add("x-amzn-requestid", signature.id);
  return answer;
}

}  // namespace sluice::sim
