#include "sim/responses/responses.h"

#include <fmt/format.h>

#include "sim/dom.h"
#include "sim/responses/ask.h"
#include "sim/responses/errors.h"
#include "sim/responses/events.h"
#include "sim/responses/history.h"
#include "sim/responses/kept.h"
#include "sim/responses/output.h"
#include "sim/responses/place.h"
#include "sim/responses/rules.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

Answer refused(const Refusal& refusal) {
  return refuse_with(refusal.status, response_error(refusal.problem));
}

// The calls, results and reasoning of a request belong together with those that are kept.
std::optional<Refusal> check_history(const Ask& ask, const Script& script, const Stored& stored, History& history) {
  auto refusal = recall(*ask.body, stored, history);
  if (!script.strict) return std::nullopt;
  if (refusal) return refusal;
  const bj::value* conversation = find_in(*ask.body, "conversation");
  if (conversation) {
    auto id = conversation->is_object() ? text_in(conversation->get_object(), "id") : text_of(conversation);
    return Refusal{404, told("Conversation with id '" + std::string(id) + "' not found.", "conversation")};
  }
  if (auto problem = check_order(history.items, Seen::kWhole)) return Refusal{400, std::move(*problem)};
  return check_kept(history, stored);
}

// With what came before, which the model reads as well.
Ask with_history(const Ask& ask, const History& history) {
  Ask whole = ask;
  for (std::size_t i = 0; i < history.before; ++i) whole.prompt_bytes += text_bytes(history.items[i].as_object());
  if (whole.text.empty()) whole.text = last_user_text(history.items);
  whole.answers_tool = ends_with_result(history.items);
  return whole;
}

void keep(const Ask& ask, const Signature& signature, const bj::object& response, Stored& stored) {
  if (!flag_in(response, "store")) return;
  auto input = kept_input(*ask.body, signature.id);
  stored.keep({std::string(text_in(response, "id")), boost::json::serialize(input), boost::json::serialize(response)});
}

Answer respond(const Ask& ask, const Script& script, const Signature& signature, Stored& stored) {
  Reply reply = make_reply(ask, script, response_usage);
  auto items = output_of(ask, reply, signature);
  bool background = flag_in(*ask.body, "background");
  bj::object response = begun_response(ask, signature, background ? "queued" : "in_progress");
  Answer answer;
  if (ask.stream) {
    auto streamed = stream_response(ask, script, std::move(response), std::move(items), reply.usage);
    if (!script.error_after) keep(ask, signature, streamed.last, stored);
    if (signature.recorded) answer.told = boost::json::serialize(streamed.last);
    send_as_events(answer, std::move(streamed.stream));
    answer.stream_error = std::move(streamed.error);
  } else {
    bj::object queued = background ? response : bj::object();
    for (OutputItem& item : items) {
      if (item.kind == Said::kMessage) item.text += script.nonce;
    }
    Ending ending = ending_of(script.finish_reason);
    end_response(response, whole_items(items, ending), ending, reply.usage);
    keep(ask, signature, response, stored);
    answer = whole({boost::json::serialize(background ? queued : response)});
  }
  answer.usage = reply.usage.value_or("");
  return answer;
}

Answer counted(const Ask& ask) {
  return whole({fmt::format(R"({{"object":"response.input_tokens","input_tokens":{}}})", tokens(ask.prompt_bytes))});
}

class Responses final : public Api {
 public:
  Place place_of(const http::RequestHead& head) const override { return responses_place(head); }

  std::string key_of(const http::RequestHead& head, const Place& place) const override {
    std::string key = bearer_of(head);
    if (key.empty() && place.host == Host::kAzure) key = head.headers.get("api-key").value_or("");
    return key;
  }

  std::optional<Answer> unserved(const http::RequestHead& head, const Place& place) const override {
    return unserved_response(head, place);
  }

  bool takes_json(const Place& place) const override {
    return place.endpoint == Endpoint::kResponses || place.endpoint == Endpoint::kCountTokens;
  }

  void read(std::string_view body, json::Cursor& cursor, Ask& ask) const override {
    cursor.skip();
    read_responses(body, ask);
  }

  std::optional<Problem> check(json::Cursor body, const Ask& ask) const override { return check_responses(body, ask); }

  Answer answer(const Ask& ask, const Script& script, const Signature& signature, Stored& stored) const override {
    if (ask.place.endpoint == Endpoint::kStoredResponse) return stored_response(ask.place, stored);
    if (ask.place.endpoint == Endpoint::kStoredItems) return stored_items(ask.place, stored);
    Ask read = ask;
    if (!read.body) read.body = std::make_shared<const bj::object>();
    History history;
    if (auto refusal = check_history(read, script, stored, history)) return refused(*refusal);
    if (ask.place.endpoint == Endpoint::kCountTokens) return counted(with_history(read, history));
    return respond(with_history(read, history), script, signature, stored);
  }

  Answer refuse(int status, const Problem* problem) const override {
    if (!problem) return refuse_with(status, response_error(status));
    if (status == 401 && problem->code.empty()) {
      return refuse_with(status, response_error(told("You didn't provide an API key.", "")));
    }
    return refuse_with(status, response_error(*problem));
  }

  std::string error_event(const Script& script) const override { return response_error_event(script, std::nullopt); }
};

}  // namespace

const Api& responses_api() {
  static const Responses api;
  return api;
}

}  // namespace sluice::sim
