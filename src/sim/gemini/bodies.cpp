#include "sim/gemini/bodies.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/digest.h"
#include "sim/dom.h"
#include "sim/gemini/ask.h"
#include "sim/gemini/thought.h"
#include "sim/text.h"
#include "sim/vouch.h"

namespace sluice::sim {

namespace {

constexpr int kSigning = 3;  // the generation from which on calls have ids and are signed

bool is_object(std::string_view json) {
  auto value = parsed(json);
  return value && value->is_object();
}

// The first call that cannot be told.
const ScriptCall* malformed(const std::vector<ScriptCall>& calls) {
  auto found = std::ranges::find_if(calls, [](const ScriptCall& call) { return !is_object(call.arguments); });
  return found == calls.end() ? nullptr : &*found;
}

std::vector<ToldCall> told_calls(const std::vector<ScriptCall>& calls, const Ask& ask, const Signature& signature,
                                 std::string_view reasoning) {
  bool newer = gemini_generation(ask.model) >= kSigning;
  std::vector<ToldCall> told;
  for (const ScriptCall& call : calls) {
    ToldCall one{.name = call.name, .id = "", .arguments = call.arguments, .thought_signature = ""};
    auto seed = fmt::format("{} {}", signature.id, told.size());
    auto plain = parsed(call.arguments).value_or(nullptr);  // as it is read when it comes back, however deep it is
    if (newer) one.id = call_id("", seed, call.name, boost::json::serialize(plain));
    if (told.empty() && (newer || !reasoning.empty())) {
      one.thought_signature = sign_thought(Signed::kCall, said_by_call(call.name, call.arguments), reasoning);
    }
    told.push_back(std::move(one));
  }
  return told;
}

std::string modality(std::string_view name, std::size_t count) {
  return fmt::format(R"(,"{}":[{{"modality":"TEXT","tokenCount":{}}}])", name, count);
}

std::string usage_members(const Counts& counts) {
  std::string out;
  auto add = [&](std::string_view name, std::size_t count) {
    if (count != 0) fmt::format_to(std::back_inserter(out), R"("{}":{},)", name, count);
  };
  add("promptTokenCount", counts.prompt);
  add("candidatesTokenCount", counts.completion - counts.reasoning);
  out += fmt::format(R"("totalTokenCount":{})", counts.prompt + counts.completion);
  if (counts.prompt != 0) out += modality("promptTokensDetails", counts.prompt);
  if (counts.reasoning != 0) out += fmt::format(R"(,"thoughtsTokenCount":{})", counts.reasoning);
  return out;
}

std::string comma_joined(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, ","));
}

constexpr std::int64_t kDimensions = 16;

// Numbers from -1 to 1 that depend on the input alone: each is read from a hash of the input and its position.
std::string vector_of(const std::string& input, std::int64_t size) {
  std::string out = "[";
  for (std::int64_t i = 0; i < (size == 0 ? kDimensions : size); ++i) {
    auto hash = sha256(fmt::format("{} {}", i, input));
    int sixteen_bits = hash[0] << 8 | hash[1];
    fmt::format_to(std::back_inserter(out), "{}{:.6f}", i == 0 ? "" : ",", sixteen_bits / 32767.5 - 1);
  }
  return out + "]";
}

struct ListedModel {
  std::string_view name;
  std::string_view display;
  std::string_view methods;
  bool thinking;
};
constexpr std::string_view kGenerating = R"("generateContent","countTokens")";
constexpr ListedModel kModels[] = {
    {"gemini-3.8-flash", "Gemini 3.8 Flash", kGenerating, true},
    {"gemini-2.5-pro", "Gemini 2.5 Pro", kGenerating, true},
    {"gemini-2.5-flash", "Gemini 2.5 Flash", kGenerating, true},
    {"gemini-embedding-001", "Gemini Embedding 001", R"("embedContent")", false},
};

}  // namespace

GeminiReply gemini_reply(const Ask& ask, const Script& script, Reply reply, const Signature& signature) {
  GeminiReply out;
  for (ScriptCall& call : reply.calls) {
    if (call.arguments.empty()) call.arguments = "{}";
  }
  out.finish_reason = "STOP";
  if (const ScriptCall* bad = malformed(reply.calls)) {
    out.finish_reason = "MALFORMED_FUNCTION_CALL";
    out.finish_message = fmt::format("Malformed function call: {}({})", bad->name, bad->arguments);
    reply.calls.clear();
  }
  if (!reply.finish_reason.empty()) out.finish_reason = reply.finish_reason;
  if (wants_thoughts(ask)) out.thoughts = reply.reasoning;
  out.calls = told_calls(reply.calls, ask, signature, reply.reasoning);
  out.text = std::move(reply.text);
  out.says_text = reply.says_text;
  out.signs_text = out.says_text && out.calls.empty() && !reply.reasoning.empty();
  out.reasoning = std::move(reply.reasoning);
  out.usage = reply.usage.value_or("");
  out.candidates = static_cast<std::size_t>(ask.choices);
  out.tail = fmt::format(R"(,"modelVersion":{},"responseId":{}}})", json_string(ask.model), json_string(signature.id));
  if (script.usage_report == UsageReport::kGiven) out.usage = script.usage;
  return out;
}

std::string gemini_usage(const Counts& counts) {
  return "{" + usage_members(counts) + "}";
}

std::string vertex_usage(const Counts& counts) {
  return "{" + usage_members(counts) + R"(,"trafficType":"ON_DEMAND"})";
}

std::string thought_part(std::string_view text) {
  return R"({"text":)" + json_string(text) + R"(,"thought":true})";
}

std::string text_part(std::string_view text, std::string_view thought_signature) {
  std::string out = R"({"text":)" + json_string(text);
  if (!thought_signature.empty()) out += R"(,"thoughtSignature":)" + json_string(thought_signature);
  return out + "}";
}

std::string call_part(const ToldCall& call) {
  std::string out = R"({"functionCall":{"name":)" + json_string(call.name) + R"(,"args":)" + call.arguments;
  if (!call.id.empty()) out += R"(,"id":)" + json_string(call.id);
  out += '}';
  if (!call.thought_signature.empty()) out += R"(,"thoughtSignature":)" + json_string(call.thought_signature);
  return out + "}";
}

std::string response_of(const GeminiReply& reply, std::string_view parts, std::string_view usage, bool finishes) {
  std::string out = R"({"candidates":[)";
  for (std::size_t i = 0; i < reply.candidates; ++i) {
    out += i == 0 ? R"({"content":{"parts":[)" : R"(,{"content":{"parts":[)";
    out += parts;
    out += R"(],"role":"model"})";
    if (finishes) out += R"(,"finishReason":)" + json_string(reply.finish_reason);
    if (finishes && !reply.finish_message.empty()) out += R"(,"finishMessage":)" + json_string(reply.finish_message);
    fmt::format_to(std::back_inserter(out), R"(,"index":{}}})", i);
  }
  out += ']';
  if (!usage.empty()) out.append(R"(,"usageMetadata":)").append(usage);
  return out + reply.tail;
}

std::string whole_response(const GeminiReply& reply, std::string_view nonce) {
  std::vector<std::string> parts;
  if (!reply.thoughts.empty()) parts.push_back(thought_part(reply.thoughts));
  if (reply.says_text) {
    std::string text = reply.text + std::string(nonce);
    parts.push_back(text_part(text, reply.signs_text ? sign_thought(Signed::kText, text, reply.reasoning) : ""));
  }
  for (const ToldCall& call : reply.calls) parts.push_back(call_part(call));
  return response_of(reply, comma_joined(parts), reply.usage, true);
}

std::string token_count_body(const Ask& ask) {
  auto count = tokens(ask.prompt_bytes);
  return fmt::format(R"({{"totalTokens":{}{}}})", count, count == 0 ? "" : modality("promptTokensDetails", count));
}

std::string embedding_body(const Ask& ask) {
  bool many = ask.place.endpoint == Endpoint::kBatchEmbedContents;
  std::vector<std::string> vectors;
  vectors.reserve(ask.inputs.size());
  for (const std::string& input : ask.inputs)
    vectors.push_back(R"({"values":)" + vector_of(input, ask.dimensions) + "}");
  return many ? R"({"embeddings":[)" + comma_joined(vectors) + "]}" : R"({"embedding":)" + comma_joined(vectors) + "}";
}

std::string gemini_models_body() {
  std::vector<std::string> models;
  for (const ListedModel& model : kModels) {
    std::string sampling = model.thinking ? R"("temperature":1,"topP":0.95,"topK":64,"maxTemperature":2,)" : "";
    models.push_back(fmt::format(R"({{"name":"models/{}","version":"001","displayName":"{}","inputTokenLimit":1048576,)"
                                 R"("outputTokenLimit":65536,"supportedGenerationMethods":[{}],{}"thinking":{}}})",
                                 model.name, model.display, model.methods, sampling, model.thinking));
  }
  return R"({"models":[)" + comma_joined(models) + "]}";
}

}  // namespace sluice::sim
