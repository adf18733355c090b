#include "dialect/bedrock/endpoint.h"

#include <array>

namespace sluice::dialect::bedrock {

namespace {

constexpr Endpoint row(Kind kind, Operation operation, std::string_view name, std::string_view path,
                       Streaming streaming) {
  return {.dialect = kName,
          .code = static_cast<std::uint8_t>(kind),
          .operation = operation,
          .name = name,
          .method = "POST",
          .path = path,
          .form = BodyForm::kJson,
          .streaming = streaming};
}

using enum Operation;
using enum Streaming;

// In the order of the enum.
constexpr std::array<Endpoint, 5> kEndpoints{{
    row(Kind::kConverse, kChat, "converse", "/model/{model}/converse", kNever),
    row(Kind::kConverseStream, kChat, "converse_stream", "/model/{model}/converse-stream", kByPath),
    row(Kind::kCountTokens, kCountTokens, "converse_count_tokens", "/model/{model}/count-tokens", kNever),
    row(Kind::kInvoke, kChat, "invoke_model", "/model/{model}/invoke", kNever),
    row(Kind::kInvokeStream, kChat, "invoke_model_stream", "/model/{model}/invoke-with-response-stream", kByPath),
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

}  // namespace sluice::dialect::bedrock
