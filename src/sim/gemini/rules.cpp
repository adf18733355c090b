#include "sim/gemini/rules.h"

#include <fmt/format.h>

#include "base/text.h"
#include "sim/dom.h"
#include "sim/gemini/ask.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

constexpr std::size_t kMostEmbedded = 100;
constexpr double kMostDimensions = 3072;

std::optional<Problem> check_system(const bj::object& body) {
  const auto* system = object_in(body, "systemInstruction");
  if (!system) return std::nullopt;
  if (auto problem = check_parts(*system, "system_instruction")) return problem;
  const auto& parts = list_in(*system, "parts");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!as_object(parts[i]).contains("text")) {
      return invalid(fmt::format("system_instruction.parts[{}]", i), "only text parts are supported");
    }
  }
  return std::nullopt;
}

std::optional<Problem> check_cached(const bj::object& body, Service on) {
  auto name = text_in(body, "cachedContent");
  if (name.empty()) return std::nullopt;
  bool fits = on == Service::kVertex ? name.contains("/cachedContents/") : name.starts_with("cachedContents/");
  if (!fits) return invalid("cached_content", "Invalid CachedContent name: " + printable(name));
  for (auto key : {"systemInstruction", "tools", "toolConfig"}) {
    if (!body.contains(key)) continue;
    return refused(
        "CachedContent can not be used with GenerateContent request setting system_instruction, tools or "
        "tool_config.\n\nProposed fix: move those values to CachedContent from GenerateContent request.");
  }
  return std::nullopt;
}

std::optional<Problem> check_safety(const bj::object& body) {
  const auto& settings = list_in(body, "safetySettings");
  for (std::size_t i = 0; i < settings.size(); ++i) {
    auto category = text_in(as_object(settings[i]), "category");
    auto path = fmt::format("safety_settings[{}].category", i);
    if (category.empty() || category.ends_with("_UNSPECIFIED")) {
      return invalid(path, "element predicate failed: $.category must be specified");
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (text_in(as_object(settings[j]), "category") == category) return invalid(path, "duplicate category");
    }
  }
  return std::nullopt;
}

// The name of the model in a body must be the one of the path.
std::optional<Problem> check_model(const bj::object& body, const Ask& ask, std::string_view path,
                                   std::string_view request, Need need) {
  auto name = text_in(body, "model");
  if (name.empty() && need == Need::kOptional) return std::nullopt;
  if (name.empty()) return invalid(path, "model is required", request);
  if (name == "models/" + ask.place.model || name.ends_with("/models/" + ask.place.model)) return std::nullopt;
  return invalid(
      path, fmt::format("unexpected model name: {}, the request is for models/{}", printable(name), ask.place.model),
      request);
}

std::optional<Problem> check_generate(const bj::object& body, const Ask& ask, Service on) {
  if (auto problem = check_model(body, ask, "model", "GenerateContentRequest", Need::kOptional)) return problem;
  if (auto problem = check_turns(body, ask)) return problem;
  if (auto problem = check_system(body)) return problem;
  if (auto problem = check_cached(body, on)) return problem;
  if (auto problem = check_safety(body)) return problem;
  if (auto problem = check_tools(body, ask)) return problem;
  if (auto problem = check_generation_config(body, ask)) return problem;
  return check_signatures(body, ask);
}

std::optional<Problem> check_count(const bj::object& body, const Ask& ask, Service on) {
  constexpr std::string_view kRequest = "CountTokensRequest";
  const auto* wrapped = object_in(body, "generateContentRequest");
  if (wrapped && body.contains("contents")) {
    return invalid("contents", "`contents` and `generate_content_request` are mutually exclusive", kRequest);
  }
  if (!wrapped) return check_generate(body, ask, on);
  if (auto problem = check_model(*wrapped, ask, "generate_content_request.model", kRequest, Need::kRequired)) {
    return problem;
  }
  return check_generate(*wrapped, ask, on);
}

std::optional<Problem> check_embedding(const bj::object& request, const std::string& prefix, std::string_view name) {
  const auto* content = object_in(request, "content");
  if (!content) return invalid(prefix + "content", "content is required", name);
  const auto& parts = list_in(*content, "parts");
  if (parts.empty()) return invalid(prefix + "content", "contents is not specified", name);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& part = as_object(parts[i]);
    auto path = fmt::format("{}content.parts[{}]", prefix, i);
    if (text_in(part, "text").empty() && part.size() == 1 && part.contains("text")) {
      return invalid(path, "empty Part", name);
    }
    if (!part.contains("text")) return invalid(path, "unsupported Part type for embeddings", name);
  }
  if (request.contains("title") && text_in(request, "taskType") != "RETRIEVAL_DOCUMENT") {
    return invalid(prefix + "title", "only applicable when TaskType is RETRIEVAL_DOCUMENT", name);
  }
  const auto* size = number_in(request, "outputDimensionality");
  if (size && (size->to_number<double>() < 1 || size->to_number<double>() > kMostDimensions)) {
    return invalid(prefix + "output_dimensionality", "output_dimensionality must be in the range [1, 3072]", name);
  }
  return std::nullopt;
}

std::optional<Problem> check_embeddings(const bj::object& body, const Ask& ask) {
  if (ask.place.endpoint == Endpoint::kEmbedContent) {
    constexpr std::string_view kRequest = "EmbedContentRequest";
    if (auto problem = check_model(body, ask, "model", kRequest, Need::kOptional)) return problem;
    return check_embedding(body, "", kRequest);
  }
  constexpr std::string_view kRequest = "BatchEmbedContentsRequest";
  const auto& requests = list_in(body, "requests");
  if (requests.empty()) return invalid("requests", "requests is not specified", kRequest);
  if (requests.size() > kMostEmbedded) return invalid("requests", "at most 100 requests can be in one batch", kRequest);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    auto prefix = fmt::format("requests[{}].", i);
    const auto& request = as_object(requests[i]);
    if (auto problem = check_model(request, ask, prefix + "model", kRequest, Need::kRequired)) return problem;
    if (auto problem = check_embedding(request, prefix, kRequest)) return problem;
  }
  return std::nullopt;
}

}  // namespace

Problem invalid(std::string_view path, std::string_view what, std::string_view request) {
  return {fmt::format("* {}.", request), std::string(path), fmt::format(": {}\n", what), std::string(kProtoInvalid)};
}

Problem refused(std::string message) {
  return {std::move(message), "", "", ""};
}

std::optional<Problem> check_gemini_rules(const Ask& ask, Service on) {
  switch (ask.place.endpoint) {
    case Endpoint::kCountTokens:
      return check_count(*ask.body, ask, on);
    case Endpoint::kEmbedContent:
    case Endpoint::kBatchEmbedContents:
      return check_embeddings(*ask.body, ask);
    default:
      return check_generate(*ask.body, ask, on);
  }
}

}  // namespace sluice::sim
