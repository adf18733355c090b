#include "dialect/anthropic/endpoint.h"

#include <array>

namespace sluice::dialect::anthropic {

namespace {

constexpr std::string_view kMessagesPath = "/messages";
constexpr std::string_view kCountPath = "/messages/count_tokens";

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

// First those in the order of the enum, then Vertex AI's. Its bodies say whether they want a stream, too.
constexpr std::array<Endpoint, 5> kEndpoints{{
    row(Kind::kMessages, kChat, "messages", kMessagesPath, kByMember),
    row(Kind::kCountTokens, kCountTokens, "count_tokens", kCountPath, kNever),
    row(Kind::kCountTokens, kCountTokens, "count_tokens", "/publishers/anthropic/models/count-tokens:rawPredict",
        kNever),
    row(Kind::kMessages, kChat, "messages", "/publishers/anthropic/models/{model}:rawPredict", kByMember),
    row(Kind::kMessages, kChat, "messages", "/publishers/anthropic/models/{model}:streamRawPredict", kByMember),
}};

// One segment of a path. '@' stands before the date of Vertex AI's model names and is written as it is.
std::string segment(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("-._~@").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

}  // namespace

std::span<const Endpoint> endpoints() {
  return kEndpoints;
}

bool is_hosted(const Endpoint& endpoint) {
  return endpoint.path.starts_with("/publishers/");
}

std::string_view body_version(Host host) {
  switch (host) {
    case Host::kVertex:
      return "vertex-2023-10-16";
    case Host::kBedrock:
      return "bedrock-2023-05-31";
    case Host::kAnthropic:
      break;
  }
  return {};
}

std::string path_of(Host host, Operation operation, std::string_view model, bool stream) {
  const bool counts = operation == Operation::kCountTokens;
  switch (host) {
    case Host::kVertex: {
      const std::string at = "/publishers/anthropic/models/";
      if (counts) return at + "count-tokens:rawPredict";
      return at + segment(model) + (stream ? ":streamRawPredict" : ":rawPredict");
    }
    case Host::kBedrock:
      if (counts) return "/model/" + segment(model) + "/count-tokens";
      return "/model/" + segment(model) + (stream ? "/invoke-with-response-stream" : "/invoke");
    case Host::kAnthropic:
      break;
  }
  return std::string(counts ? kCountPath : kMessagesPath);
}

}  // namespace sluice::dialect::anthropic
