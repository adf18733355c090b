#include "dialect/bedrock/request.h"

#include <algorithm>

#include "base/text.h"
#include "dialect/bedrock/fields.h"
#include "dialect/faults.h"
#include "json/reader.h"

namespace sluice::dialect::bedrock {

namespace {

using chat::Effort;
using chat::Field;
using chat::Role;
using json::Escaped;

void read_message(Asking& ask, const std::string& path) {
  chat::Turn turn;
  bool has_role = false;
  bool has_content = false;
  ask.members(path, [&](const std::string& name) {
    const std::string inner = path + "." + name;
    if (name == "role") {
      const auto role = ask.in.string(inner).value_or(Escaped{}).raw;
      has_role = true;
      if (role == "assistant") {
        turn.role = Role::kAssistant;
      } else if (role == "system") {
        turn.role = Role::kSystem;
      } else if (role != "user") {
        ask.in.refuse(inner, "must be user, assistant or system.");
      }
    } else if (name == "content") {
      has_content = true;
      read_blocks(ask, Within::kMessage, inner, turn.parts);
    } else {
      ask.take_other({}, inner);
    }
  });
  if (!ask.in.ok()) return;
  if (!has_role) return ask.in.miss(path + ".role");
  if (!has_content) return ask.in.miss(path + ".content");
  ask.request.turns.push_back(std::move(turn));
}

class RequestReader {
 public:
  explicit RequestReader(Asking& ask) : ask_(ask) {}

  void read(const std::string& name, const std::string& path) {
    if (name == "messages") {
      request().give(Field::kMessages, "messages");
      return ask_.elements(path, [&](std::size_t, const std::string& message) { read_message(ask_, message); });
    }
    if (name == "system") return system(path);
    if (name == "inferenceConfig") return inference(path);
    if (name == "toolConfig") return read_tool_config(ask_, path);
    if (name == "guardrailConfig") return request().give(Field::kSafety, kGuardrail, ask_.in.object(path));
    if (name == "requestMetadata") return request().give(Field::kMetadata, kMetadata, ask_.in.object(path));
    if (name == "additionalModelResponseFieldPaths") {
      return request().give(Field::kInclude, kResponsePaths, ask_.in.any());
    }
    if (name == "additionalModelRequestFields") return model_fields(path);
    if (name == "serviceTier") return service_tier(path);
    if (name == "outputConfig") return output(path);
    ask_.take_other(path, path);
  }

  // The system prompt stands before the messages, wherever it is in the JSON.
  void finish() {
    if (!system_.parts.empty()) request().turns.insert(request().turns.begin(), std::move(system_));
    if (effort_given_ || !model_fields_.empty()) {
      request().give(Field::kReasoning, effort_given_ ? kEffort : kModelFields, model_fields_);
    }
    request().give(Field::kModel, kModelId);
    chat::link_results(request());
  }

 private:
  chat::Request& request() { return ask_.request; }

  void system(const std::string& path) {
    request().give(Field::kSystem, "system");
    system_.role = Role::kSystem;
    read_blocks(ask_, Within::kSystem, path, system_.parts);
  }

  void inference(const std::string& path) {
    ask_.members(path, [&](const std::string& name) {
      const std::string inner = path + "." + name;
      if (name == "stopSequences") {
        ask_.elements(inner, [&](std::size_t, const std::string& element) {
          if (auto text = ask_.in.string(element)) request().stop.push_back(*text);
        });
        if (!request().stop.empty()) request().give(Field::kStop, "inferenceConfig.stopSequences");
        return;
      }
      const FieldRow* row = find_path(chat_fields(), inner);
      if (row == nullptr) return ask_.take_other(inner, inner);
      const bool is_limit = row->field == Field::kMaxTokens;
      request().give(row->field, row->path, is_limit ? ask_.in.limit(inner) : ask_.in.number(inner));
    });
  }

  void service_tier(const std::string& path) {
    ask_.members(path, [&](const std::string& name) {
      const std::size_t begin = ask_.cursor().offset();
      if (name != "type" || !ask_.in.string(path + ".type")) return;
      request().give(Field::kServiceTier, "serviceTier", ask_.since(begin));
    });
  }

  void output(const std::string& path) {
    ask_.members(path, [&](const std::string& name) {
      const std::string inner = path + "." + name;
      if (name == "effort") {
        effort_given_ = true;
        return effort(inner);
      }
      if (name != "textFormat") return ask_.take_other(inner, inner);
      request().give(Field::kOutputFormat, "outputConfig.textFormat");
      ask_.members(inner, [&](const std::string& member) {
        if (member == "structure") structure(inner + ".structure");
      });
      if (ask_.in.ok() && request().format.schema.empty()) ask_.in.miss(inner + ".structure.jsonSchema.schema");
    });
  }

  void effort(const std::string& path) {
    const auto word = ask_.in.string(path);
    if (!word) return;
    const auto found = chat::find_effort(word->raw);
    if (!found) return ask_.in.refuse(path, "must be an effort: low, medium, high, xhigh or max.");
    request().reasoning.effort = *found;
  }

  void structure(const std::string& path) {
    using Kind = chat::OutputFormat::Kind;
    chat::OutputFormat& format = request().format;
    ask_.member_of(path, [&](const std::string& form) {
      if (form != "jsonSchema") return;
      const std::string inner = path + ".jsonSchema";
      ask_.members(inner, [&](const std::string& name) {
        if (name == "name") format.name = ask_.in.string(inner + ".name").value_or(Escaped{});
        if (name == "description") format.description = ask_.in.string(inner + ".description").value_or(Escaped{});
        if (name != "schema") return;
        const auto text = ask_.in.string(inner + ".schema").value_or(Escaped{});
        format.kind = Kind::kSchema;
        format.schema = request().texts.keep(json::plain(text));
        if (!is_object(format.schema)) {
          ask_.in.refuse(inner + ".schema", "must be a JSON object, written as a string.");
        }
      });
    });
  }

  bool is_object(std::string_view text) {
    auto cursor = inside_.scan_copy(text);
    if (!cursor || cursor->kind() != json::Kind::kObject) return false;
    cursor->skip();
    return cursor->finish();
  }

  // What models take beside what all take; the whole of it stays as it came for providers of this dialect.
  void model_fields(const std::string& path) {
    const std::size_t begin = ask_.cursor().offset();
    ask_.members(path, [&](const std::string& name) {
      const std::string inner = path + "." + name;
      if (name == "thinking") return thinking(inner);
      if (name == "reasoning_effort") return lenient_effort(inner);
      if (name == "reasoningConfig") return nova_reasoning(inner);
      if (name == "top_k") return top_k("additionalModelRequestFields.top_k");
      if (name == "inferenceConfig") return nova_inference(inner);
      ask_.take_other(inner, inner);
    });
    if (ask_.in.ok()) model_fields_ = ask_.since(begin);
  }

  void top_k(std::string_view path) {
    if (const auto value = ask_.in.number(path); !value.empty()) request().give(Field::kTopK, path, value);
  }

  void nova_inference(const std::string& path) {
    ask_.members(path, [&](const std::string& name) {
      if (name == "topK") return top_k("additionalModelRequestFields.inferenceConfig.topK");
      ask_.take_other({}, path + "." + name);
    });
  }

  void lenient_effort(const std::string& path) {
    const auto word = ask_.in.string(path).value_or(Escaped{});
    if (const auto found = chat::find_effort(word.raw)) request().reasoning.effort = *found;
  }

  void nova_reasoning(const std::string& path) {
    ask_.members(path, [&](const std::string& name) {
      if (name == "maxReasoningEffort") return lenient_effort(path + "." + name);
      if (name != "type") return;
      const auto type = ask_.in.string(path + ".type").value_or(Escaped{}).raw;
      if (type == "disabled") request().reasoning.effort = Effort::kOff;
      if (type == "enabled" && request().reasoning.effort == Effort::kUnset) request().reasoning.dynamic = true;
    });
  }

  void thinking(const std::string& path) {
    chat::Reasoning& reasoning = request().reasoning;
    ask_.members(path, [&](const std::string& name) {
      const std::string inner = path + "." + name;
      if (name == "budget_tokens") {
        reasoning.budget = ask_.in.count(inner);
      } else if (name == "type") {
        const auto type = ask_.in.string(inner).value_or(Escaped{}).raw;
        if (type == "disabled") reasoning.effort = Effort::kOff;
        if (type == "adaptive") reasoning.dynamic = true;
      } else if (name == "display") {
        const auto shown = ask_.in.string(inner).value_or(Escaped{}).raw;
        if (shown == "summarized") reasoning.show = chat::Reasoning::Show::kSummary;
        if (shown == "omitted") reasoning.show = chat::Reasoning::Show::kHidden;
      } else {
        ask_.take_other({}, inner);
      }
    });
  }

  Asking& ask_;
  chat::Turn system_;
  json::Reader inside_;
  std::string_view model_fields_;
  bool effort_given_ = false;
};

void read_count_input(Asking& ask, RequestReader& reader) {
  bool found = false;
  ask.members("", [&](const std::string& name) {
    if (name != "input") return ask.take_other(name, name);
    ask.member_of("input", [&](const std::string& form) {
      const std::string path = "input." + form;
      if (form != "converse") {
        return ask.in.refuse(path, "is a request in a language of the model's own, which only Amazon Bedrock can read.",
                             "unsupported_parameter");
      }
      found = true;
      ask.members(path, [&](const std::string& member) { reader.read(member, member); });
    });
  });
  if (ask.in.ok() && !found && !ask.cursor().broken()) ask.in.miss("input.converse");
}

}  // namespace

void Asking::lose(std::string_view path, chat::Unplaced unplaced, std::string_view why) {
  const bool known = std::ranges::find(request.lost, path, &chat::Request::Lost::path) != request.lost.end();
  if (!known) request.lost.push_back({std::string(path), unplaced, std::string(why)});
}

void Asking::take_other(std::string_view row, std::string_view path) {
  in.any();
  const FieldRow* known = row.empty() ? nullptr : find_path(chat_fields(), row);
  if (known != nullptr && known->place == Place::kNowhere) return lose(path, known->unplaced, known->note);
  lose(path);
}

Result<chat::Request> read_chat(Kind kind, std::string_view body, json::Reader& reader) {
  auto cursor = reader.scan(body);
  if (!cursor) {
    return invalid_request("The request body is not valid JSON: " + std::string(cursor.error().why) + ", at byte " +
                               std::to_string(cursor.error().offset) + ".",
                           "", "invalid_json");
  }
  Asking ask(body, *cursor);
  RequestReader members(ask);
  if (kind == Kind::kCountTokens) {
    read_count_input(ask, members);
  } else {
    ask.members("", [&](const std::string& name) { members.read(name, name); });
  }
  if (auto done = ask.in.finish(); !done) return fail_from(done);
  if (!ask.request.has(Field::kMessages)) {
    ask.in.miss("messages");
    auto missed = ask.in.finish();
    return fail_from(missed);
  }
  members.finish();
  return std::move(ask.request);
}

}  // namespace sluice::dialect::bedrock
