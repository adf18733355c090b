#include "dialect/responses/endpoint.h"

#include <array>

namespace sluice::dialect::responses {

namespace {

constexpr Endpoint row(Kind kind, Operation operation, std::string_view name, std::string_view method,
                       std::string_view path, BodyForm form, Streaming streaming) {
  return {.dialect = "responses",
          .code = static_cast<std::uint8_t>(kind),
          .operation = operation,
          .name = name,
          .method = method,
          .path = path,
          .form = form,
          .streaming = streaming};
}

// A request about a response that a provider keeps: stage/route says which provider.
constexpr Endpoint kept(Kind kind, std::string_view name, std::string_view method, std::string_view path,
                        std::string_view query = {}) {
  Endpoint endpoint = row(kind, Operation::kNative, name, method, path, BodyForm::kNone,
                          query.empty() ? Streaming::kNever : Streaming::kByPath);
  endpoint.asks_no_model = true;
  endpoint.query = query;
  return endpoint;
}

// A request whose body may name a response that a provider keeps.
constexpr Endpoint building(Endpoint endpoint) {
  endpoint.builds_on_kept = true;
  return endpoint;
}

using enum Operation;
using enum BodyForm;
using enum Streaming;

// In the order of the enum.
constexpr std::array<Endpoint, 8> kEndpoints{{
    building(row(Kind::kResponses, kChat, "responses", "POST", "/responses", kJson, kByMember)),
    building(row(Kind::kInputTokens, kCountTokens, "responses_input_tokens", "POST", "/responses/input_tokens", kJson,
                 kNever)),
    building(row(Kind::kCompact, kNative, "responses_compact", "POST", "/responses/compact", kJson, kNever)),
    kept(Kind::kRetrieveStream, "responses_retrieve", "GET", "/responses/{id}", "stream=true"),
    kept(Kind::kRetrieve, "responses_retrieve", "GET", "/responses/{id}"),
    kept(Kind::kDelete, "responses_delete", "DELETE", "/responses/{id}"),
    kept(Kind::kCancel, "responses_cancel", "POST", "/responses/{id}/cancel"),
    kept(Kind::kInputItems, "responses_input_items", "GET", "/responses/{id}/input_items"),
}};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kEndpoints.size(); ++i) {
    if (kEndpoints[i].code != i) return false;
  }
  return true;
}
static_assert(is_in_order());

}  // namespace

std::span<const Endpoint> endpoints() {
  return kEndpoints;
}

const Endpoint& facts(Kind kind) {
  return kEndpoints[static_cast<std::size_t>(kind)];
}

}  // namespace sluice::dialect::responses
