#include "dialect/anthropic/write.h"

#include <algorithm>

#include "dialect/anthropic/fields.h"
#include "dialect/anthropic/native.h"
#include "dialect/faults.h"

namespace sluice::dialect::anthropic {

namespace {

using chat::Field;

constexpr chat::Alphabet kIds{.longest = 128, .exactly = 0, .beside_alphanumeric = "_-", .starts_with_letter = false};

chat::Alphabet names_of(const ModelFacts& model) {
  const bool today = model.thinking == ModelFacts::Thinking::kAdaptive;
  return {
      .longest = today ? std::size_t{128} : 64, .exactly = 0, .beside_alphanumeric = "_-", .starts_with_letter = false};
}

// What has no place where forced calls are concerned is refused: the answer would be another one.
void check_forced_tool(Sending& sending, const Thinking& thinking) {
  const chat::ToolChoice& choice = sending.request.tool_choice;
  using Mode = chat::ToolChoice::Mode;
  const bool forced = choice.mode == Mode::kAny || choice.mode == Mode::kNamed ||
                      (choice.mode == Mode::kSubset && choice.subset_required);
  if (!forced) return;
  if (!sending.model.forced_tool) {
    sending.refuse(sending.path(Field::kToolChoice), "that forces a call is not supported");
  } else if (thinking.budget > 0) {
    sending.refuse(sending.path(Field::kToolChoice), "that forces a call is not supported together with reasoning");
  }
}

void write_head(const Sending& sending, std::uint64_t max_tokens, json::Writer& json) {
  // Bedrock counts what InvokeModel would be sent.
  const bool counts = sending.target.operation == Operation::kCountTokens && sending.host != Host::kBedrock;
  const bool hosted = sending.host != Host::kAnthropic;
  if (hosted) {
    // The first member of the object, written without the writer: so its comma is too.
    json.out() += version_members(sending.host, {}, {});
    json.out() += ',';
  }
  if (!hosted || counts) json.key("model").text(sending.target.model);
  if (counts) return;
  json.key("max_tokens").number(max_tokens);
  if (sending.target.stream && sending.host != Host::kBedrock) json.key("stream").boolean(true);
}

}  // namespace

bool is_own(const chat::Request& request) {
  return request.path(Field::kMessages) == kMessages;
}

void Sending::lose(std::string path) {
  if (std::ranges::find(noted, path) != noted.end()) return;
  noted.push_back(path);
  out.lost.push_back({std::move(path), chat::Unplaced::kDropped, {}});
}

void Sending::refuse(std::string_view param, std::string_view why) {
  if (status) status = unsupported(param, why, target.provider, target.model);
}

Result<Outgoing> write_chat(chat::Request& request, const Target& target, Host host) {
  if (is_own(request)) return write_own(request, target, host);
  Sending sending(request, target, host);
  if (auto settled = settle_fields(fields(), request, target.provider, target.model, sending.out.lost); !settled)
    return fail_from(settled);
  chat::name_calls(request);
  sending.out.renamed = chat::fit_names(request, names_of(sending.model), kIds);
  const Conversation conversation = arrange(sending);
  fit_cache_marks(sending, conversation);
  const std::uint64_t max_tokens = output_limit(sending);
  const Thinking thinking = plan_thinking(sending, conversation, max_tokens);
  check_forced_tool(sending, thinking);

  json::Writer json(sending.out.body);
  json.begin_object();
  write_head(sending, max_tokens, json);
  write_system(sending, conversation, json);
  write_tools(sending, conversation, json);
  write_messages(sending, conversation, json);
  write_settings(sending, thinking, json);
  json.end_object();
  if (!sending.status) return fail_from(sending.status);
  if (host == Host::kAnthropic) sending.out.headers.add("anthropic-version", kVersion);
  return std::move(sending.out);
}

}  // namespace sluice::dialect::anthropic
