#include "sim/anthropic/anthropic.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/text.h"
#include "sim/anthropic/ask.h"
#include "sim/anthropic/endpoint.h"
#include "sim/anthropic/errors.h"
#include "sim/anthropic/message.h"
#include "sim/anthropic/problems.h"
#include "sim/anthropic/rules.h"
#include "sim/anthropic/shapes.h"
#include "sim/dom.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

std::string models_body() {
  return R"({"data":[{"type":"model","id":"claude-sonnet-5-5","display_name":"Claude Sonnet 5.5",)"
         R"("created_at":"2026-09-01T00:00:00Z"},{"type":"model","id":"claude-haiku-4-5-20251001",)"
         R"("display_name":"Claude Haiku 4.5","created_at":"2025-10-01T00:00:00Z"}],"has_more":false,)"
         R"("first_id":"claude-sonnet-5-5","last_id":"claude-haiku-4-5-20251001"})";
}

// The first tool that is wrong; the cursor stands before the body.
std::optional<Problem> check_tool_shapes(json::Cursor body, const bj::object& read) {
  const bj::array* tools = array_in(read, "tools");
  if (!tools || !body.enter_object()) return std::nullopt;
  while (auto key = body.next_key()) {
    if (*key != "tools" || !body.enter_array()) {
      body.skip();
      continue;
    }
    for (std::size_t i = 0; body.next_element() && i < tools->size(); ++i) {
      const bj::object* tool = (*tools)[i].if_object();
      std::string path = fmt::format("tools[{}]", i);
      std::string type(tool ? text_in(*tool, "type") : "");
      const Shape* shape = anthropic::tool_shape(type.empty() ? "custom" : type);
      if (!shape) {
        return anthropic::wrong(fmt::format("tools.{}", i),
                                "Input tag '" + type +
                                    "' found using 'type' does not match any of the expected tags: " +
                                    std::string(anthropic::tool_types()));
      }
      auto problem = sim::check(body, *shape);
      if (!problem) continue;
      problem->path = path + (problem->path.empty() ? "" : ".") + problem->path;
      return anthropic::respelled(*problem, read);
    }
    return std::nullopt;
  }
  return std::nullopt;
}

// The Messages API on one of its hosts.
class Anthropic final : public Api {
 public:
  explicit Anthropic(Host host) : host_(host) {}

  Place place_of(const http::RequestHead& head) const override {
    if (host_ == Host::kVertex) return anthropic::vertex_place(head);
    return host_ == Host::kBedrock ? anthropic::bedrock_place(head) : anthropic::own_place(head);
  }

  std::string key_of(const http::RequestHead& head, const Place&) const override {
    std::string key;
    if (host_ == Host::kOwn) key = head.headers.get("x-api-key").value_or("");
    if (host_ == Host::kBedrock) key = anthropic::signing_key(head);
    return key.empty() ? bearer_of(head) : key;
  }

  std::optional<Answer> unserved(const http::RequestHead& request, const Place& place) const override {
    std::string_view method = place.endpoint == Endpoint::kModels ? "GET" : "POST";
    if (request.method != method) {
      auto answer = refuse(405, nullptr);
      answer.head.headers.add("allow", method);
      return answer;
    }
    if (host_ == Host::kBedrock) {
      auto why = anthropic::bad_signature(request);
      if (!why) return std::nullopt;
      auto problem = anthropic::wrong("", *why);
      auto answer = refuse(403, &problem);
      answer.head.headers.set("x-amzn-errortype", "IncompleteSignatureException");
      return answer;
    }
    if (host_ != Host::kOwn) return std::nullopt;
    return wrong_version(request, place);
  }

  bool takes_json(const Place& place) const override { return anthropic::request_shape(place.endpoint) != nullptr; }

  void read(std::string_view body, json::Cursor& cursor, Ask& ask) const override {
    cursor.skip();
    anthropic::read_ask(body, ask);
  }

  std::optional<Problem> check(json::Cursor body, const Ask& ask) const override {
    if (ask.disorder) return ask.disorder;
    json::Cursor again = body;
    if (auto problem = sim::check(body, *anthropic::request_shape(ask.place.endpoint))) {
      return anthropic::respelled(*problem, *ask.body);
    }
    if (auto problem = check_tool_shapes(again, *ask.body)) return problem;
    return anthropic::broken_rule(anthropic::asked_of(ask));
  }

  Answer answer(const Ask& ask, const Script& script, const Signature& signature, Stored&) const override {
    Answer answer;
    if (ask.place.endpoint == Endpoint::kModels) {
      answer = whole({models_body()});
    } else if (ask.place.endpoint == Endpoint::kCountTokens) {
      answer = whole({anthropic::count_of(ask)});
    } else {
      answer = said(ask, script, signature);
    }
    answer.head.headers.add(host_ == Host::kBedrock ? "x-amzn-requestid" : "request-id", "req_" + signature.id);
    return answer;
  }

  Answer refuse(int status, const Problem* problem) const override {
    return anthropic::refusal(host_, status, problem);
  }

  std::string error_event(const Script& script) const override { return anthropic::error_event(host_, script); }

 private:
  std::optional<Answer> wrong_version(const http::RequestHead& request, const Place& place) const {
    if (place.version == anthropic::kFirstVersion || place.version == anthropic::kSecondVersion) return std::nullopt;
    std::string why = "\"" + printable(place.version) + "\" is not a valid version";
    if (!request.headers.has("anthropic-version")) why = "header is required";
    auto problem = anthropic::wrong("anthropic-version", why);
    return refuse(400, &problem);
  }

  Answer said(const Ask& ask, const Script& script, const Signature& signature) const {
    auto message = anthropic::message_of(ask, script, signature);
    Answer answer = whole({anthropic::body_of(message)});
    answer.usage = message.usage;
    auto& headers = answer.head.headers;
    if (!ask.stream && host_ == Host::kBedrock) {
      headers.add("x-amzn-bedrock-input-token-count", std::to_string(message.prompt_tokens));
      headers.add("x-amzn-bedrock-output-token-count", std::to_string(message.output_tokens));
      headers.add("x-amzn-bedrock-invocation-latency", "1");
    }
    if (!ask.stream) return answer;
    if (signature.recorded) answer.told = answer.body;
    answer.body.clear();
    send_as_events(answer, anthropic::stream_of(message, host_, !script.no_done));
    if (host_ == Host::kBedrock) {
      headers.set("content-type", "application/vnd.amazon.eventstream");
      headers.set("x-amzn-bedrock-content-type", "application/json");
      headers.remove("cache-control");
    }
    return answer;
  }

  Host host_;
};

}  // namespace

const Api& anthropic_api() {
  static const Anthropic api(Host::kOwn);
  return api;
}

const Api& anthropic_vertex_api() {
  static const Anthropic api(Host::kVertex);
  return api;
}

const Api& anthropic_bedrock_api() {
  static const Anthropic api(Host::kBedrock);
  return api;
}

}  // namespace sluice::sim
