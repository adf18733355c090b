#include "dialect/openai/respell.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "chat/texts.h"
#include "dialect/openai/fields.h"
#include "dialect/reading.h"
#include "json/escaped.h"
#include "json/reader.h"
#include "json/text.h"

namespace sluice::dialect::openai {

namespace {

using chat::Field;
using chat::Unplaced;
using Names = std::span<const std::string_view>;

// What Mistral's API has of a request and of a message. A message of a tool may have a name there, others not.
constexpr std::array<std::string_view, 21> kTaken{"model",
                                                  "messages",
                                                  "stream",
                                                  "max_tokens",
                                                  "temperature",
                                                  "top_p",
                                                  "stop",
                                                  "random_seed",
                                                  "metadata",
                                                  "response_format",
                                                  "tools",
                                                  "n",
                                                  "tool_choice",
                                                  "presence_penalty",
                                                  "frequency_penalty",
                                                  "prediction",
                                                  "parallel_tool_calls",
                                                  "guardrails",
                                                  "safe_prompt",
                                                  "reasoning_effort",
                                                  "prompt_cache_key"};
constexpr std::array<std::string_view, 5> kTakenInMessages{"role", "content", "tool_calls", "tool_call_id", "prefix"};
// Left out in silence. Of parts and tools: what only says how to cache. Of calls: what Google wants back. Of messages:
// what a model thought, which goes back only to who made it.
constexpr std::array<std::string_view, 2> kHints{"cache_control", "prompt_cache_breakpoint"};
constexpr std::string_view kThought = "extra_content";
constexpr std::array<std::string_view, 3> kReasoning{"reasoning_content", "reasoning", "reasoning_details"};
// What other servers of the dialect take.
constexpr std::array<FieldRow, 2> kOfServers{rows::value("top_k", Field::kTopK), rows::value("min_p", Field::kMinP)};

// Of OpenRouter: a list of models to fall back to, how to, and a stored choice of one.
constexpr std::array<std::string_view, 3> kOtherModels{"models", "route", "preset"};
constexpr std::string_view kWhyNoOthers =
    "asks for models that the gateway has neither allowed nor priced, so it is not passed on: leave it out, and give "
    "the route several deployments, which it falls back to. It would be honoured";

constexpr std::string_view kOfMessage = "messages[].";

bool holds(Names names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_top_level(std::string_view path) {
  return path.find_first_of(".[") == std::string_view::npos;
}

// The row of a member; null: no API is known to have it.
const FieldRow* find_setting(std::string_view name) {
  if (const FieldRow* row = find_path(chat_fields(), name); row != nullptr && is_top_level(name)) return row;
  return find_path(kOfServers, name);
}

const FieldRow* find_in_message(std::string_view name) {
  for (const FieldRow& row : chat_fields()) {
    if (row.path.starts_with(kOfMessage) && row.path.substr(kOfMessage.size()) == name) return &row;
  }
  return nullptr;
}

bool says_nothing(std::string_view value) {
  return value == "null" || value == R"("")" || value == "[]";
}

// Whether a value is a string that says `word`, however it is escaped.
bool says(std::string_view value, std::string_view word) {
  if (value.size() < word.size() + 2 || value.front() != '"' || value.size() > 6 * word.size() + 2) return false;
  return json::unescape(value.substr(1, value.size() - 2)) == word;
}

// A member of an object, and where it stands.
struct Member {
  Range key;
  std::size_t cut_begin = 0;
  std::size_t end = 0;
  enum class Is { kOther, kSeed, kName } is = Is::kOther;
  bool goes = false;
};
using Members = std::vector<Member>;

// What a message's members say of it as a whole.
struct Message {
  std::string path;  // "messages[2]"
  bool is_assistant = false;
  bool is_of_tool = false;
  bool has_reasoning = false;
  std::optional<Range> no_reasoning;  // the member is there, but null
};

// What the members of a message's part say of a file.
struct Part {
  bool is_file = false;
  Range type;
  Range file_key;
  std::size_t file_end = 0;
  std::optional<Range> data;
  std::optional<Range> name;
};

class Respelling {
 public:
  Respelling(std::string_view body, const Asked& asked, Changes changes, const Quirks& quirks, json::Cursor& cursor)
      : body_(body), quirks_(quirks), cursor_(cursor), out_{std::move(changes), {}} {
    const bool renames_limit = out_.changes.token_limit == Changes::TokenLimit::kMaxTokens && !asked.max_tokens_key;
    if (renames_limit && asked.max_completion_tokens_key) renamed_limit_ = asked.max_completion_tokens_key->begin;
  }

  Respelled run() {
    each_member([this](std::string_view key, Member& member) { setting(key, member); },
                [this](Members& members) { seeds(members); });
    if (out_.changes.drop_stream_options) out_.changes.drop_stream_options = out_.changes.add_usage = false;
    std::ranges::sort(out_.changes.edits, {}, [](const Edit& edit) { return edit.range.begin; });
    return std::move(out_);
  }

 private:
  void edit(Range range, std::string text) { out_.changes.edits.push_back({range, std::move(text)}); }

  // Calls visit(key, member) for each member of the object ahead, which consumes its value, then finish(members), and
  // cuts those that go. False when it is no object.
  template <class Visit, class Finish>
  bool each_member(Visit visit, Finish finish) {
    if (!cursor_.enter_object()) {
      cursor_.skip();
      return false;
    }
    Members members;
    while (auto key = cursor_.next_key()) {
      Member member{.key = {cursor_.key_begin(), cursor_.key_end()}, .cut_begin = cursor_.cut_begin()};
      visit(*key, member);
      member.end = cursor_.end_of_last();
      members.push_back(member);
    }
    finish(members);
    cut(members);
    return true;
  }

  // Leading members go with the commas behind them, others with the one before.
  void cut(const Members& members) {
    auto member = std::ranges::find(members, false, &Member::goes);
    if (member != members.begin()) {
      edit({members.front().key.begin, member == members.end() ? members.back().end : member->key.begin}, {});
    }
    for (; member != members.end(); ++member) {
      if (member->goes) edit({member->cut_begin, member->end}, {});
    }
  }

  template <class Visit>
  void each_element(Visit visit) {
    if (!cursor_.enter_array()) {
      cursor_.skip();
      return;
    }
    for (std::size_t index = 0; cursor_.next_element(); ++index) visit(index);
  }

  Range skip() {
    const std::size_t begin = cursor_.offset();
    return {begin, begin + cursor_.skip().size()};
  }
  std::string_view text(Range range) const { return body_.substr(range.begin, range.end - range.begin); }

  // ---- settings

  void setting(std::string_view key, Member& member) {
    if (key == "messages") return each_element([this](std::size_t index) { message(index); });
    if (key == "tools" && !quirks_.unknown_fields) return each_element([this](std::size_t) { without_hints(); });
    if (key == "seed" && quirks_.random_seed) member.is = Member::Is::kSeed;
    has_random_seed_ = has_random_seed_ || key == "random_seed";
    const bool is_options = key == "stream_options";
    const bool is_limit =
        key == "max_completion_tokens" && (quirks_.max_completion_tokens || member.key.begin == renamed_limit_);
    const bool stays =
        quirks_.unknown_fields || is_options || is_limit || member.is == Member::Is::kSeed || holds(kTaken, key);
    const FieldRow* row = stays ? nullptr : find_setting(key);
    const Range value = skip();
    if (is_options) member.goes = out_.changes.drop_stream_options;
    if (quirks_.other_models && holds(kOtherModels, key) && !says_nothing(text(value)))
      out_.lost.push_back({std::string(key), Unplaced::kRefused, std::string(kWhyNoOthers)});
    if (row != nullptr) member.goes = lose(*row, row->path, text(value));
  }

  // The provider's own name wins.
  void seeds(Members& members) {
    for (Member& member : members) {
      if (member.is != Member::Is::kSeed) continue;
      member.goes = has_random_seed_;
      if (!member.goes) edit(member.key, R"("random_seed")");
    }
  }

  // Notes what is left out; false when it must not be.
  bool lose(const FieldRow& row, std::string_view path, std::string_view value) {
    const bool is_setting = row.place != Place::kNowhere;
    if (says_nothing(value) || (is_setting && is_usual(row.field, value))) return true;
    const Unplaced unplaced = is_setting ? chat::facts(row.field).unplaced : row.unplaced;
    const bool is_refused = unplaced == Unplaced::kRefused;
    const std::string_view why = is_setting ? "is not supported" : row.note;
    out_.lost.push_back({std::string(path), unplaced, std::string(is_refused ? why : "")});
    return !is_refused;
  }

  void without_hints() {
    auto hint = [this](std::string_view key, Member& member) {
      member.goes = holds(kHints, key);
      cursor_.skip();
    };
    each_member(hint, [](Members&) {});
  }

  // ---- messages

  void message(std::size_t index) {
    Message message{.path = at("messages", index)};
    const bool is_object = each_member([&](std::string_view key, Member& member) { said(key, member, message); },
                                       [&](Members& members) { names(members, message); });
    if (!is_object || !quirks_.reasoning_content || !message.is_assistant || message.has_reasoning) return;
    if (message.no_reasoning) return edit(*message.no_reasoning, R"("")");
    const std::size_t brace = cursor_.end_of_last() - 1;
    edit({brace, brace}, R"(,"reasoning_content":"")");
  }

  void said(std::string_view key, Member& member, Message& message) {
    if (key == "role") return role(message);
    if (key == "tool_call_id" && quirks_.short_tool_ids) return id();
    if (key == "tool_calls" && (quirks_.short_tool_ids || !quirks_.unknown_fields)) {
      return each_element([this](std::size_t) { call(); });
    }
    if (key == "content" && !quirks_.unknown_fields) return each_element([this](std::size_t) { part(); });
    if (key == "reasoning_content" && quirks_.reasoning_content) return reasoning(message);
    const FieldRow* row = quirks_.unknown_fields || holds(kTakenInMessages, key) ? nullptr : find_in_message(key);
    if (key == "name" && row != nullptr && cursor_.kind() != json::Kind::kNull) member.is = Member::Is::kName;
    const Range value = skip();
    if (row != nullptr && member.is == Member::Is::kOther) member.goes = unsay(*row, message, text(value));
  }

  // As without_hints(), for a part of a message.
  void part() {
    Part part;
    each_member([&](std::string_view key, Member& member) { of_part(key, member, part); }, [](Members&) {});
    if (!part.is_file || !part.data || says_nothing(text(*part.data))) return;
    edit(part.type, R"("document_url")");
    const bool is_address = text(*part.data).starts_with(R"("data:)") || text(*part.data).starts_with(R"("http)");
    if (is_address) {
      edit({part.file_key.begin, part.data->begin}, R"("document_url":)");
    } else {
      edit({part.file_key.begin, part.data->begin + 1}, R"("document_url":"data:application/pdf;base64,)");
    }
    const bool has_name = part.name && !says_nothing(text(*part.name));
    const std::string name = has_name ? R"(,"document_name":)" + std::string(text(*part.name)) : std::string();
    edit({part.data->end, part.file_end}, name);
  }

  void of_part(std::string_view key, Member& member, Part& part) {
    member.goes = holds(kHints, key);
    if (key == "type") {
      part.type = skip();
      part.is_file = says(text(part.type), "file");
    } else if (key == "file" && cursor_.kind() == json::Kind::kObject) {
      part.file_key = member.key;
      part.data = part.name = std::nullopt;
      json::each_member(cursor_, [&](std::string_view of_file) {
        if (cursor_.kind() != json::Kind::kString) return;
        if (of_file == "file_data") part.data = skip();
        if (of_file == "filename") part.name = skip();
      });
      part.file_end = cursor_.end_of_last();
    } else {
      cursor_.skip();
    }
  }

  // As lose(). What a model refused is said by what it did not say too.
  bool unsay(const FieldRow& row, const Message& message, std::string_view value) {
    const std::string_view name = row.path.substr(kOfMessage.size());
    if (holds(kReasoning, name)) return true;
    const std::string path = message.path + "." + std::string(name);
    if (name != "refusal") return lose(row, path, value);
    if (!says_nothing(value)) out_.lost.push_back({path, Unplaced::kDropped, {}});
    return true;
  }

  // The role may stand behind the name.
  void names(Members& members, const Message& message) {
    for (Member& member : members) {
      if (member.is != Member::Is::kName || message.is_of_tool) continue;
      member.goes = true;
      out_.lost.push_back({message.path + ".name", Unplaced::kDropped, {}});
    }
  }

  void role(Message& message) {
    const Range value = skip();
    const std::string_view role = text(value);
    message.is_assistant = says(role, "assistant");
    message.is_of_tool = says(role, "tool") || says(role, "function");
    if (!quirks_.developer_role && says(role, "developer")) edit(value, R"("system")");
  }

  void reasoning(Message& message) {
    const bool is_null = cursor_.kind() == json::Kind::kNull;
    const Range value = skip();
    if (is_null) {
      message.no_reasoning = value;
    } else {
      message.has_reasoning = true;
    }
  }

  void call() {
    auto of_call = [this](std::string_view key, Member& member) {
      if (key == "id" && quirks_.short_tool_ids) return id();
      member.goes = key == kThought && !quirks_.unknown_fields;
      cursor_.skip();
    };
    each_member(of_call, [](Members&) {});
  }

  // As translations spell it, so that a call and its result stay together.
  void id() {
    const bool is_text = cursor_.kind() == json::Kind::kString;
    const Range value = skip();
    if (!is_text || value.end - value.begin <= 2) return;
    const chat::Escaped id{body_.substr(value.begin + 1, value.end - value.begin - 2)};
    chat::Texts texts;
    const chat::Escaped fitting = chat::fitted(id, kShortIds, texts);
    if (fitting == id) return;
    std::string quoted;
    json::append_quoted(quoted, fitting);
    edit(value, std::move(quoted));
  }

  std::string_view body_;
  const Quirks& quirks_;
  json::Cursor& cursor_;
  Respelled out_;
  std::optional<std::size_t> renamed_limit_;  // the key that write_asked() gives the older name
  bool has_random_seed_ = false;
};

}  // namespace

bool needs_respelling(const Quirks& quirks) {
  return !quirks.developer_role || quirks.short_tool_ids || quirks.reasoning_content || quirks.random_seed ||
         !quirks.unknown_fields || quirks.other_models;
}

Quirks of_any_request(const Quirks& quirks) {
  return {.other_models = quirks.other_models};
}

Respelled respell(std::string_view body, const Asked& asked, Changes changes, const Quirks& quirks,
                  json::Reader& reader) {
  auto cursor = reader.scan(body);
  if (!cursor) return {.changes = std::move(changes), .lost = {}};
  auto out = Respelling(body, asked, std::move(changes), quirks, *cursor).run();
  reader.shrink();
  return out;
}

bool is_unknown_field(chat::Field field) {
  bool is_known = false;
  bool has_name = false;
  for (const FieldRow& row : chat_fields()) {
    if (row.place == Place::kNowhere || row.field != field || !is_top_level(row.path)) continue;
    has_name = true;
    is_known = is_known || holds(kTaken, row.path);
  }
  return has_name && !is_known && field != Field::kStreamOptions;
}

}  // namespace sluice::dialect::openai
