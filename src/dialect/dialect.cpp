#include "dialect/dialect.h"

#include "dialect/faults.h"

namespace sluice::dialect {

namespace {

Failure not_offered(std::string_view dialect, std::string_view what) {
  return invalid_request("The " + std::string(dialect) + " API has no " + std::string(what) + ".", "");
}

}  // namespace

Result<Outgoing> Client::write_chat(chat::Request&, const Target&) const {
  return not_offered(name(), "chat");
}
Result<Outgoing> Client::write_embed(const chat::EmbedRequest&, const Target&) const {
  return not_offered(name(), "embeddings");
}
Result<Outgoing> Client::write_rerank(const chat::RerankRequest&, const Target&) const {
  return not_offered(name(), "reranking");
}
Result<std::uint64_t> Client::read_count(std::string_view, json::Reader&) const {
  return not_offered(name(), "count of tokens");
}
Result<chat::Embeddings> Client::read_embeddings(std::string_view, json::Reader&) const {
  return not_offered(name(), "embeddings");
}
Result<chat::Ranking> Client::read_ranking(std::string_view, json::Reader&) const {
  return not_offered(name(), "reranking");
}

bool Client::passes(const Endpoint& endpoint) const {
  return endpoint.dialect == name();
}
std::string Client::native_path(const Endpoint& endpoint, const PathMatch& path, const Target& target) const {
  return fill_path(endpoint.path, target.model, path.id);
}
OutgoingBody Client::write_native(const Endpoint&, const Asked& asked, std::string_view body, const Changes& changes,
                                  http::Headers&) const {
  return write_asked(asked, body, changes);
}

Respelled Client::respelled(const Endpoint&, const Asked&, std::string_view, Changes changes, const Quirks&,
                            json::Reader&) const {
  return {.changes = std::move(changes), .lost = {}};
}

Result<chat::Request> Server::read_chat(const Endpoint&, std::string_view, json::Reader&) const {
  return not_offered(name(), "chat");
}
Result<chat::EmbedRequest> Server::read_embed(const Endpoint&, std::string_view, json::Reader&) const {
  return not_offered(name(), "embeddings");
}
Result<chat::RerankRequest> Server::read_rerank(const Endpoint&, std::string_view, json::Reader&) const {
  return not_offered(name(), "reranking");
}
std::unique_ptr<AnswerWriter> Server::write_answer(const WriteOptions&) const {
  return nullptr;
}
std::string_view Server::stream_type(const Endpoint&) const {
  return "text/event-stream; charset=utf-8";
}
std::string_view Server::keep_alive(const Endpoint&) const {
  return ": keep-alive\n\n";
}
bool Server::takes_comments(const Endpoint& endpoint) const {
  return stream_type(endpoint).starts_with("text/event-stream");
}
std::string Server::write_count(std::uint64_t) const {
  return {};
}
std::string Server::write_embeddings(const Endpoint&, const chat::Embeddings&, const chat::EmbedRequest&,
                                     const chat::Learned&) const {
  return {};
}
std::string Server::write_ranking(const Endpoint&, const chat::Ranking&, const chat::RerankRequest&,
                                  const chat::Learned&) const {
  return {};
}
std::string Server::write_models(std::span<const ModelEntry>) const {
  return {};
}
std::string Server::write_model(const ModelEntry&) const {
  return {};
}

}  // namespace sluice::dialect
