#include "dialect/openai/openai.h"

#include <array>

#include "base/text.h"
#include "dialect/openai/answer.h"
#include "dialect/openai/chat_reader.h"
#include "dialect/openai/compose.h"
#include "dialect/openai/embed.h"
#include "dialect/openai/endpoint.h"
#include "dialect/openai/error.h"
#include "dialect/openai/fields.h"
#include "dialect/openai/respell.h"
#include "dialect/openai/writer.h"

namespace sluice::dialect::openai {

namespace {

constexpr std::string_view kName = "openai";

class OpenAiServer final : public Server {
 public:
  std::string_view name() const override { return kName; }
  std::span<const Endpoint> endpoints() const override { return openai::endpoints(); }
  std::span<const std::string_view> versions() const override {
    static constexpr std::array<std::string_view, 2> kVersions{"/v1", ""};
    return kVersions;
  }
  std::string_view sdk_base() const override { return "/openai"; }
  std::span<const std::string_view> request_fields() const override {
    static constexpr std::array<std::string_view, 1> kFields{"openai-beta"};
    return kFields;
  }
  FieldTable fields(Operation operation) const override { return fields_of(operation); }

  Result<chat::Request> read_chat(const Endpoint&, std::string_view body, json::Reader& reader) const override {
    return openai::read_chat(body, reader);
  }
  Result<chat::EmbedRequest> read_embed(const Endpoint&, std::string_view body, json::Reader& reader) const override {
    return openai::read_embed(body, reader);
  }
  std::unique_ptr<AnswerWriter> write_answer(const WriteOptions& options) const override {
    return make_writer(options);
  }
  std::string write_embeddings(const Endpoint&, const chat::Embeddings& embeddings, const chat::EmbedRequest& request,
                               const chat::Learned& learned) const override {
    return openai::write_embeddings(embeddings, request, learned);
  }

  std::string write_models(std::span<const ModelEntry> models) const override {
    std::string out = R"({"object":"list","data":[)";
    for (const ModelEntry& model : models) {
      if (out.back() == '}') out += ',';
      out += write_model(model);
    }
    return out += "]}";
  }
  std::string write_model(const ModelEntry& model) const override {
    std::string out = R"({"id":)";
    append_json_string(out, model.name);
    return out += R"(,"object":"model","created":0,"owned_by":"sluice"})";
  }

  ErrorAnswer write_error(const Fault& fault, int status) const override {
    return {.status = status, .body = openai::write_error(fault), .headers = {}};
  }
  std::string write_stream_error(const Endpoint&, const Fault& fault, const chat::Learned&) const override {
    return openai::write_stream_error(fault);
  }
};

class OpenAiClient final : public Client {
 public:
  std::string_view name() const override { return kName; }
  bool offers(Operation operation) const override {
    return operation == Operation::kChat || operation == Operation::kEmbed;
  }
  std::string path(const Target& target) const override {
    return target.operation == Operation::kEmbed ? "/embeddings" : "/chat/completions";
  }
  FieldTable fields(Operation operation) const override { return fields_of(operation); }

  std::span<const std::string_view> tiers() const override {
    static constexpr std::array<std::string_view, 5> kTiers{"flex", "scale", "priority", "fast", "ultrafast"};
    return kTiers;
  }
  Result<Outgoing> write_chat(chat::Request& request, const Target& target) const override {
    return compose(request, target);
  }
  // Images it fetches itself; files must be sent, but to Mistral.
  bool takes_url(const chat::Part& medium, const Target& target) const override {
    return medium.kind != chat::PartKind::kDocument || !target.quirks.unknown_fields;
  }
  Result<Outgoing> write_embed(const chat::EmbedRequest& request, const Target& target) const override {
    return openai::write_embed(request, target);
  }
  Result<chat::Embeddings> read_embeddings(std::string_view body, json::Reader& reader) const override {
    return openai::read_embeddings(body, reader);
  }

  static Quirks quirks_for(const Endpoint& endpoint, const Quirks& quirks) {
    const auto kind = static_cast<Kind>(endpoint.code);
    if (kind == Kind::kChat) return quirks;
    return kind == Kind::kCompletions || kind == Kind::kEmbeddings ? of_any_request(quirks) : Quirks();
  }
  bool respells(const Endpoint& endpoint, const Quirks& quirks) const override {
    return needs_respelling(quirks_for(endpoint, quirks));
  }
  Respelled respelled(const Endpoint& endpoint, const Asked& asked, std::string_view body, Changes changes,
                      const Quirks& quirks, json::Reader& reader) const override {
    return respell(body, asked, std::move(changes), quirks_for(endpoint, quirks), reader);
  }

  std::unique_ptr<AnswerReader> read_answer(Operation operation, const Endpoint* endpoint, const ReadOptions& options,
                                            chat::Learned& learned, json::Reader& reader) const override {
    auto kind = operation == Operation::kEmbed ? Kind::kEmbeddings : Kind::kChat;
    if (endpoint) kind = static_cast<Kind>(endpoint->code);
    return std::make_unique<Answer>(kind, options, learned, reader);
  }
  Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now) const override {
    return openai::read_error(status, headers, body, now);
  }
};

constexpr OpenAiServer kServer;
constexpr OpenAiClient kClient;

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

}  // namespace sluice::dialect::openai
