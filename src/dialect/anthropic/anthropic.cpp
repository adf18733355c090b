#include "dialect/anthropic/anthropic.h"

#include <array>

#include "base/digest.h"
#include "base/text.h"
#include "dialect/anthropic/answer.h"
#include "dialect/anthropic/endpoint.h"
#include "dialect/anthropic/error.h"
#include "dialect/anthropic/fields.h"
#include "dialect/anthropic/native.h"
#include "dialect/anthropic/request.h"
#include "dialect/anthropic/write.h"
#include "dialect/anthropic/writer.h"
#include "dialect/faults.h"
#include "json/reader.h"
#include "json/writer.h"

namespace sluice::dialect::anthropic {

namespace {

bool is_offered(Operation operation) {
  return operation == Operation::kChat || operation == Operation::kCountTokens;
}

class AnthropicServer final : public Server {
 public:
  std::string_view name() const override { return kName; }
  std::span<const Endpoint> endpoints() const override { return anthropic::endpoints(); }
  std::span<const std::string_view> versions() const override {
    static constexpr std::array<std::string_view, 1> kVersions{"/v1"};
    return kVersions;
  }
  std::string_view sdk_base() const override { return "/anthropic"; }
  std::string_view request_id_field() const override { return "request-id"; }
  LimitSpelling limit_spelling() const override { return LimitSpelling::kAnthropic; }
  std::span<const std::string_view> request_fields() const override {
    static constexpr std::array<std::string_view, 4> kFields{"anthropic-version", "anthropic-beta",
                                                             "anthropic-user-profile-id", "anthropic-workspace-id"};
    return kFields;
  }
  FieldTable fields(Operation operation) const override {
    return is_offered(operation) ? anthropic::fields() : FieldTable();
  }

  Result<chat::Request> read_chat(const Endpoint& endpoint, std::string_view body,
                                  json::Reader& reader) const override {
    return anthropic::read_chat(static_cast<Kind>(endpoint.code), body, reader);
  }
  std::unique_ptr<AnswerWriter> write_answer(const WriteOptions& options) const override {
    return make_writer(options);
  }
  std::string_view keep_alive(const Endpoint&) const override { return "event: ping\ndata: {\"type\": \"ping\"}\n\n"; }
  std::string write_count(std::uint64_t tokens) const override {
    return R"({"input_tokens":)" + std::to_string(tokens) + "}";
  }

  std::string write_models(std::span<const ModelEntry> models) const override {
    std::string out;
    json::Writer json(out);
    json.begin_object().key("data").begin_array();
    for (const ModelEntry& model : models) json.raw(write_model(model));
    json.end_array().key("has_more").boolean(false);
    for (const bool first : {true, false}) {
      json.key(first ? "first_id" : "last_id");
      if (models.empty()) {
        json.null();
      } else {
        json.text(first ? models.front().name : models.back().name);
      }
    }
    json.end_object();
    return out;
  }
  std::string write_model(const ModelEntry& model) const override {
    std::string out;
    json::Writer json(out);
    json.begin_object().key("type").text(std::string_view("model")).key("id").text(model.name);
    json.key("display_name").text(model.name).key("created_at").text(std::string_view("1970-01-01T00:00:00Z"));
    json.end_object();
    return out;
  }

  ErrorAnswer write_error(const Fault& fault, int status) const override {
    return anthropic::write_error(fault, status);
  }
  std::string write_stream_error(const Endpoint&, const Fault& fault, const chat::Learned&) const override {
    return write_error_event(fault);
  }
};

class AnthropicClient final : public Client {
 public:
  constexpr explicit AnthropicClient(Host host) : host_(host) {}

  std::string_view name() const override {
    switch (host_) {
      case Host::kVertex:
        return "anthropic-vertex";
      case Host::kBedrock:
        return "anthropic-bedrock";
      case Host::kAnthropic:
        break;
    }
    return kName;
  }
  // The other hosts' base URLs hold what there is of a version.
  std::string_view version() const override { return host_ == Host::kAnthropic ? "/v1" : ""; }
  bool offers(Operation operation) const override { return is_offered(operation); }
  FieldTable fields(Operation operation) const override {
    return is_offered(operation) ? anthropic::fields() : FieldTable();
  }
  std::string path(const Target& target) const override {
    return path_of(host_, target.operation, target.model, target.stream);
  }
  std::string_view stream_type() const override {
    return host_ == Host::kBedrock ? "application/vnd.amazon.eventstream" : "text/event-stream";
  }

  Result<Outgoing> write_chat(chat::Request& request, const Target& target) const override {
    auto out = anthropic::write_chat(request, target, host_);
    if (out && host_ == Host::kBedrock && target.operation == Operation::kCountTokens) {
      out->body = R"({"input":{"invokeModel":{"body":")" + base64(out->body) + R"("}}})";
    }
    return out;
  }
  // The other hosts answer "URL sources are not supported".
  bool takes_url(const chat::Part& medium, const Target&) const override {
    return host_ == Host::kAnthropic && medium.media.data.raw.starts_with("https:");
  }

  bool passes(const Endpoint& endpoint) const override {
    return endpoint.dialect == kName && offers(endpoint.operation);
  }
  // Bedrock counts in its own words.
  bool answers_as(const Endpoint& endpoint) const override {
    return host_ != Host::kBedrock || endpoint.operation != Operation::kCountTokens;
  }
  // Vertex AI and Bedrock have other vendors' models too.
  bool knows(std::string_view model) const override {
    return host_ == Host::kAnthropic || model.find("claude") != std::string_view::npos;
  }
  std::string native_path(const Endpoint& endpoint, const PathMatch&, const Target& target) const override {
    return path_of(host_, endpoint.operation, target.model, target.stream);
  }
  OutgoingBody write_native(const Endpoint& endpoint, const Asked& asked, std::string_view body, const Changes& changes,
                            http::Headers& headers) const override {
    if (host_ == Host::kAnthropic && !is_hosted(endpoint)) return write_asked(asked, body, changes);
    return anthropic::write_native(host_, static_cast<Kind>(endpoint.code), body, changes, headers);
  }

  bool respells(const Endpoint&, const Quirks& quirks) const override {
    return host_ != Host::kAnthropic && !quirks.unknown_fields;
  }
  Respelled respelled(const Endpoint&, const Asked&, std::string_view body, Changes changes, const Quirks&,
                      json::Reader& reader) const override {
    return without_unknown(body, std::move(changes), reader);
  }

  std::unique_ptr<AnswerReader> read_answer(Operation, const Endpoint*, const ReadOptions& options,
                                            chat::Learned& learned, json::Reader& reader) const override {
    return make_reader(host_, options, learned, reader);
  }
  Result<std::uint64_t> read_count(std::string_view body, json::Reader& reader) const override {
    auto cursor = reader.scan(body);
    if (!cursor) return not_json("The answer", cursor.error());
    const std::string_view member = host_ == Host::kBedrock ? "inputTokens" : "input_tokens";
    std::optional<std::uint64_t> count;
    json::each_member(*cursor, [&](std::string_view key) {
      if (key == member) count = to_number<std::uint64_t>(cursor->skip());
    });
    if (!cursor->finish()) return not_json("The answer", *cursor->broken());
    if (!count) return protocol_fault("The answer to a count of tokens holds no " + std::string(member));
    return *count;
  }
  Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now) const override {
    return anthropic::read_error(status, headers, body, now);
  }

 private:
  Host host_;
};

constexpr AnthropicServer kServer;
constexpr AnthropicClient kClient(Host::kAnthropic);
constexpr AnthropicClient kVertexClient(Host::kVertex);
constexpr AnthropicClient kBedrockClient(Host::kBedrock);

constexpr std::array<const Client*, 3> kClients{&kClient, &kVertexClient, &kBedrockClient};
constexpr Dialect kDialect{.server = &kServer, .clients = kClients};

}  // namespace

const Server& server() {
  return kServer;
}

const Client& client() {
  return kClient;
}

const Client& vertex_client() {
  return kVertexClient;
}

const Client& bedrock_client() {
  return kBedrockClient;
}

const Dialect& dialect() {
  return kDialect;
}

}  // namespace sluice::dialect::anthropic
