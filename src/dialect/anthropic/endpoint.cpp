#include "dialect/anthropic/endpoint.h"

#include <array>

namespace sluice::dialect::anthropic {

namespace {

constexpr std::string_view kMessagesPath = "/messages";
constexpr std::string_view kCountPath = "/messages/count_tokens";

// In the order of the enum.
constexpr std::array<Endpoint, 2> kEndpoints{{
    {.dialect = kName,
     .code = static_cast<std::uint8_t>(Kind::kMessages),
     .operation = Operation::kChat,
     .name = "messages",
     .method = "POST",
     .path = kMessagesPath,
     .form = BodyForm::kJson,
     .streaming = Streaming::kByMember},
    {.dialect = kName,
     .code = static_cast<std::uint8_t>(Kind::kCountTokens),
     .operation = Operation::kCountTokens,
     .name = "count_tokens",
     .method = "POST",
     .path = kCountPath,
     .form = BodyForm::kJson,
     .streaming = Streaming::kNever},
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
      return "/model/" + segment(model) + (stream ? "/invoke-with-response-stream" : "/invoke");
    case Host::kAnthropic:
      break;
  }
  return std::string(counts ? kCountPath : kMessagesPath);
}

}  // namespace sluice::dialect::anthropic
