#include "dialect/openai/chat_reader.h"

#include "dialect/faults.h"
#include "dialect/openai/fields.h"
#include "dialect/openai/messages.h"
#include "dialect/openai/tools.h"
#include "dialect/reading.h"
#include "json/reader.h"

namespace sluice::dialect::openai {

namespace {

using chat::Field;

class ChatReader {
 public:
  ChatReader(std::string_view body, json::Cursor& cursor, chat::Request& request)
      : body_(body), read_(cursor), request_(request) {}

  Status run() {
    json::each_member(read_.cursor(), [&](std::string_view key) {
      if (!read_.ok()) return;
      if (!member(key) && !take_field(chat_fields(), key, read_.cursor(), request_))
        take_unknown(key, read_.cursor(), request_);
    });
    if (!request_.has(Field::kMessages)) read_.miss("messages");
    if (!limit_.empty()) request_.give(Field::kMaxTokens, limit_path_, limit_);
    return read_.finish();
  }

 private:
  bool member(std::string_view key) {
    if (key == "messages") return messages();
    if (key == "model" || key == "stream") return skip();
    if (key == "tools") return given(Field::kTools, "tools", [&] { read_tools(read_, request_, inside_); });
    if (key == "functions") return given(Field::kTools, "functions", [&] { read_functions(read_, request_); });
    if (key == "tool_choice")
      return given(Field::kToolChoice, "tool_choice", [&] { read_tool_choice(read_, request_); });
    if (key == "function_call")
      return given(Field::kToolChoice, "function_call", [&] { read_function_choice(read_, request_); });
    if (key == "parallel_tool_calls") return parallel_calls();
    if (key == "response_format") return given(Field::kOutputFormat, "response_format", [&] { format(); });
    if (key == "reasoning_effort") return given(Field::kReasoning, "reasoning_effort", [&] { effort(); });
    if (key == "stop") return given(Field::kStop, "stop", [&] { stop(); });
    return scalar(key);
  }

  bool scalar(std::string_view key) {
    if (key == "max_completion_tokens" || key == "max_tokens") return limit(key);
    if (key == "safety_identifier" || key == "user") return end_user(key);
    if (key == "stream_options") return stream_options();
    if (key == "frequency_penalty") return unless("0", Field::kFrequencyPenalty, "frequency_penalty");
    if (key == "presence_penalty") return unless("0", Field::kPresencePenalty, "presence_penalty");
    if (key == "logprobs") return unless("false", Field::kLogprobs, "logprobs");
    if (key == "top_logprobs") return unless("0", Field::kTopLogprobs, "top_logprobs");
    if (key == "n") return unless("1", Field::kCandidates, "n");
    if (key == "store") return unless("false", Field::kStore, "store");
    if (key == "modalities") return unless(R"(["text"])", Field::kModalities, "modalities");
    if (key == "service_tier") return unless(R"("auto")", Field::kServiceTier, "service_tier");
    if (key == "metadata") return unless("{}", Field::kMetadata, "metadata");
    if (key == "web_search_options") return unless("", Field::kWebSearch, "web_search_options");
    if (key == "seed") return unless("", Field::kSeed, "seed");
    if (key == "random_seed") return unless("", Field::kSeed, "random_seed");
    if (key == "safe_prompt" && read_.cursor().kind() == json::Kind::kFalse) return skip();
    // What servers of this dialect take beside the API's own fields, and other APIs have too.
    if (key == "top_k") return unless("", Field::kTopK, "top_k");
    if (key == "min_p") return unless("", Field::kMinP, "min_p");
    return false;
  }

  // A setting that says something only when it is not `usual`, the value that changes nothing.
  bool unless(std::string_view usual, Field field, std::string_view path) {
    const bool is_null = read_.is_null();
    const std::string_view value = read_.any();
    if (!is_null && value != usual) request_.give(field, path, value);
    return true;
  }

  bool limit(std::string_view key) {
    const auto value = read_.limit(key);
    const bool wins = key == "max_completion_tokens" || limit_.empty();
    if (wins && !value.empty()) {
      limit_ = value;
      limit_path_ = key == "max_tokens" ? "max_tokens" : "max_completion_tokens";
    }
    return true;
  }

  bool end_user(std::string_view key) {
    const std::string_view path = key == "user" ? "user" : "safety_identifier";
    const std::size_t begin = read_.cursor().offset();
    const auto text = read_.string(path);
    if (!text || text->empty()) return true;
    const bool has_both = request_.has(Field::kEndUser);
    if (has_both) request_.lost.push_back({"user", chat::Unplaced::kSilent, {}});
    if (path == "safety_identifier" || !has_both) {
      request_.give(Field::kEndUser, path, body_.substr(begin, read_.cursor().end_of_last() - begin));
    }
    return true;
  }

  bool stream_options() {
    if (read_.is_null()) return skip();
    request_.give(Field::kStreamOptions, "stream_options");
    const bool is_object = json::each_member(read_.cursor(), [&](std::string_view inner) {
      if (inner == "include_usage")
        request_.usage_wanted = read_.boolean("stream_options.include_usage").value_or(false);
    });
    if (!is_object) read_.refuse("stream_options", "must be an object.", "invalid_type");
    return true;
  }

  // A typed field: null is not given.
  template <class Take>
  bool given(Field field, std::string_view path, Take take) {
    if (read_.is_null()) return skip();
    request_.give(field, path);
    take();
    return true;
  }
  bool skip() {
    read_.any();
    return true;
  }

  bool parallel_calls() {
    request_.parallel_calls = read_.boolean("parallel_tool_calls");
    if (request_.parallel_calls == false) request_.give(Field::kParallelCalls, "parallel_tool_calls");
    return true;
  }

  bool messages() {
    request_.give(Field::kMessages, kMessagesPath);
    request_.turns.clear();
    if (!read_.is_array()) {
      read_.any();
      read_.refuse("messages", "must be an array of messages.", "invalid_type");
      return true;
    }
    json::each_element(read_.cursor(), [&](std::size_t index) { read_message(read_, index, request_, inside_); });
    if (request_.turns.empty()) read_.refuse("messages", "must not be empty.");
    return true;
  }

  void effort() {
    const auto word = read_.string("reasoning_effort");
    if (!word) return;
    const auto effort = chat::find_effort(word->raw);
    if (!effort) return read_.refuse("reasoning_effort", "must be none, minimal, low, medium, high, xhigh or max.");
    request_.reasoning.effort = *effort;
  }

  void stop() {
    if (read_.is_string()) {
      if (auto text = read_.string("stop")) request_.stop.push_back(*text);
      return;
    }
    const bool is_array = json::each_element(read_.cursor(), [&](std::size_t index) {
      if (auto text = read_.string(at("stop", index))) request_.stop.push_back(*text);
    });
    if (!is_array) read_.refuse("stop", "must be a string or an array of strings.", "invalid_type");
    if (request_.stop.empty()) request_.forget(Field::kStop);
  }

  void format() {
    const bool is_object = json::each_member(read_.cursor(), [&](std::string_view key) {
      if (key == "type") {
        const auto type = read_.string("response_format.type").value_or(json::Escaped{});
        if (type.raw == "text") {
          request_.format.kind = chat::OutputFormat::Kind::kText;
        } else if (type.raw == "json_object") {
          request_.format.kind = chat::OutputFormat::Kind::kJson;
        } else if (type.raw == "json_schema") {
          request_.format.kind = chat::OutputFormat::Kind::kSchema;
        } else {
          read_.refuse("response_format.type", "must be text, json_object or json_schema.");
        }
      } else if (key == "json_schema") {
        schema();
      }
    });
    if (!is_object) return read_.refuse("response_format", "must be an object.", "invalid_type");
    using Kind = chat::OutputFormat::Kind;
    if (request_.format.kind == Kind::kUnset) read_.miss("response_format.type");
    if (request_.format.kind == Kind::kSchema && !has_schema_) read_.miss("response_format.json_schema");
  }

  void schema() {
    has_schema_ = read_.is_object();
    json::each_member(read_.cursor(), [&](std::string_view key) {
      if (key == "name")
        request_.format.name = read_.string("response_format.json_schema.name").value_or(json::Escaped{});
      if (key == "description")
        request_.format.description = read_.string("response_format.json_schema.description").value_or(json::Escaped{});
      if (key == "strict") request_.format.strict = read_.boolean("response_format.json_schema.strict");
      if (key == "schema") request_.format.schema = read_.object("response_format.json_schema.schema");
    });
  }

  std::string_view body_;
  Reading read_;
  chat::Request& request_;
  json::Reader inside_;
  bool has_schema_ = false;
  std::string_view limit_;
  std::string_view limit_path_;
};

}  // namespace

Result<chat::Request> read_chat(std::string_view body, json::Reader& reader) {
  auto cursor = reader.scan(body);
  if (!cursor) return invalid_request("The request body is not valid JSON.", "", "invalid_json");
  chat::Request request;
  request.usage_wanted = false;
  if (auto read = ChatReader(body, *cursor, request).run(); !read) return fail_from(read);
  chat::link_results(request);
  return request;
}

}  // namespace sluice::dialect::openai
