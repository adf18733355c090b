// Limits, thinking, sampling and the form of the output: plan_thinking() and others of write.h.
#include <algorithm>

#include "base/text.h"
#include "dialect/anthropic/closed_schema.h"
#include "dialect/anthropic/write.h"

namespace sluice::dialect::anthropic {

namespace {

using chat::Effort;
using chat::Field;
using chat::Reasoning;

constexpr std::uint64_t kLeastBudget = 1024;  // the API refuses less

std::string_view display_of(Reasoning::Show show) {
  switch (show) {
    case Reasoning::Show::kSummary:
      return "summarized";
    case Reasoning::Show::kHidden:
      return "omitted";
    case Reasoning::Show::kUnset:
      break;
  }
  return {};
}

// In a loop of tools, the turn with the calls must begin with its thinking, which another provider's has not.
bool loop_lacks_thinking(const Conversation& conversation) {
  const auto& messages = conversation.messages;
  if (messages.size() < 2 || messages.back().results.empty()) return false;
  const Message& calling = messages[messages.size() - 2];
  return calling.parts.empty() || calling.parts.front()->kind != chat::PartKind::kReasoning;
}

class ThinkingPlan {
 public:
  explicit ThinkingPlan(Sending& sending) : sending_(sending), asked_(sending.request.reasoning) {}

  Thinking make(const Conversation& conversation, std::uint64_t max_tokens) {
    using Kind = ModelFacts::Thinking;
    const bool wanted = asked_.budget.value_or(0) > 0 || asked_.dynamic || asked_.effort > Effort::kOff;
    const bool off = !wanted && (asked_.effort == Effort::kOff || asked_.budget == 0);
    const bool shown = asked_.show == Reasoning::Show::kSummary;
    switch (sending_.model.thinking) {
      case Kind::kNone:
        if (wanted) lose();
        break;
      case Kind::kBudget:
        if (off) plan_.off = true;
        if (wanted) plan_budget(conversation, max_tokens);
        break;
      case Kind::kAdaptive:
        if (off) plan_off();
        if (wanted || (shown && !off)) plan_adaptive();
        break;
    }
    return plan_;
  }

 private:
  void lose() {
    const std::string_view path = sending_.path(Field::kReasoning);
    sending_.lose(path.empty() ? "reasoning" : std::string(path));
  }

  void plan_off() {
    if (sending_.model.can_be_quiet) {
      plan_.off = true;
    } else {
      plan_.effort = chat::name(Effort::kLow);  // the least there is
      lose();
    }
  }

  void plan_adaptive() {
    plan_.on = true;
    plan_.display = display_of(asked_.show);
    Effort effort = asked_.effort;
    if (effort <= Effort::kOff) effort = Effort::kUnset;
    if (effort == Effort::kUnset && asked_.budget) effort = chat::effort_of_budget(*asked_.budget);
    if (effort == Effort::kMinimal) effort = Effort::kLow;
    if (effort == Effort::kXHigh && !sending_.model.effort_xhigh) {
      effort = Effort::kHigh;
      lose();
    }
    plan_.effort = chat::name(effort);
  }

  void plan_budget(const Conversation& conversation, std::uint64_t max_tokens) {
    const std::uint64_t asked = asked_.budget                  ? *asked_.budget
                                : asked_.effort > Effort::kOff ? chat::budget_of_effort(asked_.effort)
                                                               : chat::budget_of_effort(Effort::kMedium);
    if (max_tokens <= kLeastBudget || loop_lacks_thinking(conversation)) return lose();
    plan_.budget = std::clamp(asked, kLeastBudget, max_tokens - 1);
    if (asked_.budget && plan_.budget != asked) lose();
    plan_.on = true;
    if (asked_.show == Reasoning::Show::kHidden) plan_.display = display_of(asked_.show);
  }

  Sending& sending_;
  const Reasoning& asked_;
  Thinking plan_;
};

class SettingsWriter {
 public:
  SettingsWriter(Sending& sending, const Thinking& thinking, json::Writer& json)
      : sending_(sending), request_(sending.request), thinking_(thinking), json_(json) {}

  void write() {
    write_thinking();
    write_output_config();
    if (sending_.target.operation == Operation::kCountTokens) return;
    write_sampling();
    write_stop();
    write_tier();
    if (const std::string_view user = request_.value(Field::kEndUser); user.starts_with('"')) {
      json_.key("metadata").begin_object().key("user_id").raw(user).end_object();
    }
  }

 private:
  void write_thinking() {
    if (!thinking_.on && !thinking_.off) return;
    json_.key("thinking").begin_object().key("type");
    json_.text(std::string_view(thinking_.off ? "disabled" : thinking_.budget > 0 ? "enabled" : "adaptive"));
    if (thinking_.budget > 0) json_.key("budget_tokens").number(thinking_.budget);
    if (!thinking_.display.empty()) json_.key("display").text(thinking_.display);
    json_.end_object();
  }

  void write_output_config() {
    using Kind = chat::OutputFormat::Kind;
    const chat::OutputFormat& format = request_.format;
    if (format.kind == Kind::kJson) sending_.lose(std::string(sending_.path(Field::kOutputFormat)));
    const bool schema = format.kind == Kind::kSchema;
    if (schema && !sending_.model.structured) {
      sending_.refuse(sending_.path(Field::kOutputFormat), "with a schema is not supported");
    }
    if (!schema && thinking_.effort.empty()) return;
    json_.key("output_config").begin_object();
    if (!thinking_.effort.empty()) json_.key("effort").text(thinking_.effort);
    if (schema) {
      json_.key("format").begin_object().key("type").text(std::string_view("json_schema"));
      json_.key("schema").raw(format.schema.empty() ? "{}" : closed_schema(format.schema)).end_object();
    }
    json_.end_object();
  }

  // A setting that the model does not take: its usual value says nothing.
  void drop(Field field, double usual) {
    if (request_.has(field) && number(field) != usual) sending_.lose(std::string(request_.path(field)));
  }
  std::optional<double> number(Field field) const { return to_number<double>(request_.value(field)); }

  void write_sampling() {
    if (!sending_.model.sampling || thinking_.on) {
      drop(Field::kTemperature, 1);
      drop(Field::kTopP, 1);
      drop(Field::kTopK, 0);
      return;
    }
    const bool has_temperature = request_.has(Field::kTemperature) && number(Field::kTemperature) != 1;
    write_temperature();
    if (has_temperature && !sending_.model.both_sampling) {
      drop(Field::kTopP, 1);
    } else if (request_.has(Field::kTopP) && number(Field::kTopP) != 1) {
      json_.key("top_p").raw(request_.value(Field::kTopP));
    }
    if (request_.has(Field::kTopK)) json_.key("top_k").raw(request_.value(Field::kTopK));
  }

  void write_temperature() {
    if (!request_.has(Field::kTemperature)) return;
    const auto temperature = number(Field::kTemperature);
    if (temperature == 1) return;  // the usual one
    const bool too_high = temperature.value_or(0) > 1;
    if (too_high) sending_.lose(std::string(request_.path(Field::kTemperature)));
    json_.key("temperature").raw(too_high ? "1" : request_.value(Field::kTemperature));
  }

  void write_stop() {
    const bool any = std::ranges::any_of(request_.stop, [](json::Escaped text) { return !text.empty(); });
    if (!any) return;
    json_.key("stop_sequences").begin_array();
    for (json::Escaped text : request_.stop) {
      if (!text.empty()) json_.text(text);
    }
    json_.end_array();
  }

  void write_tier() {
    if (!request_.has(Field::kServiceTier)) return;
    std::string tier = lower(request_.value(Field::kServiceTier));
    std::erase(tier, '"');
    if (tier == "auto") {
      json_.key("service_tier").text(std::string_view("auto"));
    } else if (tier == "default" || tier == "standard") {
      json_.key("service_tier").text(std::string_view("standard_only"));
    } else {
      sending_.lose(std::string(request_.path(Field::kServiceTier)));
    }
  }

  Sending& sending_;
  const chat::Request& request_;
  const Thinking& thinking_;
  json::Writer& json_;
};

}  // namespace

std::uint64_t output_limit(Sending& sending) {
  const std::uint64_t limit = sending.target.max_output > 0 ? sending.target.max_output : sending.model.max_output;
  const bool known = sending.target.max_output > 0 || !sending.model.prefix.empty();
  const auto asked = to_number<std::uint64_t>(sending.request.value(Field::kMaxTokens));
  if (!asked || *asked == 0) return limit;
  if (!known || *asked <= limit) return *asked;
  sending.lose(std::string(sending.request.path(Field::kMaxTokens)));
  return limit;
}

Thinking plan_thinking(Sending& sending, const Conversation& conversation, std::uint64_t max_tokens) {
  return ThinkingPlan(sending).make(conversation, max_tokens);
}

void write_settings(Sending& sending, const Thinking& thinking, json::Writer& json) {
  SettingsWriter(sending, thinking, json).write();
}

}  // namespace sluice::dialect::anthropic
