#include "dialect/cohere/cohere.h"

#include <array>

#include "dialect/cohere/answer.h"
#include "dialect/cohere/embed.h"
#include "dialect/cohere/error.h"
#include "dialect/cohere/fields.h"
#include "dialect/cohere/rerank.h"
#include "dialect/cohere/write.h"

namespace sluice::dialect::cohere {

namespace {

class CohereServer final : public Server {
 public:
  std::string_view name() const override { return kName; }
  std::span<const Endpoint> endpoints() const override {
    static constexpr std::array<Endpoint, 1> kEndpoints{{{.dialect = kName,
                                                          .code = 0,
                                                          .operation = Operation::kRerank,
                                                          .name = "rerank",
                                                          .method = "POST",
                                                          .path = "/rerank",
                                                          .form = BodyForm::kJson,
                                                          .streaming = Streaming::kNever}}};
    return kEndpoints;
  }
  std::span<const std::string_view> versions() const override {
    static constexpr std::array<std::string_view, 3> kVersions{"/v1", "/v2", ""};
    return kVersions;
  }
  std::string_view sdk_base() const override { return "/cohere"; }
  FieldTable fields(Operation operation) const override {
    return operation == Operation::kRerank ? fields_of(operation) : FieldTable();
  }

  Result<chat::RerankRequest> read_rerank(const Endpoint&, std::string_view body, json::Reader& reader) const override {
    return cohere::read_rerank(body, reader);
  }
  std::string write_ranking(const Endpoint&, const chat::Ranking& ranking, const chat::RerankRequest& request,
                            const chat::Learned&) const override {
    return cohere::write_ranking(ranking, request);
  }
  ErrorAnswer write_error(const Fault& fault, int status) const override { return cohere::write_error(fault, status); }
  // No endpoint streams.
  std::string write_stream_error(const Endpoint&, const Fault&, const chat::Learned&) const override { return {}; }
};

class CohereClient final : public Client {
 public:
  std::string_view name() const override { return kName; }
  std::string_view version() const override { return "/v2"; }
  bool offers(Operation operation) const override {
    return operation == Operation::kChat || operation == Operation::kEmbed || operation == Operation::kRerank;
  }
  std::string path(const Target& target) const override {
    if (target.operation == Operation::kEmbed) return "/embed";
    return target.operation == Operation::kRerank ? "/rerank" : "/chat";
  }
  FieldTable fields(Operation operation) const override { return fields_of(operation); }

  Result<Outgoing> write_chat(chat::Request& request, const Target& target) const override {
    return cohere::write_chat(request, target);
  }
  Result<Outgoing> write_embed(const chat::EmbedRequest& request, const Target& target) const override {
    return cohere::write_embed(request, target);
  }
  Result<Outgoing> write_rerank(const chat::RerankRequest& request, const Target& target) const override {
    return cohere::write_rerank(request, target);
  }

  std::unique_ptr<AnswerReader> read_answer(Operation, const Endpoint*, const ReadOptions& options,
                                            chat::Learned& learned, json::Reader& reader) const override {
    return std::make_unique<Answer>(options, learned, reader);
  }
  Result<chat::Embeddings> read_embeddings(std::string_view body, json::Reader& reader) const override {
    return cohere::read_embeddings(body, reader);
  }
  Result<chat::Ranking> read_ranking(std::string_view body, json::Reader& reader) const override {
    return cohere::read_ranking(body, reader);
  }
  Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now) const override {
    return cohere::read_error(status, headers, body, now);
  }
};

constexpr CohereServer kServer;
constexpr CohereClient kClient;

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

}  // namespace sluice::dialect::cohere
