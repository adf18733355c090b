#include "dialect/gemini/gemini.h"

#include <array>

#include "base/text.h"
#include "dialect/faults.h"
#include "dialect/gemini/answer.h"
#include "dialect/gemini/embed.h"
#include "dialect/gemini/endpoint.h"
#include "dialect/gemini/error.h"
#include "dialect/gemini/native.h"
#include "dialect/gemini/request.h"
#include "dialect/gemini/usage.h"
#include "dialect/gemini/write.h"
#include "dialect/gemini/writer.h"
#include "json/reader.h"

namespace sluice::dialect::gemini {

namespace {

class GeminiServer final : public Server {
 public:
  std::string_view name() const override { return kName; }
  std::span<const Endpoint> endpoints() const override { return gemini::endpoints(); }
  std::span<const std::string_view> versions() const override {
    static constexpr std::array<std::string_view, 4> kVersions{"/v1beta", "/v1", "/v1alpha", "/v1beta1"};
    return kVersions;
  }
  std::string_view sdk_base() const override { return "/genai"; }
  FieldTable fields(Operation operation) const override { return fields_of(operation); }

  Result<chat::Request> read_chat(const Endpoint&, std::string_view body, json::Reader& reader) const override {
    return gemini::read_chat(body, reader);
  }
  Result<chat::EmbedRequest> read_embed(const Endpoint& endpoint, std::string_view body,
                                        json::Reader& reader) const override {
    return gemini::read_embed(kind_of(endpoint), body, reader);
  }

  std::unique_ptr<AnswerWriter> write_answer(const WriteOptions& options) const override {
    return make_writer(options);
  }
  std::string_view stream_type(const Endpoint& endpoint) const override {
    return is_array(endpoint) ? "application/json; charset=UTF-8" : "text/event-stream; charset=utf-8";
  }
  std::string_view keep_alive(const Endpoint&) const override { return "\n"; }
  // Google's SDK for Python takes a comment for the beginning of an error.
  bool takes_comments(const Endpoint&) const override { return false; }
  std::string write_count(std::uint64_t tokens) const override {
    return R"({"totalTokens":)" + std::to_string(tokens) + "}";
  }
  std::string write_embeddings(const Endpoint& endpoint, const chat::Embeddings& embeddings, const chat::EmbedRequest&,
                               const chat::Learned&) const override {
    return gemini::write_embeddings(kind_of(endpoint), embeddings);
  }
  std::span<const std::string_view> telling_fields() const override {
    static constexpr std::array<std::string_view, 2> kFields{"x-goog-api-key", "x-goog-api-client"};
    return kFields;
  }
  std::string write_models(std::span<const ModelEntry> models) const override {
    std::string out = R"({"models":[)";
    for (const ModelEntry& model : models) {
      if (out.back() == '}') out += ',';
      out += write_model(model);
    }
    return out += "]}";
  }
  std::string write_model(const ModelEntry& model) const override {
    std::string out = R"({"name":)";
    append_json_string(out, "models/" + std::string(model.name));
    out += R"(,"version":"","displayName":)";
    append_json_string(out, model.name);
    return out += R"(,"supportedGenerationMethods":["generateContent","countTokens","embedContent"]})";
  }

  ErrorAnswer write_error(const Fault& fault, int status) const override { return gemini::write_error(fault, status); }
  std::string write_stream_error(const Endpoint& endpoint, const Fault& fault,
                                 const chat::Learned& learned) const override {
    // Whether an element went before it, is seen from what the provider has told: each one names the answer.
    const bool first = learned.id.empty() && learned.model.empty();
    return framed_error(is_array(endpoint) ? Framing::kArray : Framing::kSse, fault, first);
  }

 private:
  static bool is_array(const Endpoint& endpoint) { return kind_of(endpoint) == Kind::kStreamArray; }
};

class GeminiClient final : public Client {
 public:
  constexpr explicit GeminiClient(Platform platform) : platform_(platform) {}

  std::string_view name() const override { return platform_ == Platform::kVertex ? "gemini-vertex" : kName; }
  // Vertex AI's base URL holds version, project and location.
  std::string_view version() const override { return platform_ == Platform::kVertex ? "" : "/v1beta"; }
  bool offers(Operation operation) const override {
    return operation == Operation::kChat || operation == Operation::kCountTokens || operation == Operation::kEmbed;
  }
  FieldTable fields(Operation operation) const override { return fields_of(operation); }

  std::string path(const Target& target) const override {
    std::string path = path_of(target.model) + ":";
    switch (target.operation) {
      case Operation::kCountTokens:
        return path += method_of(Kind::kCountTokens);
      case Operation::kEmbed:
        return path += platform_ == Platform::kVertex ? "predict" : method_of(Kind::kBatchEmbed);
      case Operation::kChat:
      case Operation::kRerank:
      case Operation::kNative:
        break;
    }
    path += method_of(target.stream ? Kind::kStream : Kind::kGenerate);
    return target.stream ? path += "?alt=sse" : path;
  }

  std::span<const std::string_view> tiers() const override {
    static constexpr std::array<std::string_view, 3> kTiers{"flex", "priority", "fast"};
    return kTiers;
  }
  Result<Outgoing> write_chat(chat::Request& request, const Target& target) const override {
    return gemini::write_chat(request, target, platform_);
  }
  bool takes_url(const chat::Part& medium, const Target& target) const override {
    return gemini::takes_url(medium.media, target.model, platform_);
  }
  Result<Outgoing> write_embed(const chat::EmbedRequest& request, const Target& target) const override {
    return gemini::write_embed(request, target, platform_);
  }

  // Vertex AI has no batches of embeddings in this form: they are translated.
  bool passes(const Endpoint& endpoint) const override {
    const bool batch = kind_of(endpoint) == Kind::kBatchEmbed;
    return endpoint.dialect == gemini::kName && !(batch && platform_ == Platform::kVertex);
  }
  bool answers_as(const Endpoint& endpoint) const override { return kind_of(endpoint) != Kind::kStreamArray; }
  bool knows(std::string_view model) const override {
    return platform_ != Platform::kVertex || model.find("claude") == std::string_view::npos;
  }
  std::string native_path(const Endpoint& endpoint, const PathMatch&, const Target& target) const override {
    return path_of(target.model) + ":" + std::string(method_of(kind_of(endpoint)));
  }
  OutgoingBody write_native(const Endpoint&, const Asked&, std::string_view body, const Changes& changes,
                            http::Headers&) const override {
    return rename_models(body, changes.model);
  }

  std::unique_ptr<AnswerReader> read_answer(Operation, const Endpoint*, const ReadOptions& options,
                                            chat::Learned& learned, json::Reader& reader) const override {
    return std::make_unique<Answer>(options, learned, reader);
  }
  Result<std::uint64_t> read_count(std::string_view body, json::Reader& reader) const override {
    auto cursor = reader.scan_copy(body);
    if (!cursor) return not_json("The answer", cursor.error());
    std::optional<std::uint64_t> total;
    json::each_member(*cursor, [&](std::string_view key) {
      if (key == "totalTokens") total = take_count(*cursor);
    });
    if (!cursor->finish()) return not_json("The answer", *cursor->broken());
    if (!total) return protocol_fault("The answer to countTokens holds no totalTokens");
    return *total;
  }
  Result<chat::Embeddings> read_embeddings(std::string_view body, json::Reader& reader) const override {
    return gemini::read_embeddings(body, reader);
  }
  Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now) const override {
    return gemini::read_error(status, headers, body, now);
  }

 private:
  std::string path_of(std::string_view model) const {
    return platform_ == Platform::kVertex ? vertex_model_path(model) : model_path(model);
  }

  Platform platform_;
};

constexpr GeminiServer kServer;
constexpr GeminiClient kClient(Platform::kGemini);
constexpr GeminiClient kVertexClient(Platform::kVertex);

constexpr std::array<const Client*, 2> kClients{&kClient, &kVertexClient};
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

const Dialect& dialect() {
  return kDialect;
}

}  // namespace sluice::dialect::gemini
