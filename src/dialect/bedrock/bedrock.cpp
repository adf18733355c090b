#include "dialect/bedrock/bedrock.h"

#include <array>

#include "base/text.h"
#include "dialect/bedrock/answer.h"
#include "dialect/bedrock/endpoint.h"
#include "dialect/bedrock/error.h"
#include "dialect/bedrock/fields.h"
#include "dialect/bedrock/invoke.h"
#include "dialect/bedrock/request.h"
#include "dialect/bedrock/write.h"
#include "dialect/bedrock/writer.h"
#include "dialect/demand.h"
#include "dialect/faults.h"
#include "http/event_stream.h"
#include "json/reader.h"

namespace sluice::dialect::bedrock {

namespace {

constexpr std::string_view kStreamType = "application/vnd.amazon.eventstream";

// InvokeModel, whose bodies are the models' own, has its terms in fields: of requests and of answers.
constexpr std::string_view kTierField = "x-amzn-bedrock-service-tier";
constexpr std::string_view kLatencyField = "x-amzn-bedrock-performanceconfig-latency";

// The API has no event that says nothing. New kinds of events are added to it, so its SDKs step over those they do not
// know, or hand them out as such.
std::string keep_alive_frame() {
  const std::array<http::EventStreamHeader, 3> headers{{
      {.name = ":event-type", .value = "keepAlive"},
      {.name = ":content-type", .value = "application/json"},
      {.name = ":message-type", .value = "event"},
  }};
  std::string frame;
  http::append_frame(frame, headers, "{}");
  return frame;
}

FieldTable fields_of(Operation operation) {
  return operation == Operation::kChat || operation == Operation::kCountTokens ? chat_fields() : FieldTable();
}

class BedrockServer final : public Server {
 public:
  std::string_view name() const override { return kName; }
  std::span<const Endpoint> endpoints() const override { return bedrock::endpoints(); }
  std::span<const std::string_view> versions() const override {
    static constexpr std::array<std::string_view, 1> kVersions{""};
    return kVersions;
  }
  std::string_view sdk_base() const override { return "/bedrock"; }
  std::string_view request_id_field() const override { return "x-amzn-requestid"; }
  std::span<const std::string_view> request_fields() const override {
    static constexpr std::array<std::string_view, 6> kFields{
        "x-amzn-bedrock-trace",
        "x-amzn-bedrock-guardrailidentifier",
        "x-amzn-bedrock-guardrailversion",
        kLatencyField,
        kTierField,
        "x-amzn-bedrock-accept",
    };
    return kFields;
  }
  void read_terms(const http::Headers& headers, AskedTerms& terms) const override {
    for (const auto& [name, value] : headers) {
      if (iequals(name, kTierField)) terms.tiers.push_back(lower(value));
      if (iequals(name, kLatencyField)) terms.speeds.push_back(lower(value));
    }
  }
  FieldTable fields(Operation operation) const override { return fields_of(operation); }

  Result<chat::Request> read_chat(const Endpoint& endpoint, std::string_view body,
                                  json::Reader& reader) const override {
    if (is_invoke(kind_of(endpoint))) return read_invoked(body, reader);
    return bedrock::read_chat(kind_of(endpoint), body, reader);
  }
  std::unique_ptr<AnswerWriter> write_answer(const WriteOptions& options) const override {
    return is_invoke(kind_of(*options.endpoint)) ? make_invoke_writer(options) : make_writer(options);
  }
  std::string_view stream_type(const Endpoint&) const override { return kStreamType; }
  std::string_view keep_alive(const Endpoint&) const override {
    static const std::string kFrame = keep_alive_frame();
    return kFrame;
  }
  std::string write_count(std::uint64_t tokens) const override {
    return R"({"inputTokens":)" + std::to_string(tokens) + "}";
  }
  ErrorAnswer write_error(const Fault& fault, int status) const override { return bedrock::write_error(fault, status); }
  std::string write_stream_error(const Endpoint&, const Fault& fault, const chat::Learned&) const override {
    return write_error_frame(fault);
  }
};

class BedrockClient final : public Client {
 public:
  std::string_view name() const override { return kName; }
  bool offers(Operation operation) const override {
    return operation == Operation::kChat || operation == Operation::kCountTokens;
  }
  std::string path(const Target& target) const override {
    const bool counts = target.operation == Operation::kCountTokens;
    const Kind kind = counts ? Kind::kCountTokens : target.stream ? Kind::kConverseStream : Kind::kConverse;
    return fill_path(bedrock::endpoints()[static_cast<std::size_t>(kind)].path, target.model, {});
  }
  FieldTable fields(Operation operation) const override { return fields_of(operation); }

  std::span<const std::string_view> tiers() const override {
    static constexpr std::array<std::string_view, 4> kTiers{"flex", "priority", "fast", "reserved"};
    return kTiers;
  }
  Result<Outgoing> write_chat(chat::Request& request, const Target& target) const override {
    return bedrock::write_chat(request, target);
  }
  bool takes_url(const chat::Part& medium, const Target&) const override { return is_s3(medium.media); }
  bool answers_as(const Endpoint& endpoint) const override {
    return endpoint.dialect == kName && !is_invoke(kind_of(endpoint));
  }
  // The model is in the path: the body stays as it came.
  OutgoingBody write_native(const Endpoint&, const Asked&, std::string_view body, const Changes&,
                            http::Headers&) const override {
    OutgoingBody out;
    out.pieces.push_back(body);
    return out;
  }

  std::unique_ptr<AnswerReader> read_answer(Operation, const Endpoint* endpoint, const ReadOptions& options,
                                            chat::Learned& learned, json::Reader& reader) const override {
    const bool own = endpoint != nullptr && endpoint->dialect == kName;
    return make_reader(own ? kind_of(*endpoint) : Kind::kConverse, options, learned, reader);
  }
  void read_head(const http::Headers& headers, chat::Learned& learned) const override {
    if (const auto tier = headers.get(kTierField)) learned.service_tier = lower(printable(*tier, 40));
    if (const auto latency = headers.get(kLatencyField)) learned.speed = lower(printable(*latency, 40));
  }
  std::string_view stream_type() const override { return kStreamType; }
  Result<std::uint64_t> read_count(std::string_view body, json::Reader& reader) const override {
    auto cursor = reader.scan(body);
    if (!cursor) return not_json("The answer", cursor.error());
    Reading reading(*cursor);
    std::optional<std::uint64_t> total;
    json::each_member(*cursor, [&](std::string_view key) {
      if (key == "inputTokens") total = reading.count(key);
    });
    if (!cursor->finish()) return not_json("The answer", *cursor->broken());
    if (!total) return protocol_fault("The answer to count-tokens holds no inputTokens");
    return *total;
  }
  Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now) const override {
    return bedrock::read_error(status, headers, body, now);
  }
};

constexpr BedrockServer kServer;
constexpr BedrockClient kClient;

constexpr std::array<const Client*, 1> kClients{&kClient};
constexpr Dialect kDialect{.server = &kServer, .clients = kClients};

}  // namespace

const Server& server() {
  return kServer;
}

const Client& client() {
  return kClient;
}

const Dialect& dialect() {
  return kDialect;
}

}  // namespace sluice::dialect::bedrock
