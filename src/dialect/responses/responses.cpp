#include "dialect/responses/responses.h"

#include <array>

#include "base/text.h"
#include "dialect/faults.h"
#include "dialect/openai/error.h"
#include "dialect/responses/answer.h"
#include "dialect/responses/compose.h"
#include "dialect/responses/endpoint.h"
#include "dialect/responses/fields.h"
#include "dialect/responses/members.h"
#include "dialect/responses/owned_id.h"
#include "dialect/responses/request.h"
#include "dialect/responses/writer.h"
#include "json/reader.h"

namespace sluice::dialect::responses {

namespace {

constexpr std::string_view kName = "responses";

class ResponsesServer final : public Server {
 public:
  std::string_view name() const override { return kName; }
  std::span<const Endpoint> endpoints() const override { return responses::endpoints(); }
  std::span<const std::string_view> versions() const override {
    static constexpr std::array<std::string_view, 2> kVersions{"/v1", ""};
    return kVersions;
  }
  std::string_view sdk_base() const override { return "/openai"; }
  std::span<const std::string_view> request_fields() const override {
    static constexpr std::array<std::string_view, 1> kFields{"openai-beta"};
    return kFields;
  }
  bool is_made_id(std::string_view id) const override { return responses::is_made_id(id); }
  bool shares_errors_of(std::string_view client) const override { return client == "openai"; }
  FieldTable fields(Operation operation) const override {
    return operation == Operation::kChat || operation == Operation::kCountTokens ? responses::fields() : FieldTable();
  }

  Result<chat::Request> read_chat(const Endpoint&, std::string_view body, json::Reader& reader) const override {
    return read_request(body, reader);
  }
  std::unique_ptr<AnswerWriter> write_answer(const WriteOptions& options) const override {
    return std::make_unique<Writer>(options);
  }
  std::string write_count(std::uint64_t tokens) const override {
    return R"({"object":"response.input_tokens","input_tokens":)" + std::to_string(tokens) + "}";
  }

  ErrorAnswer write_error(const Fault& fault, int status) const override {
    return {.status = status, .body = openai::write_error(fault), .headers = {}};
  }
  std::string write_stream_error(const Endpoint&, const Fault& fault, const chat::Learned& learned) const override {
    return responses::write_stream_error(fault, learned);
  }
};

class ResponsesClient final : public Client {
 public:
  std::string_view name() const override { return kName; }
  bool offers(Operation operation) const override {
    return operation == Operation::kChat || operation == Operation::kCountTokens;
  }
  std::string path(const Target& target) const override {
    return target.operation == Operation::kCountTokens ? "/responses/input_tokens" : "/responses";
  }
  std::string_view version() const override { return "/v1"; }
  FieldTable fields(Operation operation) const override {
    return offers(operation) ? responses::fields() : FieldTable();
  }

  std::uint64_t least_output() const override { return kLeastTokens; }
  std::span<const std::string_view> tiers() const override {
    static constexpr std::array<std::string_view, 5> kTiers{"flex", "scale", "priority", "fast", "ultrafast"};
    return kTiers;
  }
  Result<Outgoing> write_chat(chat::Request& request, const Target& target) const override {
    return compose(request, target);
  }

  std::unique_ptr<AnswerReader> read_answer(Operation, const Endpoint* endpoint, const ReadOptions& options,
                                            chat::Learned& learned, json::Reader& reader) const override {
    // A response that is asked for again may have failed: then that is the answer.
    const bool asks = endpoint == nullptr || endpoint->code == static_cast<std::uint8_t>(Kind::kResponses);
    return std::make_unique<Answer>(asks ? Failures::kAreFaults : Failures::kArePassedOn, options, learned, reader);
  }
  Result<std::uint64_t> read_count(std::string_view body, json::Reader& reader) const override {
    const auto count = to_number<std::uint64_t>(Members(body, reader).value("input_tokens"));
    if (!count) return protocol_fault("The answer has no count of tokens");
    return *count;
  }
  Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now) const override {
    Fault fault = openai::read_error(status, headers, body, now);
    if (fault.code == "previous_response_not_found") fault.meaning = Meaning::kNotFound;
    return fault;
  }
};

constexpr ResponsesServer kServer;
constexpr ResponsesClient kClient;

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

}  // namespace sluice::dialect::responses
