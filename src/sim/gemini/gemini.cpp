#include "sim/gemini/gemini.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "http/url.h"
#include "json/cursor.h"
#include "sim/gemini/ask.h"
#include "sim/gemini/bodies.h"
#include "sim/gemini/errors.h"
#include "sim/gemini/rules.h"
#include "sim/gemini/stream.h"
#include "sim/vertex.h"

namespace sluice::sim {

namespace {

constexpr std::string_view kJson = "application/json; charset=UTF-8";

struct Verb {
  std::string_view name;
  Endpoint endpoint;
  bool stream = false;
  bool on_vertex = true;
};
constexpr Verb kVerbs[] = {
    {"generateContent", Endpoint::kGenerate},
    {"streamGenerateContent", Endpoint::kGenerate, true},
    {"countTokens", Endpoint::kCountTokens},
    {"embedContent", Endpoint::kEmbedContent, false, false},
    {"batchEmbedContents", Endpoint::kBatchEmbedContents, false, false},
};

// The parameters every method of a Google API takes.
constexpr std::string_view kParameters[] = {"alt",     "$alt",        "key",        "prettyPrint",    "$prettyPrint",
                                            "fields",  "$fields",     "quotaUser",  "callback",       "access_token",
                                            "$.xgafv", "oauth_token", "uploadType", "upload_protocol"};

// The value of a parameter of a query, decoded; empty: none.
std::string parameter(std::string_view query, std::string_view name) {
  for (auto piece : split(query, '&')) {
    auto equals = piece.find('=');
    if (equals == std::string_view::npos || http::percent_decode(piece.substr(0, equals)) != name) continue;
    return http::percent_decode(piece.substr(equals + 1)).value_or("");
  }
  return {};
}

Place place_of_model(std::string_view tail, Host host) {
  auto asked = model_verb(tail);
  if (!asked) return {};
  auto verb = std::ranges::find(kVerbs, asked->verb, &Verb::name);
  if (verb == std::end(kVerbs) || (host == Host::kVertex && !verb->on_vertex)) return {};
  return {.endpoint = verb->endpoint, .host = host, .model = std::move(asked->model), .stream = verb->stream};
}

Place gemini_place(std::string_view path) {
  if (path == "/v1beta/models") return {.endpoint = Endpoint::kModels};
  path.remove_prefix(std::min<std::size_t>(path.size(), 1));
  std::string_view version = path.substr(0, path.find('/'));
  if ((version != "v1" && version != "v1beta" && version != "v1beta1") || !take_segment(path)) return {};
  if (version != "v1beta1" && take(path, "models/")) return place_of_model(path, Host::kOwn);
  return version != "v1beta" && take_vertex(path, "google") ? place_of_model(path, Host::kVertex) : Place{};
}

class Gemini final : public Api {
 public:
  Gemini(Host host, Framing framing)
      : host_(host), framing_(framing), on_(host == Host::kVertex ? Service::kVertex : Service::kGemini) {}

  Place place_of(const http::RequestHead& head) const override {
    Place place = gemini_place(http::path_of(head.target));
    bool array = place.stream && parameter(http::query_of(head.target), "alt") != "sse";
    bool mine = place.host == host_ && array == (framing_ == Framing::kArray);
    return mine ? place : Place{};
  }

  std::string key_of(const http::RequestHead& head, const Place&) const override {
    if (on_ == Service::kVertex) return bearer_of(head);
    if (auto key = head.headers.get("x-goog-api-key")) return std::string(*key);
    return parameter(http::query_of(head.target), "key");
  }

  std::optional<Answer> unserved(const http::RequestHead& head, const Place& place) const override {
    bool lists = place.endpoint == Endpoint::kModels;
    if (head.method != (lists ? "GET" : "POST")) return told(404, google_error(404, on_));
    for (auto piece : split(http::query_of(head.target), '&')) {
      auto name = http::percent_decode(piece.substr(0, piece.find('='))).value_or("");
      bool known = std::ranges::find(kParameters, name) != std::end(kParameters) ||
                   (lists && (name == "pageSize" || name == "pageToken"));
      if (known || piece.empty()) continue;
      Problem problem{fmt::format("Invalid JSON payload received. Unknown name \"{}\": Cannot bind query parameter. "
                                  "Field '{}' could not be found in request message.",
                                  printable(name), printable(name)),
                      "", "", std::string(kProtoViolation)};
      return refuse(400, &problem);
    }
    auto alt = parameter(http::query_of(head.target), "alt");
    if (alt.empty() || alt == "json" || (alt == "sse" && place.stream)) return std::nullopt;
    Problem problem = refused("Invalid value \"" + printable(alt) + "\" for query parameter alt.");
    return refuse(400, &problem);
  }

  bool takes_json(const Place& place) const override { return place.endpoint != Endpoint::kModels; }

  void read(std::string_view body, json::Cursor& cursor, Ask& ask) const override {
    cursor.skip();
    read_gemini_ask(body, ask);
  }

  std::optional<Problem> check(json::Cursor, const Ask& ask) const override {
    if (!ask.body) return refused("Invalid JSON payload received. The payload cannot be parsed.");
    auto problem = sim::check(*ask.body, gemini_message(ask.place.endpoint), on_);
    return problem ? problem : check_gemini_rules(ask, on_);
  }

  Answer answer(const Ask& ask, const Script& script, const Signature& signature, Stored&) const override {
    switch (ask.place.endpoint) {
      case Endpoint::kModels:
        return json_answer(gemini_models_body());
      case Endpoint::kCountTokens:
        return json_answer(token_count_body(ask));
      case Endpoint::kEmbedContent:
      case Endpoint::kBatchEmbedContents:
        return json_answer(embedding_body(ask));
      default:
        return generated(ask, script, signature);
    }
  }

  Answer refuse(int status, const Problem* problem) const override {
    if (!problem) return told(status, google_error(status, on_));
    if (status != 401) return told(status, google_error(*problem));
    std::string error = google_key_error(*problem, on_, status);
    return told(status, std::move(error));
  }

  std::string error_event(const Script& script) const override {
    std::string error = script.error.value_or(google_error(503, on_));
    if (script.error_is_object && !script.error_is_enveloped) error = R"({"error":)" + error + "}";
    return framed_error(error, framing_);
  }

 private:
  static Answer json_answer(std::string body) { return whole({std::move(body), std::string(kJson)}); }

  Answer told(int status, std::string error) const {
    Answer answer = json_answer(framing_ == Framing::kArray ? "[" + error + "\n]" : std::move(error));
    answer.head.status = status;
    if (status == 401) answer.head.headers.add("www-authenticate", R"(Bearer realm="https://accounts.google.com/")");
    return answer;
  }

  Answer generated(const Ask& ask, const Script& script, const Signature& signature) const {
    Reply said = make_reply(ask, script, on_ == Service::kVertex ? vertex_usage : gemini_usage);
    std::string usage = said.usage.value_or("");
    GeminiReply reply = gemini_reply(ask, script, std::move(said), signature);
    Answer answer;
    if (!ask.stream || signature.recorded) answer = json_answer(whole_response(reply, script.nonce));
    if (ask.stream) {
      answer.told = std::move(answer.body);
      answer.body.clear();
      bool partial = on_ == Service::kVertex && wants_partial_arguments(ask);
      send_as_events(answer, gemini_stream(reply, script, framing_, partial));
      if (framing_ == Framing::kArray) answer.head.headers.set("content-type", std::string(kJson));
    }
    answer.usage = std::move(usage);
    return answer;
  }

  Host host_;
  Framing framing_;
  Service on_;
};

}  // namespace

const Api& gemini_api() {
  static const Gemini api(Host::kOwn, Framing::kEvents);
  return api;
}
const Api& gemini_array_api() {
  static const Gemini api(Host::kOwn, Framing::kArray);
  return api;
}
const Api& vertex_gemini_api() {
  static const Gemini api(Host::kVertex, Framing::kEvents);
  return api;
}
const Api& vertex_gemini_array_api() {
  static const Gemini api(Host::kVertex, Framing::kArray);
  return api;
}

}  // namespace sluice::sim
