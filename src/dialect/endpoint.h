// What a dialect's server offers: a table of endpoints.
//
// Thread rule: constants.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::dialect {

// What is asked of a model. Requests of all but kNative can be written in another dialect.
enum class Operation : std::uint8_t {
  kChat,         // messages in, a message out
  kCountTokens,  // how many tokens a chat request is
  kEmbed,        // texts in, vectors out
  kRerank,       // a query and documents in, an order out
  kNative,       // only a provider of the same dialect can serve it
};

enum class BodyForm : std::uint8_t { kNone, kJson, kMultipart, kJsonOrMultipart };

// How a request says that it wants a stream.
enum class Streaming : std::uint8_t {
  kNever,
  kByMember,  // "stream": true
  kByFormat,  // the same, or "stream_format": "sse"
  kByPath,
};

struct Endpoint {
  std::string_view dialect;  // "openai"
  std::uint8_t code;         // which one of its dialect's endpoints; the dialect's own enum
  Operation operation;
  std::string_view name;    // for metrics and logs: "chat"
  std::string_view method;  // "POST"
  // Below the version: "/chat/completions", "/models/{model}:generateContent", "/responses/{id}". A segment's {…}
  // stands for one or more characters, {model} also for slashes.
  std::string_view path;
  BodyForm form;
  Streaming streaming;
  std::string_view default_model = {};  // used when the request names none; empty: a model is required
  bool usage_option = false;            // streams take stream_options.include_usage
  bool asks_no_model = false;           // it is about something a provider keeps: {id}
  bool builds_on_kept = false;          // its body may name something a provider keeps: previous_response_id
  std::string_view query = {};          // a pair that the query must hold: "alt=sse"; such rows stand before others
};

// What the braces of a path stood for, as written in the path (percent-coded).
struct PathMatch {
  std::string_view model;
  std::string_view id;
};
std::optional<PathMatch> match_path(std::string_view pattern, std::string_view path);
// The path of a pattern: `model` is plain text and gets coded, `id` stands as it came.
std::string fill_path(std::string_view pattern, std::string_view model, std::string_view id);

}  // namespace sluice::dialect
