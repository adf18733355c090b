#include "sim/openai/bodies.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>
#include <limits>

#include "base/digest.h"
#include "base/text.h"
#include "json/text.h"
#include "sim/by_status.h"
#include "sim/text.h"

namespace sluice::sim {

namespace {

std::string quoted_or_null(std::string_view text) {
  return text.empty() ? "null" : json_string(text);
}

void append_calls(std::string& out, const std::vector<ScriptCall>& calls, const Signature& signature) {
  out += R"(,"tool_calls":[)";
  for (std::size_t i = 0; i < calls.size(); ++i) {
    std::string_view kind = calls[i].custom ? "custom" : "function";
    fmt::format_to(std::back_inserter(out), R"({}{{"id":"call_{}_{}","type":"{}","{}":{{"name":)", i == 0 ? "" : ",",
                   signature.id, i, kind, kind);
    append_json_string(out, calls[i].name);
    out += calls[i].custom ? R"(,"input":)" : R"(,"arguments":)";
    append_json_string(out, calls[i].arguments);
    out += "}}";
  }
  out += ']';
}

void append_message(std::string& out, const Reply& reply, const std::string& text, const Signature& signature) {
  out += R"("message":{"role":"assistant","content":)";
  out += reply.says_text ? text : "null";
  out += R"(,"refusal":null,"annotations":[])";
  if (!reply.reasoning.empty()) {
    out += R"(,"reasoning_content":)";
    append_json_string(out, reply.reasoning);
  }
  if (!reply.calls.empty()) append_calls(out, reply.calls, signature);
  out += '}';
}

// Numbers that are the same for the same input on every run: FNV-1a, then a xorshift.
class Scatter {
 public:
  explicit Scatter(std::string_view seed) {
    for (char c : seed) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    state_ |= 1;  // a xorshift never leaves zero
  }
  // From -1 to 1.
  float next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<float>(static_cast<std::int64_t>(state_ >> 40) - (1 << 23)) / static_cast<float>(1 << 23);
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

constexpr std::int64_t kDimensions = 16;

void append_vector(std::string& out, const std::string& input, const Ask& ask) {
  auto size = ask.dimensions == 0 ? kDimensions : ask.dimensions;
  Scatter scatter(input);
  std::string packed;
  for (std::int64_t i = 0; i < size; ++i) {
    float value = scatter.next();
    if (ask.format == "base64") {
      auto bits = std::bit_cast<std::uint32_t>(value);
      for (int shift = 0; shift < 32; shift += 8) packed += static_cast<char>(bits >> shift & 0xff);
    } else {
      fmt::format_to(std::back_inserter(out), "{}{:.6f}", i == 0 ? "[" : ",", value);
    }
  }
  out += ask.format == "base64" ? '"' + base64(packed) + '"' : "]";
}

struct Media {
  std::string_view format;
  std::string_view type;
};
constexpr Media kSpeechTypes[] = {{"mp3", "audio/mpeg"},  {"opus", "audio/ogg"}, {"aac", "audio/aac"},
                                  {"flac", "audio/flac"}, {"wav", "audio/wav"},  {"pcm", "audio/pcm"}};

struct KnownError {
  int status;
  std::string_view message;
  std::string_view type;
  std::string_view code;
};
constexpr KnownError kErrors[] = {
    {400, "The request is invalid.", "invalid_request_error", ""},
    {401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key"},
    {403, "Your project does not have access to this model.", "invalid_request_error", "permission_denied"},
    {404, "The model does not exist or you do not have access to it.", "invalid_request_error", "model_not_found"},
    {408, "Request timed out.", "server_error", "timeout"},
    {409, "The request conflicts with another one.", "invalid_request_error", "conflict"},
    {413, "The request is too large.", "invalid_request_error", "request_too_large"},
    {422, "The request cannot be processed.", "invalid_request_error", "unprocessable_entity"},
    {429, "Rate limit reached for requests. Please try again later.", "requests", "rate_limit_exceeded"},
    {500, "The server had an error while processing your request. Sorry about that!", "server_error", ""},
    {503, "The server is overloaded. Please try again later.", "service_unavailable_error", "server_is_overloaded"},
};

}  // namespace

Body completion_body(const Ask& ask, const Script& script, const Reply& reply, const Signature& signature) {
  bool legacy = ask.place.endpoint == Endpoint::kCompletions;
  std::string text = json_string(script.nonce.empty() ? reply.text : reply.text + script.nonce);
  std::string out;
  out.reserve(768 + text.size() * static_cast<std::size_t>(ask.choices));
  fmt::format_to(std::back_inserter(out), R"({{"id":"{}-{}","object":"{}","created":{},"model":)",
                 legacy ? "cmpl" : "chatcmpl", signature.id, legacy ? "text_completion" : "chat.completion",
                 signature.created);
  append_json_string(out, ask.model);
  out += R"(,"choices":[)";
  for (std::int64_t i = 0; i < ask.choices; ++i) {
    fmt::format_to(std::back_inserter(out), R"({}{{"index":{},)", i == 0 ? "" : ",", i);
    if (legacy) {
      out += R"("text":)" + text;
    } else {
      append_message(out, reply, text, signature);
    }
    out += R"(,"logprobs":null,"finish_reason":)";
    append_json_string(out, reply.finish_reason);
    out += '}';
  }
  out += ']';
  if (reply.usage) out += R"(,"usage":)" + *reply.usage;
  out += R"(,"system_fingerprint":)";
  append_json_string(out, signature.instance);
  out += '}';
  return {std::move(out)};
}

std::string usage_of(const Counts& counts) {
  return fmt::format(
      R"({{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{},)"
      R"("prompt_tokens_details":{{"cached_tokens":0,"audio_tokens":0}},)"
      R"("completion_tokens_details":{{"reasoning_tokens":{},"audio_tokens":0,"accepted_prediction_tokens":0,)"
      R"("rejected_prediction_tokens":0}}}})",
      counts.prompt, counts.completion, counts.prompt + counts.completion, counts.reasoning);
}

std::string embeddings_usage(const Ask& ask, const Script& script) {
  if (script.usage_report == UsageReport::kGiven) return script.usage;
  auto count = tokens(ask.prompt_bytes) + ask.prompt_tokens;
  return fmt::format(R"({{"prompt_tokens":{},"total_tokens":{}}})", count, count);
}

Body embeddings_body(const Ask& ask, const Script& script) {
  std::string out = R"({"object":"list","data":[)";
  for (std::size_t i = 0; i < ask.inputs.size(); ++i) {
    fmt::format_to(std::back_inserter(out), R"({}{{"object":"embedding","index":{},"embedding":)", i == 0 ? "" : ",",
                   i);
    append_vector(out, ask.inputs[i], ask);
    out += '}';
  }
  out += R"(],"model":)" + json_string(ask.model);
  if (script.usage_report != UsageReport::kNone) out += R"(,"usage":)" + embeddings_usage(ask, script);
  out += '}';
  return {std::move(out)};
}

Body moderations_body(const Ask& ask, const Signature& signature) {
  constexpr std::string_view kResult =
      R"({"flagged":false,"categories":{"harassment":false,"hate":false,"self-harm":false,"sexual":false,)"
      R"("violence":false},"category_scores":{"harassment":0.0,"hate":0.0,"self-harm":0.0,"sexual":0.0,)"
      R"("violence":0.0}})";
  std::string model = ask.model.empty() ? "omni-moderation-latest" : ask.model;
  std::string out = fmt::format(R"({{"id":"modr-{}","model":{},"results":[)", signature.id, json_string(model));
  for (std::size_t i = 0; i < std::max<std::size_t>(ask.inputs.size(), 1); ++i) {
    if (i != 0) out += ',';
    out += kResult;
  }
  out += "]}";
  return {std::move(out)};
}

Body images_body(const Ask& ask, const Signature& signature) {
  constexpr std::string_view kOnePixel =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  std::string out = fmt::format(R"({{"created":{},"data":[)", signature.created);
  for (std::int64_t i = 0; i < ask.choices; ++i) {
    out += i == 0 ? "{" : ",{";
    if (ask.format == "url") {
      out += fmt::format(R"("url":"https://images.invalid/{}-{}.png")", signature.id, i);
    } else {
      out += fmt::format(R"("b64_json":"{}")", kOnePixel);
    }
    out += '}';
  }
  out += "]}";
  return {std::move(out)};
}

Body speech_body(const Ask& ask, const Script& script) {
  const Media* media = std::ranges::find(kSpeechTypes, std::string_view(ask.format), &Media::format);
  std::string_view type = media == std::end(kSpeechTypes) ? "audio/mpeg" : media->type;
  return {script.text.value_or("audio of: " + ask.text), std::string(type)};
}

Body transcript_body(const Ask& ask, const Script& script) {
  std::string text = script.text.value_or("You said: " + ask.text);
  if (ask.format == "text") return {text + "\n", "text/plain; charset=utf-8"};
  return {R"({"text":)" + json_string(text) + "}"};
}

Body models_body(const Signature& signature) {
  std::string out = R"({"object":"list","data":[)";
  for (std::string_view id : {"gpt-4o", "gpt-4o-mini", "gpt-5", "text-embedding-3-small"}) {
    if (!out.ends_with('[')) out += ',';
    out += fmt::format(R"({{"id":"{}","object":"model","created":{},"owned_by":{}}})", id, signature.created,
                       json_string(signature.instance));
  }
  out += "]}";
  return {std::move(out)};
}

std::string error_body(std::string_view message, std::string_view type, std::string_view param, std::string_view code) {
  return fmt::format(R"({{"error":{{"message":{},"type":{},"param":{},"code":{}}}}})", json_string(message),
                     json_string(type), quoted_or_null(param), quoted_or_null(code));
}

std::string error_body(const Problem& problem) {
  return error_body(problem.message(), "invalid_request_error", problem.path, problem.code);
}

std::string error_body(int status) {
  const KnownError& known = by_status(kErrors, status);
  return error_body(known.message, known.type, "", known.code);
}

}  // namespace sluice::sim
