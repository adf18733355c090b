#include "dialect/gemini/write.h"

#include "dialect/faults.h"
#include "dialect/gemini/fields.h"
#include "json/writer.h"

namespace sluice::dialect::gemini {

namespace {

using chat::Field;

constexpr chat::Alphabet kNames{.longest = 64, .beside_alphanumeric = "_-.:", .starts_with_letter = true};
constexpr chat::Alphabet kIds{.longest = 128, .beside_alphanumeric = "_-.:"};

bool needs_whole_request(const chat::Request& request) {
  const bool system = !request.turns.empty() && request.turns.front().role <= chat::Role::kDeveloper;
  return system || !request.tools.empty() || request.format.kind != chat::OutputFormat::Kind::kUnset;
}

void write_request(Sending& sending, json::Writer& json) {
  write_contents(sending, json);
  write_tools(sending, json);
  write_settings(sending, json);
}

// Only contents count on their own; all else is counted within a whole request.
void write_count(Sending& sending, json::Writer& json) {
  json.begin_object();
  if (!needs_whole_request(sending.request)) {
    write_contents(sending, json);
  } else if (sending.platform == Platform::kVertex) {
    write_contents(sending, json);
    write_tools(sending, json);
  } else {
    json.key("generateContentRequest").begin_object();
    json.key("model").text("models/" + std::string(bare_model(sending.target.model)));
    write_request(sending, json);
    json.end_object();
  }
  json.end_object();
}

}  // namespace

Sending::Sending(chat::Request& asked, const Target& to, Platform on)
    : request(asked),
      target(to),
      platform(on),
      model(facts_of(to.model)),
      own(asked.path(Field::kMessages) == kContents) {}

Failure Sending::unsupported_here(std::string_view param, std::string_view why) const {
  return unsupported(param, why, target.provider, target.model);
}

void Sending::lose(std::string_view path, chat::Unplaced unplaced) {
  gemini::lose(lost, path, unplaced);
}

Result<Outgoing> write_chat(chat::Request& request, const Target& target, Platform platform) {
  Sending sending(request, target, platform);
  if (auto settled = settle_fields(chat_fields(), request, target.provider, target.model, sending.lost); !settled) {
    return fail_from(settled);
  }
  chat::link_results(request);
  Outgoing out;
  out.renamed = chat::fit_names(request, kNames, kIds);
  json::Writer json(out.body);
  if (target.operation == Operation::kCountTokens) {
    write_count(sending, json);
  } else {
    json.begin_object();
    write_request(sending, json);
    json.end_object();
  }
  if (!sending.status) return fail_from(sending.status);
  out.lost = std::move(sending.lost);
  return out;
}

}  // namespace sluice::dialect::gemini
