#include "dialect/responses/request.h"

#include "dialect/faults.h"
#include "dialect/reading.h"
#include "dialect/responses/fields.h"
#include "dialect/responses/read_input.h"
#include "dialect/responses/read_tools.h"
#include "json/reader.h"

namespace sluice::dialect::responses {

namespace {

using chat::Field;

class RequestReader {
 public:
  RequestReader(std::string_view body, json::Cursor& cursor) : body_(body), cursor_(cursor), reading_(cursor) {}

  Result<chat::Request> read() {
    InputReader input(body_, reading_, request_);
    const bool is_object = json::each_member(cursor_, [&](std::string_view key) { member(key, input); });
    if (!is_object && !cursor_.broken()) return invalid_request("The request body must be a JSON object.", "");
    check();
    if (Status status = reading_.finish(); !status) return fail_from(status);
    add_instructions();
    return std::move(request_);
  }

 private:
  void member(std::string_view key, InputReader& input) {
    if (cursor_.kind() == json::Kind::kNull) {
      cursor_.skip();
      return;
    }
    if (key == "input") {
      request_.give(Field::kMessages, kInput);
      input.read();
    } else if (key == "tools") {
      read_tools(body_, reading_, request_);
    } else if (key == "tool_choice") {
      read_tool_choice(body_, reading_, request_);
    } else if (!setting(key) && !state(key) && !take_field(fields(), key, cursor_, request_)) {
      take_unknown(key, cursor_, request_);
    }
  }

  // Fields that are read into a member.
  bool setting(std::string_view key) {
    if (key == "model") {
      if (auto model = reading_.string(key)) request_.model = json::plain(*model);
      request_.give(Field::kModel, "model");
    } else if (key == "instructions") {
      const std::size_t begin = cursor_.offset();
      instructions_ = reading_.string(key);
      request_.give(Field::kSystem, "instructions", written_since(begin));
    } else if (key == "stream") {
      request_.stream = reading_.boolean(key).value_or(false);
      request_.give(Field::kStream, "stream");
    } else if (key == "stream_options") {
      request_.give(Field::kStreamOptions, "stream_options", reading_.object(key));
    } else if (key == "max_output_tokens") {
      request_.give(Field::kMaxTokens, "max_output_tokens", reading_.limit(key));
    } else if (key == "parallel_tool_calls") {
      request_.parallel_calls = reading_.boolean(key);
      request_.give(Field::kParallelCalls, "parallel_tool_calls");
    } else if (key == "top_logprobs") {
      const std::string_view count = reading_.number(key);
      if (count != "0") request_.give(Field::kTopLogprobs, "top_logprobs", count);
    } else if (key == "text") {
      read_text();
    } else if (key == "reasoning") {
      read_reasoning();
    } else if (key == "include") {
      read_include();
    } else if (key == "service_tier") {
      give_string(Field::kServiceTier, "service_tier");
    } else if (key == "safety_identifier" || key == "user") {
      read_end_user(key);
    } else {
      return false;
    }
    return true;
  }

  // Fields whose value decides whether anything is lost without them.
  bool state(std::string_view key) {
    if (key == "store") {
      const auto kept = reading_.boolean(key);
      if (kept == true) request_.give(Field::kStore, "store", "true");
      request_.unkept = kept == false;
    } else if (key == "background") {
      if (reading_.boolean(key) == true) lose(key);
    } else if (key == "truncation") {
      if (cursor_.skip() != "\"disabled\"") lose(key);
    } else if (key == "moderation") {
      // To be told how something was judged is no more than that; to have it blocked is a promise.
      if (cursor_.skip().find("\"block\"") != std::string_view::npos) {
        lose(key);
      } else {
        request_.lost.push_back({"moderation", chat::Unplaced::kDropped, {}});
      }
    } else if (key == "previous_response_id" || key == "conversation" || key == "prompt") {
      has_state_ = true;
      cursor_.skip();
      lose(key);
    } else {
      return false;
    }
    return true;
  }

  void lose(std::string_view path) {
    const FieldRow& row = *find_path(fields(), path);
    request_.lost.push_back({std::string(path), row.unplaced, std::string(row.note)});
  }

  std::string_view written_since(std::size_t begin) const { return body_.substr(begin, cursor_.end_of_last() - begin); }

  void give_string(Field field, std::string_view path) {
    const std::size_t begin = cursor_.offset();
    if (reading_.string(path)) request_.give(field, path, written_since(begin));
  }

  // The newer name wins; both say who the end user is.
  void read_end_user(std::string_view key) {
    const std::string_view path = key == "user" ? "user" : "safety_identifier";
    if (path == "user" && request_.has(Field::kEndUser)) {
      reading_.string(path);
    } else {
      give_string(Field::kEndUser, path);
    }
  }

  void read_text() {
    const bool is_object = json::each_member(cursor_, [&](std::string_view key) {
      if (key == "format") {
        read_format();
      } else if (const std::string path = "text." + std::string(key); !take_field(fields(), path, cursor_, request_)) {
        take_unknown(path, cursor_, request_);
      }
    });
    if (!is_object) reading_.refuse("text", "must be an object.", "invalid_type");
  }

  void read_format() {
    if (reading_.is_null()) return;
    const std::size_t begin = cursor_.offset();
    chat::OutputFormat format;
    std::optional<json::Escaped> type;
    const bool is_object = json::each_member(cursor_, [&](std::string_view key) {
      if (key == "type") {
        type = reading_.string("text.format.type");
      } else if (key == "name") {
        format.name = reading_.string("text.format.name").value_or(json::Escaped{});
      } else if (key == "description") {
        format.description = reading_.string("text.format.description").value_or(json::Escaped{});
      } else if (key == "schema") {
        format.schema = reading_.object("text.format.schema");
      } else if (key == "strict") {
        format.strict = reading_.boolean("text.format.strict");
      } else {
        take_unknown("text.format." + std::string(key), cursor_, request_);
      }
    });
    if (!is_object) return reading_.refuse("text.format", "must be an object.", "invalid_type");
    if (!type) return reading_.miss("text.format.type");
    if (type->raw == "json_schema") {
      format.kind = chat::OutputFormat::Kind::kSchema;
      if (format.schema.empty()) reading_.miss("text.format.schema");
    } else if (type->raw == "json_object") {
      format.kind = chat::OutputFormat::Kind::kJson;
    } else if (type->raw == "text") {
      format.kind = chat::OutputFormat::Kind::kText;
    } else {
      reading_.refuse("text.format.type", "must be 'text', 'json_schema' or 'json_object'.");
    }
    request_.format = format;
    // Plain text is what every provider gives without being asked.
    if (type->raw != "text") request_.give(Field::kOutputFormat, "text.format", written_since(begin));
  }

  void read_reasoning() {
    const std::size_t begin = cursor_.offset();
    const bool is_object = json::each_member(cursor_, [&](std::string_view key) {
      const std::string path = "reasoning." + std::string(key);
      if (key == "effort") {
        read_effort();
      } else if (key == "summary" || key == "generate_summary") {
        if (reading_.string(path)) request_.reasoning.show = chat::Reasoning::Show::kSummary;
      } else if (!take_field(fields(), path, cursor_, request_)) {
        take_unknown(path, cursor_, request_);
      }
    });
    if (!is_object) reading_.refuse("reasoning", "must be an object.", "invalid_type");
    const bool says_something =
        request_.reasoning.effort != chat::Effort::kUnset || request_.reasoning.show != chat::Reasoning::Show::kUnset;
    if (says_something) request_.give(Field::kReasoning, "reasoning", written_since(begin));
  }

  void read_effort() {
    const auto word = reading_.string("reasoning.effort");
    if (!word) return;
    const auto effort = chat::find_effort(word->raw);
    if (!effort) {
      return reading_.refuse("reasoning.effort",
                             "must be one of 'none', 'minimal', 'low', 'medium', 'high', 'xhigh' and 'max'.");
    }
    request_.reasoning.effort = *effort;
  }

  // Encrypted reasoning is always asked for, and needs no word.
  void read_include() {
    const std::size_t begin = cursor_.offset();
    bool others = false;
    const bool is_array = json::each_element(cursor_, [&](std::size_t index) {
      const auto what = reading_.string(at("include", index));
      if (!what) return;
      if (what->raw == "message.output_text.logprobs") {
        request_.give(Field::kLogprobs, "include", "true");
      } else if (what->raw != "reasoning.encrypted_content") {
        others = true;
      }
    });
    if (!is_array) reading_.refuse("include", "must be a list.", "invalid_type");
    if (others) request_.give(Field::kInclude, "include", written_since(begin));
  }

  void check() {
    const bool given = request_.has(Field::kMessages) || has_state_;
    if (!given && !cursor_.broken()) reading_.miss("input");
  }

  void add_instructions() {
    if (!instructions_ || instructions_->empty()) return;
    chat::Turn turn{.role = chat::Role::kSystem, .parts = {}, .name = {}};
    turn.parts.push_back({.kind = chat::PartKind::kText, .text = *instructions_});
    request_.turns.insert(request_.turns.begin(), std::move(turn));
  }

  std::string_view body_;
  json::Cursor& cursor_;
  Reading reading_;
  chat::Request request_;
  std::optional<json::Escaped> instructions_;
  bool has_state_ = false;
};

}  // namespace

Result<chat::Request> read_request(std::string_view body, json::Reader& reader) {
  auto cursor = reader.scan(body);
  if (!cursor) {
    return invalid_request("The request body is not valid JSON: " + std::string(cursor.error().why) + ", at byte " +
                               std::to_string(cursor.error().offset) + ".",
                           "", "invalid_json");
  }
  return RequestReader(body, *cursor).read();
}

}  // namespace sluice::dialect::responses
