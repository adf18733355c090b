#include "sim/gemini/ask.h"

#include <algorithm>

#include "base/text.h"
#include "sim/dom.h"
#include "sim/gemini/messages.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

constexpr std::int64_t kMostCandidates = 8;

// The bytes of a part the model would read.
std::size_t bytes_of(const bj::object& part) {
  std::size_t bytes = text_in(part, "text").size();
  if (const auto* call = object_in(part, "functionCall")) {
    if (const auto* args = object_in(*call, "args")) bytes += bj::serialize(*args).size();
  }
  if (const auto* result = object_in(part, "functionResponse")) {
    if (const auto* response = object_in(*result, "response")) bytes += bj::serialize(*response).size();
  }
  return bytes;
}

std::size_t bytes_of_content(const bj::object& content) {
  std::size_t bytes = 0;
  for (const auto& part : list_in(content, "parts")) bytes += bytes_of(as_object(part));
  return bytes;
}

std::string said_in(const bj::object& content) {
  std::string text;
  for (const auto& part : list_in(content, "parts")) text += text_in(as_object(part), "text");
  return text;
}

bool holds(const bj::object& content, std::string_view kind) {
  return std::ranges::any_of(list_in(content, "parts"),
                             [&](const bj::value& part) { return as_object(part).contains(kind); });
}

void read_contents(const bj::object& body, Ask& ask) {
  const auto& contents = list_in(body, "contents");
  for (const auto& item : contents) {
    const auto& content = as_object(item);
    ask.prompt_bytes += bytes_of_content(content);
    if (text_in(content, "role") != "model" && holds(content, "text")) ask.text = said_in(content);
  }
  if (!contents.empty()) ask.answers_tool = holds(as_object(contents.back()), "functionResponse");
  if (const auto* system = object_in(body, "systemInstruction")) ask.prompt_bytes += bytes_of_content(*system);
}

void read_tools(const bj::object& body, Ask& ask) {
  const bj::object* choice = object_in(body, "toolConfig");
  if (choice) choice = object_in(*choice, "functionCallingConfig");
  static const bj::array kAll;
  const auto& allowed = choice ? list_in(*choice, "allowedFunctionNames") : kAll;
  ask.tools_off = choice && text_in(*choice, "mode") == "NONE";
  for (const auto& tool : list_in(body, "tools")) {
    for (const auto& declared : list_in(as_object(tool), "functionDeclarations")) {
      auto name = text_in(as_object(declared), "name");
      bool callable = allowed.empty() || std::ranges::find(allowed, bj::value(name)) != allowed.end();
      if (callable) ask.tools.push_back({.name = std::string(name)});
    }
  }
}

void read_generate(const bj::object& body, Ask& ask) {
  read_contents(body, ask);
  read_tools(body, ask);
  const auto* config = object_in(body, "generationConfig");
  const auto* count = config ? number_in(*config, "candidateCount") : nullptr;
  if (count)
    ask.choices = std::clamp<std::int64_t>(static_cast<std::int64_t>(count->to_number<double>()), 1, kMostCandidates);
}

void read_embedding(const bj::object& request, Ask& ask) {
  const auto* content = object_in(request, "content");
  std::string text = content ? said_in(*content) : "";
  ask.prompt_bytes += text.size();
  ask.text = text;
  ask.inputs.push_back(std::move(text));
  const auto* size = number_in(request, "outputDimensionality");
  if (size) ask.dimensions = std::clamp<std::int64_t>(static_cast<std::int64_t>(size->to_number<double>()), 0, 65536);
}

const bj::object* thinking_of(const Ask& ask) {
  const auto* config = ask.body ? object_in(*ask.body, "generationConfig") : nullptr;
  return config ? object_in(*config, "thinkingConfig") : nullptr;
}

}  // namespace

const ProtoMessage& gemini_message(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::kCountTokens:
      return kCountTokensRequest;
    case Endpoint::kEmbedContent:
      return kEmbedContentRequest;
    case Endpoint::kBatchEmbedContents:
      return kBatchEmbedContentsRequest;
    default:
      return kGenerateContentRequest;
  }
}

void read_gemini_ask(std::string_view body, Ask& ask) {
  ask.model = ask.place.model;
  auto sent = parsed(body);
  if (!sent || !sent->is_object()) return;
  ask.body = std::make_shared<const bj::object>(tidied(sent->get_object(), gemini_message(ask.place.endpoint)));
  const bj::object& tidy = *ask.body;
  if (ask.place.endpoint == Endpoint::kEmbedContent) {
    read_embedding(tidy, ask);
  } else if (ask.place.endpoint == Endpoint::kBatchEmbedContents) {
    for (const auto& request : list_in(tidy, "requests")) read_embedding(as_object(request), ask);
  } else {
    const auto* wrapped = object_in(tidy, "generateContentRequest");
    read_generate(wrapped ? *wrapped : tidy, ask);
  }
}

int gemini_generation(std::string_view model) {
  constexpr std::string_view kFamily = "gemini-";
  if (!model.starts_with(kFamily)) return 0;
  model.remove_prefix(kFamily.size());
  auto end = model.find_first_not_of("0123456789");
  return to_number<int>(model.substr(0, end)).value_or(0);
}

bool wants_thoughts(const Ask& ask) {
  const auto* thinking = thinking_of(ask);
  return thinking && flag_in(*thinking, "includeThoughts");
}

bool wants_partial_arguments(const Ask& ask) {
  const auto* config = ask.body ? object_in(*ask.body, "toolConfig") : nullptr;
  if (config) config = object_in(*config, "functionCallingConfig");
  return config && flag_in(*config, "streamFunctionCallArguments");
}

}  // namespace sluice::sim
