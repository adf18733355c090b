#include "sim/answer.h"

#include "base/digest.h"
#include "base/text.h"
#include "sim/bodies.h"

namespace sluice::sim {

namespace {

Answer whole(Body body) {
  Answer answer;
  answer.head.headers.add("content-type", std::move(body.content_type));
  answer.body = std::move(body.bytes);
  return answer;
}

constexpr std::string_view kEventStream = "text/event-stream; charset=utf-8";

void add_stream_headers(Answer& answer) {
  answer.head.headers.set("content-type", std::string(kEventStream));
  answer.head.headers.add("cache-control", "no-cache");
}

Answer completion(const Ask& ask, const Script& script, const Signature& signature) {
  Answer answer;
  Reply reply = make_reply(ask, script);
  std::string usage = reply.usage.value_or("");
  if (ask.stream) {
    answer.stream.emplace(ask, script, std::move(reply), signature);
    add_stream_headers(answer);
  } else {
    answer = whole(completion_body(ask, script, reply, signature));
  }
  answer.usage = std::move(usage);
  return answer;
}

Answer by_endpoint(const Ask& ask, const Script& script, const Signature& signature) {
  switch (ask.place.endpoint) {
    case Endpoint::kEmbeddings: {
      Answer answer = whole(embeddings_body(ask, script));
      if (script.usage_report != UsageReport::kNone) answer.usage = embeddings_usage(ask, script);
      return answer;
    }
    case Endpoint::kModerations:
      return whole(moderations_body(ask, signature));
    case Endpoint::kImages:
    case Endpoint::kImageEdits:
    case Endpoint::kImageVariations:
      return whole(images_body(ask, signature));
    case Endpoint::kSpeech:
      return whole(speech_body(ask, script));
    case Endpoint::kTranscriptions:
    case Endpoint::kTranslations:
      return whole(transcript_body(ask, script));
    case Endpoint::kModels:
      return whole(models_body(signature));
    default:
      return completion(ask, script, signature);
  }
}

std::string_view type_of_error(const Script& script) {
  if (!script.error || script.error_is_object || script.error->starts_with('{') || script.error->starts_with('[')) {
    return "application/json";
  }
  return script.error->starts_with('<') ? "text/html" : "text/plain; charset=utf-8";
}

// What a script says outright; nothing when the answer is the endpoint's own.
std::optional<Answer> scripted(const Script& script) {
  if (script.body || script.sse) {
    Answer answer = whole({script.body ? *script.body : *script.sse, script.content_type});
    if (!script.body) add_stream_headers(answer);
    if (script.status != 0) answer.head.status = script.status;
    return answer;
  }
  bool refuses = script.status != 0 ? script.status != 200 : script.error && !script.error_after;
  if (!refuses) return std::nullopt;
  int status = script.status != 0 ? script.status : 500;
  Answer answer = refuse_with(status, script.error ? *script.error : status < 400 ? "" : error_body(status));
  answer.head.headers.set("content-type", std::string(type_of_error(script)));
  return answer;
}

bool has_parameter(std::string_view query, std::string_view name) {
  for (auto piece : split(query, '&')) {
    if (piece.substr(0, piece.find('=')) == name) return true;
  }
  return false;
}

// Those of the script replace ours of the same name; a list of values stays a list.
void add_headers(Answer& answer, const Script& script) {
  for (const auto& [name, value] : script.headers) answer.head.headers.remove(name);
  for (const auto& [name, value] : script.headers) answer.head.headers.add(name, value);
}

// A path or a method the provider does not serve.
std::optional<Answer> unserved(const http::RequestHead& request, const Place& place) {
  auto path = std::string(http::path_of(request.target));
  if (place.endpoint == Endpoint::kUnknown) {
    auto message = "Invalid URL (" + request.method + " " + path + ")";
    return refuse_with(404, error_body(message, "invalid_request_error", "", ""));
  }
  if (place.azure && !has_parameter(http::query_of(request.target), "api-version")) {
    return refuse_with(404, R"({"error":{"code":"404","message":"Resource not found"}})");
  }
  std::string_view method = place.endpoint == Endpoint::kModels ? "GET" : "POST";
  if (request.method == method) return std::nullopt;
  auto message = "Not allowed to " + request.method + " on " + path + " (HINT: it takes " + std::string(method) + ")";
  auto answer = refuse_with(405, error_body(message, "invalid_request_error", "", "method_not_supported"));
  answer.head.headers.add("allow", std::string(method));
  return answer;
}

}  // namespace

Answer refuse_with(int status, std::string body) {
  Answer answer;
  answer.head.status = status;
  answer.head.headers.add("content-type", "application/json");
  answer.body = std::move(body);
  return answer;
}

Answer make_answer(const http::RequestHead& request, const Examined& examined, const Script& script,
                   const Signature& signature) {
  if (examined.problem) return refuse_with(400, error_body(*examined.problem));
  auto answer = scripted(script);
  if (!answer) answer = unserved(request, examined.ask.place);
  if (!answer) answer = by_endpoint(examined.ask, script, signature);
  add_headers(*answer, script);
  return std::move(*answer);
}

std::optional<Answer> check_key(const http::RequestHead& request, std::string_view key) {
  constexpr std::string_view kBearer = "bearer ";
  std::string_view sent = request.headers.get("authorization").value_or("");
  bool bearer = sent.size() >= kBearer.size() && iequals(sent.substr(0, kBearer.size()), kBearer);
  sent = bearer ? trim(sent.substr(kBearer.size())) : "";
  if (sent.empty() && place_of(request.target).azure) sent = request.headers.get("api-key").value_or("");
  if (sent.empty()) {
    return refuse_with(401, error_body("You didn't provide an API key. Send it as a bearer token in the Authorization "
                                       "header.",
                                       "invalid_request_error", "", ""));
  }
  if (constant_time_equal(sent, key)) return std::nullopt;
  return refuse_with(401, error_body("Incorrect API key provided.", "invalid_request_error", "", "invalid_api_key"));
}

}  // namespace sluice::sim
