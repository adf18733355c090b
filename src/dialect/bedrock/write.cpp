#include "dialect/bedrock/write.h"

#include <algorithm>

#include "dialect/bedrock/fields.h"
#include "dialect/cache_marks.h"
#include "dialect/faults.h"

namespace sluice::dialect::bedrock {

namespace {

using chat::Part;

constexpr chat::Alphabet kNames{.longest = 64, .beside_alphanumeric = "_-"};
constexpr chat::Alphabet kIds{.longest = 64, .beside_alphanumeric = "_.:-"};

// The cache marks, in the order of the prompt.
std::vector<chat::CacheMark*> marks_of(chat::Request& request) {
  std::vector<chat::CacheMark*> marks;
  marks.reserve(request.tools.size());
  for (chat::Tool& tool : request.tools) marks.push_back(&tool.cache);
  for (chat::Turn& turn : request.turns) {
    for (Part& part : turn.parts) {
      lift_marks(part);
      marks.push_back(&part.cache);
    }
  }
  return marks;
}

// Models that do not cache get no marks, others those that fit.
void trim_marks(Sending& sending) {
  if (sending.own) return;
  const std::vector<chat::CacheMark*> marks = marks_of(sending.request);
  if (sending.model.family != Family::kOther) {
    for (const std::string& lost : fit_marks(marks)) sending.lose(lost);
    return;
  }
  for (chat::CacheMark* mark : marks) {
    if (*mark == chat::CacheMark::kNone) continue;
    sending.lose("cache_control", chat::Unplaced::kSilent);
    *mark = chat::CacheMark::kNone;
  }
}

// Blocks that are written as they came are not lost.
void keep_own(Sending& sending) {
  if (!sending.own) return;
  std::erase_if(sending.lost, [](const chat::Request::Lost& lost) {
    return lost.path.ends_with(".guardContent") || lost.path.ends_with(".searchResult") ||
           lost.path.starts_with("additionalModelRequestFields.");
  });
}

}  // namespace

Sending::Sending(chat::Request& asked, const Target& to)
    : request(asked), target(to), model(facts_of(to.model)), own(is_own(asked)) {}

void Sending::refuse(std::string_view param, std::string_view why) {
  if (status) status = unsupported(param, why, target.provider, target.model);
}

void Sending::lose(std::string_view path, chat::Unplaced unplaced) {
  const bool known = std::ranges::find(lost, path, &chat::Request::Lost::path) != lost.end();
  if (!known) lost.push_back({std::string(path), unplaced, {}});
}

Result<Outgoing> write_chat(chat::Request& request, const Target& target) {
  Sending sending(request, target);
  if (auto settled = settle_fields(chat_fields(), request, target.provider, target.model, sending.lost); !settled) {
    return fail_from(settled);
  }
  keep_own(sending);
  chat::name_calls(request);
  Outgoing out;
  out.renamed = chat::fit_names(request, kNames, kIds);
  trim_marks(sending);
  plan_reasoning(sending);

  json::Writer json(out.body);
  json.begin_object();
  const bool counts = target.operation == Operation::kCountTokens;
  if (counts) json.key("input").begin_object().key("converse").begin_object();
  write_messages(sending, json);
  if (!counts) write_settings(sending, json);
  write_tools(sending, json);
  write_model_fields(sending, json);
  if (counts) json.end_object().end_object();
  json.end_object();
  if (!sending.status) return fail_from(sending.status);
  out.lost = std::move(sending.lost);
  return out;
}

}  // namespace sluice::dialect::bedrock
