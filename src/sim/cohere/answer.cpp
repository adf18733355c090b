#include "sim/cohere/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

std::string usage_of(const Counts& counts) {
  return fmt::format(R"({{"billed_units":{{"input_tokens":{0},"output_tokens":{1}}},)"
                     R"("tokens":{{"input_tokens":{0},"output_tokens":{1}}},"cached_tokens":0}})",
                     counts.prompt, counts.completion);
}

// An answer and all that is made of it: the same words for the whole and for the stream. Text beside calls is the plan
// for them.
class Chat {
 public:
  Chat(const Ask& ask, const Script& script, const Signature& signature)
      : script_(script), reply_(make_reply(ask, script, usage_of)), id_(signature.id) {
    if (reply_.finish_reason.empty()) reply_.finish_reason = reply_.calls.empty() ? "COMPLETE" : "TOOL_CALL";
    plans_ = !reply_.calls.empty();
    if (says_text() && !plans_) citation_ = first_citation(ask);
  }

  const std::optional<std::string>& usage() const { return reply_.usage; }

  std::string whole_body() const;
  std::unique_ptr<Stream> stream();

 private:
  bool says_text() const { return reply_.says_text && !reply_.text.empty(); }
  std::string first_citation(const Ask& ask) const;
  std::string call_of(std::size_t index, std::string_view arguments) const;

  // An event: `inner` is the payload behind its type, without its braces.
  void add(Ahead kind, std::string_view type, std::string_view inner);
  void add_message(Ahead kind, std::string_view type, std::string_view index, std::string_view message);
  void add_plan();
  void add_block(std::string_view type, std::string_view text, const std::vector<std::size_t>& ends,
                 const std::string& nonce, const std::string& citation);
  void add_call(std::size_t index);

  const Script& script_;
  Reply reply_;
  std::string id_;
  bool plans_ = false;
  std::string citation_;  // JSON text, or empty
  std::unique_ptr<PlannedStream> stream_ = std::make_unique<PlannedStream>();
  std::size_t block_ = 0;
};

// Where the request has documents, the first one is cited for the first word of the answer.
std::string Chat::first_citation(const Ask& ask) const {
  const auto* documents = ask.body ? array_in(*ask.body, "documents") : nullptr;
  if (!documents || documents->empty()) return "";
  auto mode = text_in(inner_in(*ask.body, "citation_options"), "mode");
  if (mode == "OFF" || mode == "DISABLED") return "";
  const bj::value& first = documents->front();
  bj::object told;
  std::string id = "doc:0";
  if (first.is_string()) told["content"] = first;
  if (const auto* document = first.if_object()) {
    if (const auto* data = object_in(*document, "data")) told = *data;
    if (const auto* name = document->if_contains("id"); name && name->is_string()) id = name->get_string();
  }
  told["id"] = id;
  std::string_view word = std::string_view(reply_.text).substr(0, cuts(reply_.text, std::nullopt).front());
  auto characters = std::ranges::count_if(word, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
  return fmt::format(R"({{"start":0,"end":{},"text":{},"sources":[{{"type":"document","id":{},"document":{}}}],)"
                     R"("content_index":{},"type":"TEXT_CONTENT"}})",
                     characters, json_string(word), json_string(id), bj::serialize(told),
                     reply_.reasoning.empty() ? 0 : 1);
}

std::string Chat::call_of(std::size_t index, std::string_view arguments) const {
  const ScriptCall& call = reply_.calls[index];
  auto id = call_id(call.name + "_", fmt::format("{} {}", id_, index), call.name, call.arguments);
  return fmt::format(R"({{"id":{},"type":"function","function":{{"name":{},"arguments":{}}}}})", json_string(id),
                     json_string(call.name), json_string(arguments));
}

std::string Chat::whole_body() const {
  std::vector<std::string> blocks;
  std::string text = reply_.text + script_.nonce;
  if (!reply_.reasoning.empty()) {
    blocks.push_back(fmt::format(R"({{"type":"thinking","thinking":{}}})", json_string(reply_.reasoning)));
  }
  if (says_text() && !plans_) blocks.push_back(fmt::format(R"({{"type":"text","text":{}}})", json_string(text)));
  std::vector<std::string> calls;
  calls.reserve(reply_.calls.size());
  for (std::size_t i = 0; i < reply_.calls.size(); ++i) calls.push_back(call_of(i, reply_.calls[i].arguments));

  std::string out = fmt::format(R"({{"id":{},"finish_reason":{},"message":{{"role":"assistant")", json_string(id_),
                                json_string(reply_.finish_reason));
  if (plans_ && says_text()) out += R"(,"tool_plan":)" + json_string(text);
  if (!calls.empty()) out += fmt::format(R"(,"tool_calls":[{}])", fmt::join(calls, ","));
  if (!blocks.empty() || calls.empty()) out += fmt::format(R"(,"content":[{}])", fmt::join(blocks, ","));
  if (!citation_.empty()) out += R"(,"citations":[)" + citation_ + "]";
  out += '}';
  if (reply_.usage) out += R"(,"usage":)" + *reply_.usage;
  return out + "}";
}

void Chat::add(Ahead kind, std::string_view type, std::string_view inner) {
  stream_->add(kind, server_sent(type, fmt::format(R"({{"type":"{}",{}}})", type, inner)));
}

void Chat::add_message(Ahead kind, std::string_view type, std::string_view index, std::string_view message) {
  add(kind, type, fmt::format(R"({}"delta":{{"message":{{{}}}}})", index, message));
}

void Chat::add_plan() {
  std::size_t begin = 0;
  for (auto end : cuts(reply_.text, script_.events)) {
    std::string piece = reply_.text.substr(begin, end - begin) + script_.nonce;
    add_message(Ahead::kContent, "tool-plan-delta", "", R"("tool_plan":)" + json_string(piece));
    begin = end;
  }
}

void Chat::add_block(std::string_view type, std::string_view text, const std::vector<std::size_t>& ends,
                     const std::string& nonce, const std::string& citation) {
  std::string index = fmt::format(R"("index":{})", block_++);
  add_message(Ahead::kBetween, "content-start", index + ",",
              fmt::format(R"("content":{{"type":"{0}","{0}":""}})", type));
  std::size_t begin = 0;
  for (auto end : ends) {
    std::string piece = std::string(text.substr(begin, end - begin)) + nonce;
    add_message(Ahead::kContent, "content-delta", index + ",",
                fmt::format(R"("content":{{"{}":{}}})", type, json_string(piece)));
    begin = end;
  }
  if (!citation.empty()) {
    add_message(Ahead::kBetween, "citation-start", R"("index":0,)", R"("citations":)" + citation);
    add(Ahead::kBetween, "citation-end", R"("index":0)");
  }
  add(Ahead::kBetween, "content-end", index);
}

void Chat::add_call(std::size_t index) {
  std::string place = fmt::format(R"("index":{})", index);
  add_message(Ahead::kBetween, "tool-call-start", place + ",", R"("tool_calls":)" + call_of(index, ""));
  std::string_view rest = reply_.calls[index].arguments;
  while (!rest.empty()) {
    auto length = std::max<std::size_t>(whole_characters(rest, kFragment), 1);
    if (script_.tool_style != ToolStyle::kFragments) length = rest.size();
    add_message(Ahead::kContent, "tool-call-delta", place + ",",
                fmt::format(R"("tool_calls":{{"function":{{"arguments":{}}}}})", json_string(rest.substr(0, length))));
    rest.remove_prefix(length);
  }
  add(Ahead::kBetween, "tool-call-end", place);
}

std::unique_ptr<Stream> Chat::stream() {
  std::string id = R"("id":)" + json_string(id_);
  add_message(Ahead::kOpening, "message-start", id + ",",
              R"("role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[])");
  if (plans_ && reply_.says_text) add_plan();
  if (!reply_.reasoning.empty()) add_block("thinking", reply_.reasoning, cuts(reply_.reasoning, std::nullopt), "", "");
  auto ends = cuts(reply_.text, script_.events);
  if (!plans_ && reply_.says_text && !ends.empty()) add_block("text", reply_.text, ends, script_.nonce, citation_);
  for (std::size_t i = 0; i < reply_.calls.size(); ++i) add_call(i);
  std::string delta = R"("finish_reason":)" + json_string(reply_.finish_reason);
  if (reply_.usage) delta += R"(,"usage":)" + *reply_.usage;
  add(Ahead::kClosing, "message-end", fmt::format(R"({},"delta":{{{}}})", id, delta));
  if (!script_.no_done) stream_->add(Ahead::kClosing, "data: [DONE]\n\n");
  return std::move(stream_);
}

}  // namespace

Answer cohere_chat_answer(const Ask& ask, const Script& script, const Signature& signature) {
  Chat chat(ask, script, signature);
  Answer answer;
  if (!ask.stream || signature.recorded) answer = whole({.bytes = chat.whole_body()});
  if (ask.stream) {
    answer.told = std::exchange(answer.body, "");
    send_as_events(answer, chat.stream());
  }
  answer.usage = chat.usage().value_or("");
  return answer;
}

}  // namespace sluice::sim
