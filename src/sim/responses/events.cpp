#include "sim/responses/events.h"

#include <algorithm>
#include <utility>

#include "sim/dom.h"
#include "sim/encode.h"
#include "sim/reply.h"
#include "sim/responses/errors.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

using Ahead = Stream::Ahead;

constexpr std::size_t kFragment = 8;  // bytes of arguments in one event
constexpr std::size_t kPadding = 16;  // pieces are made as long as a multiple of it, so that no one sees their size

// Numbers the events and notes where the script's error would come.
class Plan {
 public:
  Plan(const Ask& ask, const Script& script) : script_(script) {
    const bj::value* hides = find_in(inner_in(*ask.body, "stream_options"), "include_obfuscation");
    hides_ = !hides || !hides->is_bool() || hides->get_bool();
  }

  void add(Ahead kind, std::string_view type, bj::object fields) {
    bool due = kind == Ahead::kClosing || (kind != Ahead::kOpening && contents_ >= script_.error_after.value_or(0));
    if (due && !error_at_) error_at_ = number_;
    if (kind == Ahead::kContent) ++contents_;
    if (kind == Ahead::kClosing && script_.no_done) return;
    bj::object data{{"type", type}, {"sequence_number", number_++}};
    for (auto& [key, value] : fields) data[key] = std::move(value);
    stream_->add(kind, server_sent(type, bj::serialize(data)));
  }

  // A piece of what is said.
  void say(std::string_view type, bj::object fields, std::string_view piece) {
    fields["delta"] = piece;
    if (type == "response.output_text.delta") fields["logprobs"] = bj::array();
    if (hides_) fields["obfuscation"] = std::string(kPadding - piece.size() % kPadding, 'x');
    add(Ahead::kContent, type, std::move(fields));
  }

  std::unique_ptr<Stream> stream() { return std::move(stream_); }
  std::string error() const {
    return script_.error_after ? response_error_event(script_, error_at_.value_or(number_)) : std::string();
  }

 private:
  const Script& script_;
  std::unique_ptr<PlannedStream> stream_ = std::make_unique<PlannedStream>();
  bool hides_ = true;
  std::size_t number_ = 0;
  std::size_t contents_ = 0;
  std::optional<std::size_t> error_at_;
};

bj::object at(const OutputItem& item, std::size_t index) {
  return {{"item_id", item.id}, {"output_index", index}};
}

bj::object at_part(const OutputItem& item, std::size_t index) {
  bj::object place = at(item, index);
  place[item.kind == Said::kReasoning ? "summary_index" : "content_index"] = 0;
  return place;
}

bj::object with(bj::object fields, std::string_view key, bj::value value) {
  fields[key] = std::move(value);
  return fields;
}

void add_item(Plan& plan, std::size_t index, bj::object item) {
  plan.add(Ahead::kBetween, "response.output_item.added", {{"output_index", index}, {"item", std::move(item)}});
}

void end_item(Plan& plan, std::size_t index, bj::object item) {
  plan.add(Ahead::kBetween, "response.output_item.done", {{"output_index", index}, {"item", std::move(item)}});
}

// A message's text, or the summary of reasoning.
void say_text(Plan& plan, const Script& script, OutputItem& item, std::size_t index, std::string_view status) {
  bool message = item.kind == Said::kMessage;
  std::string part = message ? "response.content_part" : "response.reasoning_summary_part";
  std::string text = message ? "response.output_text" : "response.reasoning_summary_text";
  add_item(plan, index, begun_item(item));
  if (message || !item.text.empty()) {
    plan.add(Ahead::kBetween, part + ".added", with(at_part(item, index), "part", part_of(item, "")));
    std::string said;
    std::size_t begin = 0;
    for (std::size_t end : cuts(item.text, message ? script.events : std::nullopt)) {
      std::string piece = item.text.substr(begin, end - begin) + (message ? script.nonce : "");
      plan.say(text + ".delta", at_part(item, index), piece);
      said += piece;
      begin = end;
    }
    item.text = std::move(said);
    bj::object done = with(at_part(item, index), "text", bj::value(item.text));
    if (message) done["logprobs"] = bj::array();
    plan.add(Ahead::kBetween, text + ".done", std::move(done));
    plan.add(Ahead::kBetween, part + ".done", with(at_part(item, index), "part", part_of(item, item.text)));
  }
  end_item(plan, index, whole_item(item, status));
}

bool is_call(const OutputItem& item) {
  return item.kind == Said::kCall || item.kind == Said::kCustomCall;
}

// The ends of the pieces a call's arguments are sent in.
std::vector<std::size_t> fragments(std::string_view arguments, ToolStyle style) {
  std::vector<std::size_t> ends;
  if (style == ToolStyle::kWithFinish || arguments.empty()) return ends;
  if (style == ToolStyle::kWhole) return {arguments.size()};
  for (std::size_t at = 0; at < arguments.size();) {
    at += std::max<std::size_t>(whole_characters(arguments.substr(at), kFragment), 1);
    ends.push_back(at);
  }
  return ends;
}

// One call as its events are made.
struct Calling {
  const OutputItem* item;
  std::size_t index;
  std::vector<std::size_t> ends;
  std::size_t next = 0;

  std::string event(std::string_view what) const {
    bool custom = item->kind == Said::kCustomCall;
    return (custom ? "response.custom_tool_call_input." : "response.function_call_arguments.") + std::string(what);
  }
};

void say_piece(Plan& plan, Calling& call) {
  if (call.next == call.ends.size()) return;
  std::size_t begin = call.next == 0 ? 0 : call.ends[call.next - 1];
  std::string_view piece = std::string_view(call.item->text).substr(begin, call.ends[call.next++] - begin);
  plan.say(call.event("delta"), at(*call.item, call.index), piece);
}

void end_call(Plan& plan, const Calling& call, std::string_view status) {
  std::string_view field = call.item->kind == Said::kCustomCall ? "input" : "arguments";
  plan.add(Ahead::kBetween, call.event("done"), with(at(*call.item, call.index), field, bj::value(call.item->text)));
  end_item(plan, call.index, whole_item(*call.item, status));
}

// One after the other; together: piece by piece in turns.
void say_calls(Plan& plan, ToolStyle style, std::vector<Calling> calls, const Ending& ending) {
  auto status_of = [&](const Calling& call) {
    return &call == &calls.back() && ending.status != "completed" ? "incomplete" : "completed";
  };
  if (style == ToolStyle::kTogether) {
    std::size_t rounds = 0;
    for (const Calling& call : calls) {
      add_item(plan, call.index, begun_item(*call.item));
      rounds = std::max(rounds, call.ends.size());
    }
    for (std::size_t i = 0; i < rounds; ++i) {
      for (Calling& call : calls) say_piece(plan, call);
    }
    for (const Calling& call : calls) end_call(plan, call, status_of(call));
    return;
  }
  for (Calling& call : calls) {
    add_item(plan, call.index, begun_item(*call.item));
    while (call.next < call.ends.size()) say_piece(plan, call);
    end_call(plan, call, status_of(call));
  }
}

void open(Plan& plan, const bj::object& response) {
  bj::object fields{{"response", response}};
  plan.add(Ahead::kOpening, "response.created", fields);
  if (text_in(response, "status") == "queued") {
    plan.add(Ahead::kOpening, "response.queued", fields);
    fields["response"].as_object()["status"] = "in_progress";
  }
  plan.add(Ahead::kOpening, "response.in_progress", std::move(fields));
}

}  // namespace

Streamed stream_response(const Ask& ask, const Script& script, bj::object response, std::vector<OutputItem> items,
                         const std::optional<std::string>& usage) {
  Ending ending = ending_of(script.finish_reason);
  Plan plan(ask, script);
  open(plan, response);
  std::vector<Calling> calls;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (is_call(items[i])) {
      calls.push_back({&items[i], i, fragments(items[i].text, script.tool_style)});
    } else {
      bool cut = i + 1 == items.size() && ending.status != "completed";
      say_text(plan, script, items[i], i, cut ? "incomplete" : "completed");
    }
  }
  if (!calls.empty()) say_calls(plan, script.tool_style, std::move(calls), ending);
  end_response(response, whole_items(items, ending), ending, usage);
  plan.add(Ahead::kClosing, "response." + ending.status, {{"response", response}});
  return {plan.stream(), std::move(response), plan.error()};
}

}  // namespace sluice::sim
