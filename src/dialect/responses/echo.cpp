#include "dialect/responses/echo.h"

#include <algorithm>
#include <array>

#include "dialect/openai/envelope.h"
#include "dialect/openai/error.h"
#include "dialect/responses/members.h"
#include "dialect/responses/owned_id.h"
#include "dialect/responses/usage.h"
#include "dialect/responses/web_search.h"
#include "json/reader.h"

namespace sluice::dialect::responses {

namespace {

using chat::Field;

// The members that repeat a request, with the API's defaults where it says nothing.
class Asked {
 public:
  Asked(const chat::Request& request, std::string& out) : request_(request), json_(out) {}

  void write() {
    json_.key("instructions").raw(given(Field::kSystem, "null"));
    json_.key("max_output_tokens").raw(given(Field::kMaxTokens, "null"));
    json_.key("max_tool_calls").null();
    json_.key("metadata").raw(given(Field::kMetadata, "{}"));
    json_.key("parallel_tool_calls").boolean(request_.parallel_calls.value_or(true));
    json_.key("previous_response_id").null();
    json_.key("prompt_cache_key").raw(given(Field::kCacheKey, "null"));
    json_.key("reasoning").raw(given(Field::kReasoning, R"({"effort":null,"summary":null})"));
    const bool is_user = request_.path(Field::kEndUser) == "user";
    json_.key("safety_identifier").raw(is_user ? "null" : given(Field::kEndUser, "null"));
    json_.key("store").boolean(false);  // nothing is kept
    json_.key("temperature").raw(given(Field::kTemperature, "1"));
    json_.key("text").begin_object();
    json_.key("format").raw(given(Field::kOutputFormat, R"({"type":"text"})"));
    json_.key("verbosity").raw(given(Field::kVerbosity, R"("medium")"));
    json_.end_object();
    json_.key("tool_choice").raw(given(Field::kToolChoice, R"("auto")"));
    write_tools();
    json_.key("top_logprobs").raw(given(Field::kTopLogprobs, "0"));
    json_.key("top_p").raw(given(Field::kTopP, "1"));
    json_.key("truncation").raw(R"("disabled")");
    json_.key("user").raw(is_user ? given(Field::kEndUser, "null") : "null");
  }

 private:
  std::string given(Field field, std::string_view otherwise) const {
    const std::string_view value = request_.value(field);
    return on_one_line(value.empty() ? otherwise : value);
  }

  void write_tools() {
    json_.key("tools").begin_array();
    for (const chat::Tool& tool : request_.tools) {
      if (!tool.raw.empty()) json_.raw(on_one_line(tool.raw));
    }
    if (const std::string_view options = request_.value(Field::kWebSearch); !options.empty()) {
      json::Reader reader;
      json_.raw(on_one_line(web_search_tool(options, reader).tool));
    }
    json_.end_array();
  }

  const chat::Request& request_;
  json::Writer json_;
};

// The API's own words for tiers; other APIs' words are none.
std::string_view tier_of(std::string_view tier) {
  constexpr std::array<std::string_view, 7> kTiers{"auto", "default", "flex", "scale", "priority", "fast", "ultrafast"};
  if (tier == "standard") return "default";
  return std::ranges::find(kTiers, tier) != kTiers.end() ? tier : std::string_view();
}

void write_or_null(json::Writer& json, std::string_view key, std::string_view text) {
  json.key(key);
  if (text.empty()) {
    json.null();
  } else {
    json.text(text);
  }
}

}  // namespace

Echo::Echo(const WriteOptions& options) : options_(options) {
  static const chat::Request kNothing;
  Asked(options.request != nullptr ? *options.request : kNothing, asked_).write();
}

std::string_view Echo::id(const chat::Learned& learned) {
  if (id_.empty()) id_ = learned.id.starts_with("resp_") ? learned.id : made_id("resp", options_.exchange_id);
  return id_;
}

void Echo::write(json::Writer& json, const State& state, const chat::Learned& learned) {
  json.begin_object();
  json.key("id").text(id(learned));
  json.key("object").raw(R"("response")");
  json.key("created_at").number(options_.created);
  json.key("status").text(state.status);
  json.key("background").boolean(false);
  json.key("completed_at").null();
  json.key("error").raw(state.error.empty() ? "null" : state.error);
  json.key("incomplete_details");
  if (state.incomplete_reason.empty()) {
    json.null();
  } else {
    json.begin_object();
    json.key("reason").text(state.incomplete_reason);
    json.end_object();
  }
  json.key("model").text(learned.model.empty() ? options_.asked_model : std::string_view(learned.model));
  json.key("output").begin_array();
  if (!state.output.empty()) json.raw(state.output);
  json.end_array();
  json.raw(asked_);
  write_or_null(json, "service_tier", tier_of(learned.service_tier));
  json.key("usage");
  if (state.status == "in_progress") {
    json.null();
  } else {
    write_usage(json, learned.usage);
  }
  json.key("access_programs").null();
  json.end_object();
}

std::string response_error(const Fault& fault) {
  json::Reader reader;
  const openai::Envelope envelope = openai::read_envelope(openai::write_error(fault), reader);
  std::string out;
  json::Writer json(out);
  json.begin_object();
  json.key("code").text(envelope.code.empty() ? std::string_view("server_error") : std::string_view(envelope.code));
  json.key("message").text(std::string_view(envelope.message));
  json.end_object();
  return out;
}

}  // namespace sluice::dialect::responses
