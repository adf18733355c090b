#include "dialect/cohere/answer.h"

#include <charconv>

#include "base/text.h"
#include "dialect/cohere/error.h"
#include "dialect/cohere/usage.h"
#include "dialect/cohere/write.h"
#include "dialect/faults.h"
#include "json/reader.h"

namespace sluice::dialect::cohere {

namespace {

using chat::EventKind;
using chat::FinishReason;
using chat::PieceKind;
using json::Escaped;

Escaped take_text(json::Cursor& cursor) {
  return json::take_string(cursor).value_or(Escaped{});
}

FinishReason finish_of(std::string_view word) {
  if (word == "STOP_SEQUENCE") return FinishReason::kStopSequence;
  if (word == "MAX_TOKENS") return FinishReason::kLength;
  if (word == "TOOL_CALL") return FinishReason::kToolCalls;
  return word.empty() ? FinishReason::kNone : FinishReason::kStop;
}

EventKind kind_of(std::string_view type) {
  if (type == "content-delta" || type == "tool-plan-delta" || type == "tool-call-start" || type == "tool-call-delta") {
    return EventKind::kContent;
  }
  if (type == "message-start" || type == "content-start") return EventKind::kPreamble;
  return type == "message-end" ? EventKind::kFinish : EventKind::kOther;
}

// What the event says it is: `data.type`, which equals the event's name.
std::string_view type_of(const http::SseFrame& frame, json::Cursor cursor) {
  std::string_view type = frame.event;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "type" && cursor.kind() == json::Kind::kString) type = cursor.take_text();
  });
  return type;
}

// The API tells errors at the end of a message; what stands before it may send an object of its own: {"error": …}.
std::string take_error(json::Cursor& cursor) {
  std::string message;
  if (cursor.kind() == json::Kind::kString) return json::plain(take_text(cursor));
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "message") message = json::plain(take_text(cursor));
  });
  return message;
}

}  // namespace

// Ends what was open; reasoning ends with a state.
void Answer::open(Open kind) {
  if (open_ == kind) return;
  if (open_ != Open::kNothing) {
    const Escaped data{open_ == Open::kPlan ? kToolPlan : std::string_view()};
    piece({.kind = PieceKind::kState, .state = {.kind = chat::State::Kind::kPlain, .data = data, .origin = {}}});
  }
  open_ = kind;
}

// {"type", "text", "thinking"}, whole or what is new of it.
void Answer::take_content(json::Cursor& cursor) {
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "thinking") {
      const Escaped text = take_text(cursor);
      if (text.empty()) return;
      open(Open::kThinking);
      show({.kind = PieceKind::kReasoning, .text = text});
    } else if (key == "text") {
      const Escaped text = take_text(cursor);
      if (text.empty()) return;
      open(Open::kNothing);
      show({.kind = PieceKind::kText, .text = text});
    }
  });
}

void Answer::take_call(json::Cursor& cursor) {
  chat::Piece call{.kind = PieceKind::kCall};
  Escaped arguments;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "id") call.id = take_text(cursor);
    if (key != "function") return;
    json::each_member(cursor, [&](std::string_view name) {
      if (name == "name") call.name = take_text(cursor);
      if (name == "arguments") arguments = take_text(cursor);
    });
  });
  if (!call.name.empty()) {
    open(Open::kNothing);
    has_calls_ = in_call_ = true;
    show(call);
  }
  if (in_call_ && !arguments.empty()) show({.kind = PieceKind::kArguments, .text = arguments});
}

void Answer::take_citation(std::string_view text, json::Cursor& cursor) {
  chat::Citation citation;
  const std::size_t begin = cursor.offset();
  const auto place = [&](std::uint64_t& where) {
    if (cursor.kind() != json::Kind::kNumber) return;
    citation.of.unit = chat::Extent::Unit::kCharacters;
    where = to_number<std::uint64_t>(cursor.skip()).value_or(0);
  };
  const bool is_object = json::each_member(cursor, [&](std::string_view key) {
    if (key == "start") place(citation.of.begin);
    if (key == "end") place(citation.of.end);
    if (key != "sources") return;
    json::each_element(cursor, [&](std::size_t index) {
      json::each_member(cursor, [&](std::string_view name) {
        if (name != "document" || index > 0) return;
        json::each_member(cursor, [&](std::string_view member) {
          if (cursor.kind() != json::Kind::kString) return;
          if (member == "title") citation.title = take_text(cursor);
          if (member == "url") citation.url = take_text(cursor);
          if (member == "snippet" || member == "text") citation.quote = take_text(cursor);
        });
      });
    });
  });
  if (!is_object) return;
  citation.raw = text.substr(begin, cursor.end_of_last() - begin);
  piece({.kind = PieceKind::kCitation, .citation = citation});
}

// {"text", "token_ids": […], "logprobs": […]}: some tokens, whose texts are not told apart, as one entry of Chat's.
void Answer::take_logprobs(json::Cursor& cursor) {
  Escaped text;
  std::string_view only;
  double sum = 0;
  std::size_t count = 0;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "text") text = take_text(cursor);
    if (key != "logprobs") return;
    json::each_element(cursor, [&](std::size_t) {
      if (cursor.kind() != json::Kind::kNumber) return;
      only = cursor.skip();
      sum += to_number<double>(only).value_or(0);
      ++count;
    });
  });
  if (count == 0) return;
  std::string written;
  json::Writer json(written);
  json.begin_object().key("content").begin_array().begin_object().key("token").text(text).key("logprob");
  if (count == 1) {
    json.raw(only);
  } else {
    char number[32];
    json.raw({number, std::to_chars(number, number + sizeof number, sum).ptr});
  }
  json.key("bytes").null().key("top_logprobs").begin_array().end_array();
  json.end_object().end_array().end_object();
  piece({.kind = PieceKind::kLogprobs, .raw = texts().keep(std::move(written))});
}

// The member `message`, whole or of a delta: one of its members, or all. In a delta, content, calls and citations are
// single objects.
void Answer::take_message(std::string_view wanted, std::string_view text, json::Cursor& cursor) {
  const auto each = [&](auto take_one) {
    if (cursor.kind() == json::Kind::kArray) {
      json::each_element(cursor, [&](std::size_t) { take_one(); });
    } else {
      take_one();
    }
  };
  json::each_member(cursor, [&](std::string_view key) {
    if ((!wanted.empty() && key != wanted) || cursor.kind() == json::Kind::kNull) return;
    if (key == "tool_plan") {
      const Escaped plan = take_text(cursor);
      if (plan.empty()) return;
      open(Open::kPlan);
      show({.kind = PieceKind::kReasoning, .text = plan});
    } else if (key == "content") {
      each([&] { take_content(cursor); });
    } else if (key == "tool_calls") {
      each([&] { take_call(cursor); });
    } else if (key == "citations") {
      each([&] { take_citation(text, cursor); });
    }
  });
}

// The plan comes before the calls and citations behind the text, wherever they are in the JSON.
void Answer::take_whole_message(std::string_view text, json::Cursor& cursor) {
  const json::Cursor begin = cursor;
  cursor.skip();
  if (cursor.broken()) return;
  for (std::string_view wanted : {"tool_plan", "content", "citations", "tool_calls"}) {
    json::Cursor again = begin;
    take_message(wanted, text, again);
  }
}

void Answer::take_delta(std::string_view type, std::string_view text, json::Cursor& cursor, Ending& ending) {
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "message" && type != "message-start") return take_message({}, text, cursor);
    if (key == "finish_reason") ending.reason = json::plain(take_text(cursor));
    if (key == "error") ending.error = json::plain(take_text(cursor));
    if (key == "usage") {
      read_usage(cursor, learned().usage);
      learned().count_shown(learned().usage.output);
    }
  });
}

void Answer::take_event(std::string_view type, std::string_view text, json::Cursor& cursor, Ending& ending) {
  if (type == "content-end") open(Open::kNothing);
  if (type == "tool-call-end") in_call_ = false;
  const bool is_nameless = type.empty() || type == "error";
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "delta") {
      take_delta(type, text, cursor, ending);
    } else if (key == "id" && learned().id.empty()) {
      learned().id = json::plain(take_text(cursor));
    } else if (key == "logprobs") {
      take_logprobs(cursor);
    } else if (key == "error" && is_nameless && cursor.kind() != json::Kind::kNull) {
      ending.reason = "ERROR";
      ending.error = take_error(cursor);
    }
  });
}

Status Answer::end(const Ending& ending, std::string_view text) {
  open(Open::kNothing);
  learned().finish_reason = ending.reason;
  if (ending.reason == "ERROR" || ending.reason == "TIMEOUT" || !ending.error.empty()) {
    return read_failed_answer(ending.reason, ending.error, text);
  }
  FinishReason finish = finish_of(ending.reason);
  if (finish == FinishReason::kStop && has_calls_) finish = FinishReason::kToolCalls;
  learned().finish = finish;
  if (finish != FinishReason::kNone) piece({.kind = PieceKind::kFinish, .finish = finish});
  return {};
}

Status Answer::take(const http::SseFrame& frame) {
  if (trim(frame.data) == "[DONE]") {
    emit(EventKind::kOther, frame.raw);
    return {};
  }
  auto cursor = reader().scan_copy(frame.data);
  if (!cursor) return not_json("An event", cursor.error());
  const std::string_view type = type_of(frame, *cursor);
  Ending ending;
  const auto shown = learned().shown;
  take_event(type, frame.data, *cursor, ending);
  if (!cursor->finish()) return not_json("An event", *cursor->broken());
  if (type == "message-end" || ending.reason == "ERROR") {
    if (auto ended = end(ending, frame.data); !ended) return ended;
    complete_ = true;
  }
  const auto kind = kind_of(type);
  const bool shows = kind != EventKind::kContent || learned().shown > shown;
  emit(shows ? kind : EventKind::kOther, frame.raw);
  return {};
}

Result<chat::Event> Answer::read_whole(std::string_view body) {
  begin_feed();
  auto cursor = reader().scan(body);
  if (!cursor) return not_json("The answer", cursor.error());
  Ending ending;
  json::each_member(*cursor, [&](std::string_view key) {
    if (key == "message") {
      take_whole_message(body, *cursor);
    } else if (key == "finish_reason") {
      ending.reason = json::plain(take_text(*cursor));
    } else if (key == "id") {
      learned().id = json::plain(take_text(*cursor));
    } else if (key == "usage" || key == "meta") {
      read_usage(*cursor, learned().usage);
    } else if (key == "logprobs") {
      json::each_element(*cursor, [&](std::size_t) { take_logprobs(*cursor); });
    }
  });
  if (!cursor->finish()) return not_json("The answer", *cursor->broken());
  if (auto ended = end(ending, body); !ended) return fail_from(ended);
  reader().shrink();
  emit(EventKind::kContent, body);
  return one_event();
}

}  // namespace sluice::dialect::cohere
