#include "toy/toy.h"

#include <array>

#include "toy/answer.h"
#include "toy/error.h"
#include "toy/request.h"
#include "toy/writer.h"

namespace sluice::dialect::toy {

namespace {

class ToyServer final : public Server {
 public:
  std::string_view name() const override { return kName; }
  std::span<const Endpoint> endpoints() const override {
    static constexpr std::array<Endpoint, 1> kEndpoints{{{.dialect = kName,
                                                          .code = 0,
                                                          .operation = Operation::kChat,
                                                          .name = "talk",
                                                          .method = "POST",
                                                          .path = "/talk",
                                                          .form = BodyForm::kJson,
                                                          .streaming = Streaming::kByMember}}};
    return kEndpoints;
  }
  std::span<const std::string_view> versions() const override {
    static constexpr std::array<std::string_view, 1> kVersions{"/v1"};
    return kVersions;
  }
  std::string_view sdk_base() const override { return "/toy"; }
  FieldTable fields(Operation operation) const override { return fields_of(operation); }

  Result<chat::Request> read_chat(const Endpoint&, std::string_view body, json::Reader& reader) const override {
    return toy::read_chat(body, reader);
  }
  std::unique_ptr<AnswerWriter> write_answer(const WriteOptions& options) const override {
    return make_writer(options);
  }

  ErrorAnswer write_error(const Fault& fault, int status) const override {
    return {.status = status, .body = toy::write_error(fault), .headers = {}};
  }
  std::string write_stream_error(const Endpoint&, const Fault& fault, const chat::Learned&) const override {
    return toy::write_stream_error(fault);
  }
};

class ToyClient final : public Client {
 public:
  std::string_view name() const override { return kName; }
  std::string_view version() const override { return "/v1"; }
  bool offers(Operation operation) const override { return operation == Operation::kChat; }
  std::string path(const Target&) const override { return "/talk"; }
  FieldTable fields(Operation operation) const override { return fields_of(operation); }

  Result<Outgoing> write_chat(chat::Request& request, const Target& target) const override {
    return toy::write_chat(request, target);
  }
  std::unique_ptr<AnswerReader> read_answer(Operation, const Endpoint*, const ReadOptions& options,
                                            chat::Learned& learned, json::Reader& reader) const override {
    return std::make_unique<Answer>(options, learned, reader);
  }
  Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now) const override {
    return toy::read_error(status, headers, body, now);
  }
};

constexpr ToyServer kServer;
constexpr ToyClient kClient;

constexpr std::array<const Client*, 1> kClients{&kClient};
constexpr Dialect kDialect{.server = &kServer, .clients = kClients};

}  // namespace

const Dialect& dialect() {
  return kDialect;
}

}  // namespace sluice::dialect::toy
