#include "dialect/responses/compose.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialect/faults.h"
#include "dialect/openai/fields.h"
#include "dialect/openai/model.h"
#include "dialect/responses/compose_input.h"
#include "dialect/responses/compose_tools.h"
#include "dialect/responses/fields.h"
#include "dialect/responses/members.h"
#include "json/reader.h"

namespace sluice::dialect::responses {

namespace {

using chat::Field;
using chat::Unplaced;

constexpr chat::Alphabet kNames{.longest = 64, .exactly = 0, .beside_alphanumeric = "_-", .starts_with_letter = false};

class Composer {
 public:
  Composer(chat::Request& request, const Target& target)
      : request_(request),
        target_(target),
        json_(out_.body),
        part_{request, target, out_, reader_, request.path(Field::kMessages) == kInput} {}

  Result<Outgoing> compose() {
    if (Status status = settle(); !status) return fail_from(status);
    if (!part_.own) openai::fit_to_model(request_, target_.model, out_.lost);
    chat::name_calls(request_);
    out_.renamed = chat::fit_names(request_, kNames, kNames);
    json_.begin_object();
    json_.key("model").text(target_.model);
    const bool counts = target_.operation == Operation::kCountTokens;
    if (!counts) write_way();
    if (Status status = write_input(part_, json_); !status) return fail_from(status);
    if (Status status = write_tools(part_, json_); !status) return fail_from(status);
    const bool has_tools = !request_.tools.empty() || request_.has(Field::kWebSearch);
    if (request_.parallel_calls && has_tools) json_.key("parallel_tool_calls").boolean(*request_.parallel_calls);
    write_text();
    write_reasoning();
    if (!counts) write_settings();
    json_.end_object();
    return std::move(out_);
  }

 private:
  void lose(std::string path, Unplaced unplaced = Unplaced::kDropped) {
    out_.lost.push_back({std::move(path), unplaced, {}});
  }

  Status settle() {
    Status settled = settle_fields(fields(), request_, target_.provider, target_.model, out_.lost);
    if (!settled || !part_.own) return settled;
    // These are in what is copied as it came.
    std::erase_if(out_.lost, [](const chat::Request::Lost& lost) {
      return lost.path.starts_with("input[") || lost.path.starts_with("tools[") || lost.path == "tool_choice.type";
    });
    return settled;
  }

  // How the answer is to come.
  void write_way() {
    if (target_.stream) json_.key("stream").boolean(true);
    write_store();
    json_.key("include").begin_array();
    if (!openai::never_reasons(target_.model)) json_.raw(R"("reasoning.encrypted_content")");
    if (request_.value(Field::kLogprobs) == "true") json_.raw(R"("message.output_text.logprobs")");
    if (part_.own) {
      for (std::string_view what : elements(request_.value(Field::kInclude), reader_)) {
        const bool written = what == R"("reasoning.encrypted_content")" || what == R"("message.output_text.logprobs")";
        if (!written) json_.raw(what);
      }
    } else if (request_.has(Field::kInclude)) {
      lose(std::string(request_.path(Field::kInclude)));
    }
    json_.end_array();
  }

  // Clients of this API keep what they want kept; the answers of others have no place to be asked for again.
  void write_store() {
    if (part_.own && !request_.unkept) return;
    json_.key("store").boolean(false);
    if (request_.value(Field::kStore) == "true") lose(std::string(request_.path(Field::kStore)));
  }

  void write_text() {
    using enum chat::OutputFormat::Kind;
    const chat::OutputFormat& format = request_.format;
    if (format.kind == kUnset && !request_.has(Field::kVerbosity)) return;
    json_.key("text").begin_object();
    if (format.kind != kUnset) {
      json_.key("format").begin_object();
      json_.key("type").text(format.kind == kText   ? std::string_view("text")
                             : format.kind == kJson ? std::string_view("json_object")
                                                    : std::string_view("json_schema"));
      if (format.kind == kSchema) write_schema(format);
      json_.end_object();
    }
    write_fields(fields(), "text.", request_, json_);
    json_.end_object();
  }

  void write_schema(const chat::OutputFormat& format) {
    const json::Escaped name = format.name.empty() ? json::Escaped{"answer"} : format.name;
    json_.key("name").text(chat::fitted(name, kNames, request_.texts));
    if (!format.description.empty()) json_.key("description").text(format.description);
    json_.key("schema").raw(format.schema);
    if (format.strict) json_.key("strict").boolean(*format.strict);
  }

  void write_reasoning() {
    const chat::Reasoning& reasoning = request_.reasoning;
    chat::Effort effort = reasoning.effort;
    if (effort == chat::Effort::kUnset && reasoning.budget) effort = chat::effort_of_budget(*reasoning.budget);
    const bool shown = reasoning.show == chat::Reasoning::Show::kSummary && effort != chat::Effort::kOff;
    if (effort == chat::Effort::kUnset && !shown) return;
    json_.key("reasoning").begin_object();
    if (effort != chat::Effort::kUnset) json_.key("effort").text(chat::name(effort));
    if (shown) json_.key("summary").raw(summary_word());
    json_.end_object();
  }

  std::string_view summary_word() {
    const Members own(part_.own ? request_.value(Field::kReasoning) : std::string_view(), reader_);
    for (std::string_view key : {"summary", "generate_summary"}) {
      const std::string_view word = own.value(key);
      if (word == R"("concise")" || word == R"("detailed")") return word;
    }
    return R"("auto")";
  }

  void write_settings() {
    write_limit();
    if (request_.has(Field::kTopLogprobs)) json_.key("top_logprobs").raw(request_.value(Field::kTopLogprobs));
    write_fields(fields(), "", request_, json_);
    write_tier();
    write_end_user();
  }

  void write_end_user() {
    const std::string_view key = request_.path(Field::kEndUser) == "user" ? "user" : "safety_identifier";
    const std::string_view given = request_.value(Field::kEndUser);
    if (part_.own && !given.empty()) json_.key(key).raw(given);
    if (part_.own) return;
    const json::Escaped user = openai::fitted_user(request_);
    if (!user.empty()) json_.key(key).text(user);
  }

  void write_limit() {
    const std::string_view limit = request_.value(Field::kMaxTokens);
    if (limit.empty()) return;
    const auto tokens = to_number<std::uint64_t>(limit);
    if (tokens && *tokens < kLeastTokens) {
      lose(std::string(request_.path(Field::kMaxTokens)));
      json_.key("max_output_tokens").number(kLeastTokens);
    } else {
      json_.key("max_output_tokens").raw(limit);
    }
  }

  // Other APIs have other words for the tier that all have.
  void write_tier() {
    constexpr std::array<std::string_view, 7> kTiers{R"("auto")",     R"("default")", R"("flex")",     R"("scale")",
                                                     R"("priority")", R"("fast")",    R"("ultrafast")"};
    const std::string_view tier = request_.value(Field::kServiceTier);
    if (tier.empty()) return;
    if (tier == R"("standard")" || tier == R"("standard_only")") {
      json_.key("service_tier").raw(R"("default")");
    } else if (std::ranges::find(kTiers, tier) != kTiers.end()) {
      json_.key("service_tier").raw(tier);
    } else {
      lose(std::string(request_.path(Field::kServiceTier)));
    }
  }

  chat::Request& request_;
  const Target& target_;
  Outgoing out_;
  json::Writer json_;
  json::Reader reader_;
  Composing part_;
};

}  // namespace

Result<Outgoing> compose(chat::Request& request, const Target& target) {
  return Composer(request, target).compose();
}

}  // namespace sluice::dialect::responses
