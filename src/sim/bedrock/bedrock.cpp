#include "sim/bedrock/bedrock.h"

#include "http/url.h"
#include "sim/bedrock/answer.h"
#include "sim/bedrock/ask.h"
#include "sim/bedrock/errors.h"
#include "sim/bedrock/key.h"
#include "sim/bedrock/rules.h"
#include "sim/bedrock/shapes.h"

namespace sluice::sim {

namespace {

constexpr std::string_view kModels = "/model/";
constexpr std::string_view kWhole = "/converse";
constexpr std::string_view kStreamed = "/converse-stream";

class Bedrock final : public Api {
 public:
  Place place_of(const http::RequestHead& head) const override {
    std::string_view path = http::path_of(head.target);
    Place place;
    bool stream = path.ends_with(kStreamed);
    std::string_view ending = stream ? kStreamed : kWhole;
    if (!path.starts_with(kModels) || !path.ends_with(ending) || path.size() <= kModels.size() + ending.size()) {
      return place;
    }
    auto segment = path.substr(kModels.size(), path.size() - kModels.size() - ending.size());
    auto model = http::percent_decode(segment);
    if (segment.contains('/') || !model) return place;
    place.endpoint = Endpoint::kConverse;
    place.model = std::move(*model);
    place.stream = stream;
    return place;
  }

  std::string key_of(const http::RequestHead& head, const Place&) const override {
    auto by = read_signature(head);
    return by ? by->key_id : bearer_of(head);
  }

  std::optional<Answer> unserved(const http::RequestHead& head, const Place&) const override {
    if (head.method == "POST") return std::nullopt;
    return bedrock_error(404, "UnknownOperationException", "The requested operation is not recognized by the service.");
  }

  bool takes_json(const Place&) const override { return true; }

  void read(std::string_view body, json::Cursor& cursor, Ask& ask) const override {
    cursor.skip();
    read_converse(body, ask);
  }

  std::optional<Problem> check(json::Cursor body, const Ask& ask) const override {
    if (!ask.body) return Problem{"The body of the request is not valid JSON.", "", "", "rule"};
    const Shape& shape = converse_shape(ask.stream);
    if (auto problem = sim::check(body, shape)) return problem;
    if (auto problem = check_unions(*ask.body, shape)) return problem;
    return check_converse_rules(ask);
  }

  Answer answer(const Ask& ask, const Script& script, const Signature& signature, Stored&) const override {
    return converse_answer(ask, script, signature);
  }

  Answer refuse(int status, const Problem* problem) const override {
    if (!problem) return bedrock_error(status);
    if (status != 401) return bedrock_refusal(*problem);
    if (problem->code.empty())
      return bedrock_error(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
    return bedrock_error(403, "UnrecognizedClientException", "The security token included in the request is invalid.");
  }

  std::string error_event(const Script& script) const override { return bedrock_error_frame(script); }
};

}  // namespace

const Api& bedrock_api() {
  static const Bedrock api;
  return api;
}

}  // namespace sluice::sim
