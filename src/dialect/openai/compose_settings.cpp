// Settings of a request: sampling, limits, reasoning, who asks.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialect/openai/compose.h"
#include "dialect/openai/fields.h"

namespace sluice::dialect::openai {

namespace {

using chat::Field;
using json::Escaped;

class SettingsWriter {
 public:
  SettingsWriter(const Composing& with, json::Writer& json) : with_(with), request_(with.request), json_(json) {}

  Status run() {
    write_limit();
    write_effort();
    write_stop();
    fit_temperature();
    write_fields(chat_fields(), "", request_, json_);
    for (const auto& [field, name] : kPlain) copy(field, name);
    write_seed();
    write_logprobs();
    write_tier();
    write_end_user();
    write_metadata();
    if (Status written = write_modalities(); !written) return written;
    return write_web_search();
  }

 private:
  static constexpr std::array<std::pair<Field, std::string_view>, 4> kPlain{{
      {Field::kFrequencyPenalty, "frequency_penalty"},
      {Field::kPresencePenalty, "presence_penalty"},
      {Field::kCandidates, "n"},
      {Field::kStore, "store"},
  }};

  void copy(Field field, std::string_view name) {
    const std::string_view value = request_.value(field);
    if (!value.empty()) json_.key(name).raw(value);
  }
  void lose(Field field) { with_.lose(std::string(request_.path(field))); }

  void write_limit() {
    const std::string_view limit = request_.value(Field::kMaxTokens);
    if (limit.empty()) return;
    const Quirks& quirks = with_.target.quirks;
    const bool older = !quirks.max_completion_tokens ||
                       (quirks.max_tokens && with_.own && request_.path(Field::kMaxTokens) == "max_tokens");
    json_.key(older ? "max_tokens" : "max_completion_tokens").raw(limit);
  }

  void write_effort() {
    const chat::Reasoning& reasoning = request_.reasoning;
    chat::Effort effort = reasoning.effort;
    if (effort == chat::Effort::kUnset && reasoning.budget) effort = chat::effort_of_budget(*reasoning.budget);
    if (effort == chat::Effort::kUnset) return;
    if (!with_.own && !with_.target.quirks.effort_levels) effort = all_or_nothing(effort);
    json_.key("reasoning_effort").text(chat::name(effort));
  }
  chat::Effort all_or_nothing(chat::Effort asked) {
    const chat::Effort taken = asked < chat::Effort::kMedium ? chat::Effort::kOff : chat::Effort::kHigh;
    if (taken != asked) lose(Field::kReasoning);
    return taken;
  }

  void fit_temperature() {
    if (with_.own || with_.target.quirks.high_temperature) return;
    if (to_number<double>(request_.value(Field::kTemperature)).value_or(0) <= 1.5) return;
    lose(Field::kTemperature);
    request_.give(Field::kTemperature, request_.path(Field::kTemperature), "1.5");
  }

  void write_stop() {
    if (request_.stop.empty()) return;
    json_.key("stop").begin_array();
    for (Escaped text : request_.stop) json_.text(text);
    json_.end_array();
  }

  void write_seed() {
    const bool came_so = with_.own && request_.path(Field::kSeed) == "random_seed";
    copy(Field::kSeed, with_.target.quirks.random_seed || came_so ? "random_seed" : "seed");
  }

  // Alternatives are told only where log probabilities are asked for, which other APIs take for granted.
  void write_logprobs() {
    const std::string_view top = request_.value(Field::kTopLogprobs);
    if (request_.has(Field::kLogprobs) || !top.empty()) json_.key("logprobs").boolean(true);
    if (!top.empty()) json_.key("top_logprobs").raw(top);
  }

  void write_tier() {
    constexpr std::array<std::string_view, 7> kTiers{R"("auto")",     R"("default")", R"("flex")",     R"("scale")",
                                                     R"("priority")", R"("fast")",    R"("ultrafast")"};
    const std::string_view tier = request_.value(Field::kServiceTier);
    if (tier.empty()) return;
    if (tier == R"("standard")" || tier == R"("standard_only")") {
      json_.key("service_tier").raw(R"("default")");
    } else if (with_.own || std::ranges::find(kTiers, tier) != kTiers.end()) {
      json_.key("service_tier").raw(tier);
    } else {
      lose(Field::kServiceTier);
    }
  }

  // From other APIs as `user`, which most servers of the dialect know.
  void write_end_user() {
    if (with_.own) return copy(Field::kEndUser, request_.path(Field::kEndUser));
    const Escaped user = fitted_user(request_);
    if (!user.empty()) json_.key("user").text(user);
  }

  // The API takes them only for answers that it stores.
  void write_metadata() {
    if (!request_.has(Field::kMetadata)) return;
    if (with_.own || request_.value(Field::kStore) == "true") {
      copy(Field::kMetadata, "metadata");
    } else {
      with_.lose(std::string(request_.path(Field::kMetadata)), chat::Unplaced::kSilent);
    }
  }

  Status write_modalities() {
    const std::string_view words = request_.value(Field::kModalities);
    if (words.empty()) return {};
    if (!with_.own) return with_.refuse(request_.path(Field::kModalities), "with anything but text is not supported");
    json_.key("modalities").raw(words);
    return {};
  }

  // Other APIs can restrict where is searched, and what more they say beside this is a wish.
  Status write_web_search() {
    if (!request_.has(Field::kWebSearch)) return {};
    const std::string_view path = request_.path(Field::kWebSearch);
    std::string_view options = request_.value(Field::kWebSearch);
    if (with_.own) {
      json_.key("web_search_options").raw(options);
      return {};
    }
    auto cursor = with_.inside.scan_copy(options.empty() ? "{}" : options);
    if (!cursor) return with_.refuse(path, "is not supported");
    bool restricts = false;
    json_.key("web_search_options").begin_object();
    json::each_member(*cursor, [&](std::string_view key) {
      if (key == "search_context_size" || key == "user_location") {
        json_.key(key).raw(cursor->skip());
      } else if (key == "filters" || key.ends_with("_domains")) {
        restricts = cursor->kind() != json::Kind::kNull;
      } else if (key != "type" && key != "name") {
        with_.lose(std::string(path) + "." + std::string(key));
      }
    });
    json_.end_object();
    if (restricts) return with_.refuse(path, "restricts where is searched, which is not supported");
    return {};
  }

  const Composing& with_;
  chat::Request& request_;
  json::Writer& json_;
};

}  // namespace

Status write_settings(const Composing& with, json::Writer& json) {
  return SettingsWriter(with, json).run();
}

}  // namespace sluice::dialect::openai
