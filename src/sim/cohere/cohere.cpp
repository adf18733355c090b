#include "sim/cohere/cohere.h"

#include "sim/cohere/answer.h"
#include "sim/cohere/ask.h"
#include "sim/cohere/errors.h"
#include "sim/cohere/rules.h"
#include "sim/cohere/shapes.h"

namespace sluice::sim {

namespace {

class Cohere final : public Api {
 public:
  Place place_of(const http::RequestHead& head) const override {
    std::string_view path = http::path_of(head.target);
    if (path == "/v2/chat") return {.endpoint = Endpoint::kChat};
    if (path == "/v2/embed") return {.endpoint = Endpoint::kEmbeddings};
    if (path == "/v2/rerank") return {.endpoint = Endpoint::kRerank};
    if (path == "/v1/rerank") return {.endpoint = Endpoint::kRerank, .id = std::string(kFirstVersion)};
    return {};
  }

  std::string key_of(const http::RequestHead& head, const Place&) const override { return bearer_of(head); }

  std::optional<Answer> unserved(const http::RequestHead& head, const Place&) const override {
    if (head.method == "POST") return std::nullopt;
    auto answer = cohere_error(405, "method not allowed");
    answer.head.headers.add("allow", "POST");
    return answer;
  }

  bool takes_json(const Place&) const override { return true; }

  void read(std::string_view body, json::Cursor& cursor, Ask& ask) const override {
    cursor.skip();
    read_cohere(body, ask);
  }

  std::optional<Problem> check(json::Cursor body, const Ask& ask) const override {
    if (!ask.body) return invalid_request("the body is not valid JSON.");
    if (auto problem = sim::check(body, *cohere_shape(ask.place))) return problem;
    return check_cohere_rules(ask);
  }

  Answer answer(const Ask& ask, const Script& script, const Signature& signature, Stored&) const override {
    if (ask.place.endpoint == Endpoint::kEmbeddings) return cohere_embed_answer(ask, script, signature);
    if (ask.place.endpoint == Endpoint::kRerank) return cohere_rerank_answer(ask, script, signature);
    return cohere_chat_answer(ask, script, signature);
  }

  Answer refuse(int status, const Problem* problem) const override {
    if (!problem) return cohere_error(status);
    if (status == 401) return cohere_error(401, problem->code.empty() ? "no api key supplied" : "invalid api token");
    return cohere_refusal(*problem);
  }

  std::string error_event(const Script& script) const override { return cohere_error_event(script); }
};

}  // namespace

const Api& cohere_api() {
  static const Cohere api;
  return api;
}

}  // namespace sluice::sim
