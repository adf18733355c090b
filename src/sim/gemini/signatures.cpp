// The rules for thought signatures: where one must be, and that each is ours for exactly what it stands on.
#include <fmt/format.h>

#include "sim/dom.h"
#include "sim/gemini/ask.h"
#include "sim/gemini/rules.h"
#include "sim/gemini/thought.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

constexpr int kRequiring = 3;  // the generation from which on signatures of calls must come back

// What the model said since it was last asked, up to the part that is looked at.
struct Run {
  std::string text;
  std::optional<std::string> thoughts;

  void add(const bj::object& part) {
    if (flag_in(part, "thought")) {
      thoughts = thoughts.value_or("").append(text_in(part, "text"));
    } else {
      text += text_in(part, "text");
    }
  }
};

bool is_ours(const bj::object& part, const Run& run) {
  auto signature = text_in(part, "thoughtSignature");
  if (skips_validation(signature)) return true;
  if (const auto* call = object_in(part, "functionCall")) {
    const auto* args = object_in(*call, "args");
    auto said = said_by_call(text_in(*call, "name"), args ? bj::serialize(*args) : "{}");
    return vouches(signature, Signed::kCall, said, run.thoughts);
  }
  if (!part.contains("text") || flag_in(part, "thought")) return false;  // we sign nothing else
  Signed what = text_in(part, "text").empty() ? Signed::kEmptyText : Signed::kText;
  return vouches(signature, what, run.text, run.thoughts);
}

// The first content of the current turn: behind the last thing the user said.
std::size_t current_turn(const bj::array& contents) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const auto& content = as_object(contents[i]);
    if (text_in(content, "role") == "model") continue;
    for (const auto& part : list_in(content, "parts")) {
      if (!as_object(part).contains("functionResponse")) begin = i + 1;
    }
  }
  return begin;
}

// The first call of the content, which must be signed when it is the first of its step.
const bj::object* first_call(const bj::object& content) {
  for (const auto& part : list_in(content, "parts")) {
    if (object_in(as_object(part), "functionCall")) return &as_object(part);
  }
  return nullptr;
}

std::optional<Problem> check_signed(const bj::object& part, std::size_t turn) {
  if (!text_in(part, "thoughtSignature").empty()) return std::nullopt;
  return refused(fmt::format(
      "Function call is missing a thought_signature in functionCall parts. This is required for tools to work "
      "correctly, and missing thought_signature may lead to degraded model performance. Additional data, function "
      "call `default_api:{}` , position {}. Please refer to "
      "https://ai.google.dev/gemini-api/docs/thought-signatures for more details.",
      text_in(*object_in(part, "functionCall"), "name"), turn + 1));
}

}  // namespace

std::optional<Problem> check_signatures(const bj::object& body, const Ask& ask) {
  const auto& contents = list_in(body, "contents");
  bool requiring = gemini_generation(ask.model) >= kRequiring;
  std::size_t current = current_turn(contents);
  Run run;
  bool called = false;  // in this step
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const auto& content = as_object(contents[i]);
    bool by_model = text_in(content, "role") == "model";
    if (!by_model) {
      run = {};
      called = false;
    }
    if (const auto* call = first_call(content); call && !called) {
      called = true;
      if (auto problem = check_signed(*call, i); problem && requiring && i >= current) return problem;
    }
    for (const auto& item : list_in(content, "parts")) {
      const auto& part = as_object(item);
      if (by_model) run.add(part);
      bool has = !text_in(part, "thoughtSignature").empty();
      if (has && !is_ours(part, run)) return refused("Corrupted thought signature.");
    }
  }
  return std::nullopt;
}

}  // namespace sluice::sim
