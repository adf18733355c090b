#include "sim/openai/openai.h"

#include "base/text.h"
#include "sim/openai/ask.h"
#include "sim/openai/bodies.h"
#include "sim/openai/endpoint.h"
#include "sim/openai/event_stream.h"
#include "sim/openai/shapes.h"
#include "sim/reasoner.h"

namespace sluice::sim {

namespace {

Answer completion(const Ask& ask, const Script& script, const Signature& signature) {
  Reply reply = make_reply(ask, script, usage_of);
  if (reply.finish_reason.empty()) reply.finish_reason = reply.calls.empty() ? "stop" : "tool_calls";
  std::string usage = reply.usage.value_or("");
  Answer answer;
  if (!ask.stream || signature.recorded) answer = whole(completion_body(ask, script, reply, signature));
  if (ask.stream) {
    answer.told = std::move(answer.body);
    answer.body.clear();
    send_as_events(answer, std::make_unique<EventStream>(ask, script, std::move(reply), signature));
  }
  answer.usage = std::move(usage);
  return answer;
}

Answer embeddings(const Ask& ask, const Script& script) {
  Answer answer = whole(embeddings_body(ask, script));
  if (script.usage_report != UsageReport::kNone) answer.usage = embeddings_usage(ask, script);
  return answer;
}

bool has_parameter(std::string_view query, std::string_view name) {
  for (auto piece : split(query, '&')) {
    if (piece.substr(0, piece.find('=')) == name) return true;
  }
  return false;
}

// Azure's model is in the path, and the one in the body is neither needed nor looked at.
bool forgiven(const Ask& ask, const Problem& problem) {
  return ask.place.host == Host::kAzure && problem.path == "model" && problem.code == "missing_required_parameter";
}

std::optional<Problem> check_together(const Ask& ask) {
  if (ask.disorder) return ask.disorder;
  if (ask.has_stream_options && !ask.stream) {
    return Problem{"The ", "stream_options", " parameter is only allowed when 'stream' is enabled.", ""};
  }
  if (ask.place.endpoint != Endpoint::kChat) return std::nullopt;
  if (auto problem = check_effort(ask.model, ask.effort, "reasoning_effort")) return problem;
  // Which effort the newer ones have where none is asked for differs.
  const bool is_newer = ask.effort.empty() && ask.model.starts_with("gpt-5.");
  if (!ask.unusual.empty() && !is_newer && !samples(ask.model, ask.effort)) {
    return Problem{"Unsupported value: ", ask.unusual,
                   " does not support this value with this model. Only the default (1) value is supported.",
                   "unsupported_value"};
  }
  if (ask.caps_old_way && reasons(ask.model)) {
    return Problem{"Unsupported parameter: ", "max_tokens",
                   " is not supported with this model. Use 'max_completion_tokens' instead.", "unsupported_parameter"};
  }
  return std::nullopt;
}

class OpenAi final : public Api {
 public:
  Place place_of(const http::RequestHead& head) const override { return openai_place(head.target); }

  std::string key_of(const http::RequestHead& head, const Place& place) const override {
    std::string key = bearer_of(head);
    if (key.empty() && place.host == Host::kAzure) key = head.headers.get("api-key").value_or("");
    return key;
  }

  std::optional<Answer> unserved(const http::RequestHead& request, const Place& place) const override {
    auto path = std::string(http::path_of(request.target));
    if (place.endpoint == Endpoint::kUnknown) {
      auto message = "Invalid URL (" + request.method + " " + path + ")";
      return refuse_with(404, error_body(message, "invalid_request_error", "", ""));
    }
    if (place.host == Host::kAzure && !has_parameter(http::query_of(request.target), "api-version")) {
      return refuse_with(404, R"({"error":{"code":"404","message":"Resource not found"}})");
    }
    std::string_view method = place.endpoint == Endpoint::kModels ? "GET" : "POST";
    if (request.method == method) return std::nullopt;
    auto message = "Not allowed to " + request.method + " on " + path + " (HINT: it takes " + std::string(method) + ")";
    auto answer = refuse_with(405, error_body(message, "invalid_request_error", "", "method_not_supported"));
    answer.head.headers.add("allow", std::string(method));
    return answer;
  }

  bool takes_json(const Place& place) const override { return request_shape(place.endpoint) != nullptr; }

  void read(std::string_view, json::Cursor& cursor, Ask& ask) const override { read_ask(cursor, ask); }

  std::optional<Problem> check(json::Cursor body, const Ask& ask) const override {
    auto problem = sim::check(body, *request_shape(ask.place.endpoint));
    if (problem && forgiven(ask, *problem)) problem.reset();
    return problem ? problem : check_together(ask);
  }

  Answer answer(const Ask& ask, const Script& script, const Signature& signature, Stored&) const override {
    switch (ask.place.endpoint) {
      case Endpoint::kEmbeddings:
        return embeddings(ask, script);
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

  Answer refuse(int status, const Problem* problem) const override {
    return refuse_with(status, problem ? error_body(*problem) : error_body(status));
  }

  std::string error_event(const Script& script) const override {
    std::string error = script.error.value_or(error_body(500));
    bool enveloped = !script.error_is_object || script.error_is_enveloped;
    return "data: " + (enveloped ? error : R"({"error":)" + error + "}") + "\n\n";
  }
};

}  // namespace

const Api& openai_api() {
  static const OpenAi api;
  return api;
}

}  // namespace sluice::sim
