#include "dialect/openai/model.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace sluice::dialect::openai {

namespace {

using chat::Effort;
using chat::Field;

struct Efforts {
  Effort least;
  Effort most;
};

// Behind the vendor's name, which some hosts put before it.
std::string_view bare(std::string_view model) {
  return model.substr(model.rfind('/') + 1);
}

bool is_o_series(std::string_view name) {
  return name.size() >= 2 && name[0] == 'o' && name[1] >= '1' && name[1] <= '9';
}

// "gpt-5-chat-latest": what their apps talk to, which does not reason.
bool is_for_chats(std::string_view name) {
  return name.ends_with("-chat") || name.ends_with("-chat-latest");
}

// They have three efforts, whoever serves them, and no rule for how words are chosen.
bool is_open(std::string_view name) {
  return name.starts_with("gpt-oss") || name.starts_with("openai.gpt-oss");
}

// Nothing: not one of OpenAI's reasoning models.
std::optional<Efforts> efforts_of(std::string_view model) {
  const auto name = bare(model);
  if (is_o_series(name)) return Efforts{Effort::kLow, Effort::kHigh};
  if (!name.starts_with("gpt-5") || is_for_chats(name)) return std::nullopt;
  if (!name.starts_with("gpt-5.")) return Efforts{Effort::kMinimal, Effort::kHigh};
  return Efforts{Effort::kOff, name.starts_with("gpt-5.1") ? Effort::kHigh : Effort::kXHigh};
}

Effort effort_of(const chat::Reasoning& reasoning) {
  if (reasoning.effort != Effort::kUnset || !reasoning.budget) return reasoning.effort;
  return chat::effort_of_budget(*reasoning.budget);
}

void lose(const chat::Request& request, Field field, std::vector<chat::Request::Lost>& lost) {
  lost.push_back({.path = std::string(request.path(field)), .unplaced = chat::Unplaced::kDropped, .why = {}});
}

void fit_to_open_model(chat::Request& request, Effort asked, std::vector<chat::Request::Lost>& lost) {
  if (asked == Effort::kUnset) return;
  request.reasoning.effort = std::clamp(asked, Effort::kLow, Effort::kHigh);
  request.reasoning.budget.reset();
  if (request.reasoning.effort != asked) lose(request, Field::kReasoning, lost);
}

// Models that reason have one way of choosing words.
void fix_sampling(chat::Request& request, std::vector<chat::Request::Lost>& lost) {
  for (Field field : {Field::kTemperature, Field::kTopP}) {
    if (!request.has(field)) continue;
    if (to_number<double>(request.value(field)).value_or(1) != 1) lose(request, field, lost);
    request.forget(field);
  }
}

}  // namespace

bool never_reasons(std::string_view model) {
  const auto name = bare(model);
  return name.starts_with("gpt-3") || name.starts_with("gpt-4") || name.starts_with("chatgpt-") ||
         (name.starts_with("gpt-5") && is_for_chats(name));
}

void fit_to_model(chat::Request& request, std::string_view model, std::vector<chat::Request::Lost>& lost) {
  auto& reasoning = request.reasoning;
  const Effort asked = effort_of(reasoning);
  if (never_reasons(model)) {
    if (asked != Effort::kUnset && asked != Effort::kOff) lose(request, Field::kReasoning, lost);
    reasoning = {};
    return;
  }
  if (is_open(bare(model))) return fit_to_open_model(request, asked, lost);
  const auto efforts = efforts_of(model);
  if (!efforts) return;
  if (asked != Effort::kUnset) {
    reasoning.effort = std::clamp(asked, efforts->least, efforts->most);
    reasoning.budget.reset();
  }
  const bool is_quiet = efforts->least == Effort::kOff && (asked == Effort::kUnset || asked == Effort::kOff);
  if (!is_quiet) fix_sampling(request, lost);
}

}  // namespace sluice::dialect::openai
