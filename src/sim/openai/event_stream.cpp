#include "sim/openai/event_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "json/text.h"
#include "sim/encode.h"

namespace sluice::sim {

namespace {

constexpr std::size_t kFragment = 8;  // bytes of arguments in one event

// {"index":0,"id":…,"type":…,"function":{"name":…,"arguments":…}}
std::string call_delta(const ScriptCall& call, std::size_t index, const std::string& id, std::string_view arguments) {
  std::string out = fmt::format(R"({{"index":{},"id":"{}_{}","type":"{}","{}":{{"name":)", index, id, index,
                                call.custom ? "custom" : "function", call.custom ? "custom" : "function");
  append_json_string(out, call.name);
  out += call.custom ? R"(,"input":)" : R"(,"arguments":)";
  append_json_string(out, arguments);
  out += "}}";
  return out;
}

std::string fragment_delta(const ScriptCall& call, std::size_t index, std::string_view arguments) {
  std::string out = fmt::format(R"({{"index":{},"{}":{{"{}":)", index, call.custom ? "custom" : "function",
                                call.custom ? "input" : "arguments");
  append_json_string(out, arguments);
  out += "}}";
  return out;
}

std::string calls_delta(std::string_view calls) {
  return fmt::format(R"({{"tool_calls":[{}]}})", calls);
}

}  // namespace

EventStream::EventStream(const Ask& ask, const Script& script, Reply reply, const Signature& signature)
    : legacy_(ask.place.endpoint == Endpoint::kCompletions),
      choices_(static_cast<std::size_t>(ask.choices)),
      reply_(std::move(reply)),
      nonce_(script.nonce),
      done_(!script.no_done) {
  opening_ = fmt::format(R"(data: {{"id":"{}-{}","object":"{}","created":{},"model":)", legacy_ ? "cmpl" : "chatcmpl",
                         signature.id, legacy_ ? "text_completion" : "chat.completion.chunk", signature.created);
  append_json_string(opening_, ask.model);
  opening_ += R"(,"system_fingerprint":)";
  append_json_string(opening_, signature.instance);
  opening_ += R"(,"choices":[)";

  if (reply_.says_text) text_ends_ = cuts(reply_.text, script.events);
  if (!legacy_) {
    reasoning_ends_ = cuts(reply_.reasoning, std::nullopt);
    plan_calls(script.tool_style, "call_" + signature.id);
  }
  if (reply_.usage && (ask.include_usage || script.usage_style == UsageStyle::kAlways)) {
    usage_ = script.usage_style == UsageStyle::kFinish ? Usage::kFinish : Usage::kSeparate;
    null_usage_ = ask.include_usage;
  }
  settle();
}

void EventStream::plan_calls(ToolStyle style, const std::string& id) {
  std::string all;
  for (std::size_t i = 0; i < reply_.calls.size(); ++i) {
    const ScriptCall& call = reply_.calls[i];
    if (style == ToolStyle::kWhole) {
      calls_.push_back(calls_delta(call_delta(call, i, id, call.arguments)));
    } else if (style == ToolStyle::kFragments) {
      calls_.push_back(calls_delta(call_delta(call, i, id, "")));
      std::string_view rest = call.arguments;
      while (!rest.empty()) {
        auto length = std::max<std::size_t>(whole_characters(rest, kFragment), 1);
        calls_.push_back(calls_delta(fragment_delta(call, i, rest.substr(0, length))));
        rest.remove_prefix(length);
      }
    } else {
      all += (i == 0 ? "" : ",") + call_delta(call, i, id, call.arguments);
    }
  }
  if (all.empty()) return;
  if (style == ToolStyle::kTogether) calls_.push_back(calls_delta(all));
  if (style == ToolStyle::kWithFinish) finish_delta_ = calls_delta(all);
}

Stream::Ahead EventStream::ahead() const {
  switch (step_) {
    case Step::kRole:
      return Ahead::kOpening;
    case Step::kReasoning:
    case Step::kText:
    case Step::kCall:
      return Ahead::kContent;
    case Step::kEnd:
      return Ahead::kEnd;
    default:
      return Ahead::kClosing;
  }
}

std::size_t EventStream::count(Step step) const {
  switch (step) {
    case Step::kRole:
      return legacy_ ? 0 : 1;
    case Step::kReasoning:
      return reasoning_ends_.size();
    case Step::kText:
      return text_ends_.size();
    case Step::kCall:
      return calls_.size();
    case Step::kFinish:
      return 1;
    case Step::kUsage:
      return usage_ == Usage::kSeparate ? 1 : 0;
    case Step::kDone:
      return done_ ? 1 : 0;
    case Step::kEnd:
      return 1;
  }
  return 1;
}

// Goes on to the first step that has an event left.
void EventStream::settle() {
  while (position_ >= count(step_)) {
    position_ = 0;
    step_ = static_cast<Step>(std::to_underlying(step_) + 1);
  }
}

void EventStream::advance() {
  bool for_each_choice = step_ != Step::kUsage && step_ != Step::kDone;
  if (for_each_choice && ++choice_ < choices_) return;
  choice_ = 0;
  ++position_;
  settle();
}

void EventStream::append_piece(std::string& out, std::string_view text, const std::vector<std::size_t>& ends) const {
  std::size_t begin = position_ == 0 ? 0 : ends[position_ - 1];
  auto piece = text.substr(begin, ends[position_] - begin);
  if (nonce_.empty() || step_ != Step::kText) {
    append_json_string(out, piece);
  } else {
    append_json_string(out, std::string(piece) + nonce_);
  }
}

void EventStream::append_delta(std::string& out) const {
  switch (step_) {
    case Step::kRole:
      out += reply_.says_text ? R"({"role":"assistant","content":"","refusal":null})"
                              : R"({"role":"assistant","content":null,"refusal":null})";
      return;
    case Step::kReasoning:
      out += R"({"reasoning_content":)";
      append_piece(out, reply_.reasoning, reasoning_ends_);
      out += '}';
      return;
    case Step::kText:
      out += R"({"content":)";
      append_piece(out, reply_.text, text_ends_);
      out += '}';
      return;
    case Step::kCall:
      out += calls_[position_];
      return;
    default:
      out += finish_delta_;
      return;
  }
}

void EventStream::append_choice(std::string& out) const {
  fmt::format_to(std::back_inserter(out), R"({{"index":{},)", choice_);
  if (legacy_) {
    out += R"("text":)";
    if (step_ == Step::kText) {
      append_piece(out, reply_.text, text_ends_);
    } else {
      out += R"("")";
    }
  } else {
    out += R"("delta":)";
    append_delta(out);
  }
  out += R"(,"logprobs":null,"finish_reason":)";
  if (step_ == Step::kFinish) {
    append_json_string(out, reply_.finish_reason);
  } else {
    out += "null";
  }
  out += '}';
}

void EventStream::append_usage(std::string& out) const {
  bool here = step_ == Step::kUsage || (step_ == Step::kFinish && usage_ == Usage::kFinish && choice_ + 1 == choices_);
  if (!here && !null_usage_) return;
  out += R"(,"usage":)";
  out += here ? std::string_view(*reply_.usage) : "null";
}

void EventStream::next(std::string& out) {
  if (step_ == Step::kEnd) return;
  if (step_ == Step::kDone) {
    out += "data: [DONE]\n\n";
  } else {
    out += opening_;
    if (step_ != Step::kUsage) append_choice(out);
    out += ']';
    append_usage(out);
    out += "}\n\n";
  }
  advance();
}

}  // namespace sluice::sim
