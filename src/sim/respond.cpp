#include "sim/respond.h"

#include "sim/api.h"

namespace sluice::sim {

namespace {

std::string_view type_of_error(const Script& script) {
  if (script.error_is_object || script.error->starts_with('{') || script.error->starts_with('[')) {
    return "application/json";
  }
  return script.error->starts_with('<') ? "text/html" : "text/plain; charset=utf-8";
}

// What a script says outright; nothing when the answer is the endpoint's own.
std::optional<Answer> scripted(const Script& script, const Api& api) {
  if (script.body || script.sse) {
    Answer answer = whole({script.body ? *script.body : *script.sse, script.content_type});
    if (!script.body) send_as_events(answer, nullptr);
    if (script.status != 0) answer.head.status = script.status;
    return answer;
  }
  bool refuses = script.status != 0 ? script.status != 200 : script.error && !script.error_after;
  if (!refuses) return std::nullopt;
  int status = script.status != 0 ? script.status : 500;
  Answer answer = status < 400 ? refuse_with(status, "") : api.refuse(status, nullptr);
  if (script.error) {
    answer.body = *script.error;
    answer.head.headers.set("content-type", std::string(type_of_error(script)));
  }
  return answer;
}

// Those of the script replace ours of the same name; a list of values stays a list.
void add_headers(Answer& answer, const Script& script) {
  for (const auto& [name, value] : script.headers) answer.head.headers.remove(name);
  for (const auto& [name, value] : script.headers) answer.head.headers.add(name, value);
}

}  // namespace

Answer respond(const http::RequestHead& request, const Examined& examined, const Script& script,
               const Signature& signature, Stored& stored) {
  const Place& place = examined.ask.place;
  if (examined.problem) return place.api->refuse(400, &*examined.problem);
  auto answer = scripted(script, *place.api);
  if (!answer) answer = place.api->unserved(request, place);
  if (!answer) answer = place.api->answer(examined.ask, script, signature, stored);
  if (answer->stream && script.error_after && answer->stream_error.empty()) {
    answer->stream_error = place.api->error_event(script);
  }
  add_headers(*answer, script);
  return std::move(*answer);
}

std::optional<Answer> check_key(const http::RequestHead& request, std::string_view body, std::string_view key) {
  Place place = place_of(request);
  return place.api->denied(request, place, body, key);
}

}  // namespace sluice::sim
