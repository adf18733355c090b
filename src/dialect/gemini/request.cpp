#include "dialect/gemini/request.h"

#include "dialect/faults.h"
#include "json/reader.h"

namespace sluice::dialect::gemini {

namespace {

using chat::Field;

// Source: RFC 8259, 6.
bool is_json_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  auto digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - begin;
  };
  const bool zero = at < text.size() && text[at] == '0';
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < text.size() && (text[at] | 0x20) == 'e') {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

// Consumes one setting: whether it does nothing but relax what the provider blocks.
bool relaxes(json::Cursor& cursor) {
  bool relaxes = true;
  json::each_member(cursor, [&](std::string_view key) {
    if (key != "threshold") return;
    const std::string_view level = cursor.skip();
    if (level != "\"OFF\"" && level != "\"BLOCK_NONE\"" && level != "\"BLOCK_ONLY_HIGH\"") relaxes = false;
  });
  return relaxes;
}

// The same of all settings. The cursor is a copy.
bool only_relax(json::Cursor cursor) {
  if (cursor.kind() == json::Kind::kObject) return relaxes(cursor);
  bool relax = true;
  json::each_element(cursor, [&](std::size_t) { relax = relaxes(cursor) && relax; });
  return relax;
}

void read_safety(Ask& ask) {
  if (!ask.in.is_array() && !ask.in.is_object() && !ask.in.is_null()) {
    ask.in.any();
    ask.in.refuse("safetySettings", "must be an array.", "invalid_type");
    return;
  }
  if (ask.in.is_null() || only_relax(ask.cursor())) {
    if (!ask.in.is_null()) lose(ask.request.lost, "safetySettings");
    ask.in.any();
    return;
  }
  ask.request.give(Field::kSafety, "safetySettings", ask.in.any());
}

void give_text(Ask& ask, Field field, std::string_view path) {
  const bool given = !ask.in.is_null();
  const std::size_t begin = ask.cursor().offset();
  const auto text = ask.in.string(path);
  if (!given || !text || text->empty()) return;
  ask.request.give(field, path, ask.body.substr(begin, text->raw.size() + 2));
}

void read_service_tier(Ask& ask) {
  if (ask.in.is_string() && ask.body.substr(ask.cursor().offset()).starts_with("\"unspecified\"")) {
    ask.in.any();
    return;
  }
  give_text(ask, Field::kServiceTier, "serviceTier");
}

void read_store(Ask& ask) {
  if (const auto store = ask.in.boolean("store")) {
    ask.request.give(Field::kStore, "store", *store ? "true" : "false");
  }
}

void read_labels(Ask& ask) {
  if (const std::string_view labels = ask.in.object("labels"); !labels.empty()) {
    ask.request.give(Field::kMetadata, "labels", labels);
  }
}

void read_top(Ask& ask, const std::string& name);

// countTokens may hold a whole request.
void read_whole_request(Ask& ask) {
  ask.each_member("generateContentRequest", [&](const std::string& name) { read_top(ask, name); });
}

void read_top(Ask& ask, const std::string& name) {
  if (name == "contents") return read_contents(ask);
  if (name == "systemInstruction") return read_system(ask);
  if (name == "tools") return read_tools(ask);
  if (name == "toolConfig") return read_tool_config(ask);
  if (name == "generationConfig") return read_generation_config(ask);
  if (name == "safetySettings") return read_safety(ask);
  if (name == "cachedContent") return give_text(ask, Field::kServerState, "cachedContent");
  if (name == "serviceTier") return read_service_tier(ask);
  if (name == "labels") return read_labels(ask);
  if (name == "store") return read_store(ask);
  if (name == "generateContentRequest") return read_whole_request(ask);
  ask.take_other(name);
}

}  // namespace

std::string_view Ask::number(std::string_view path) {
  if (!in.is_string()) return in.number(path);
  const std::string_view text = cursor().take_text();
  if (is_json_number(text)) return text;
  if (!cursor().broken()) in.refuse(path, "must be a number.", "invalid_type");
  return {};
}

void Ask::take_other(std::string_view row) {
  if (const FieldRow* known = find_path(chat_fields(), row); known != nullptr && known->place == Place::kNowhere) {
    const bool given = !in.is_null();
    in.any();
    if (given) lose(request.lost, known->path, known->unplaced, known->note);
    return;
  }
  const bool given = !in.is_null();
  in.any();
  if (given) lose(request.lost, row);
}

Failure broken(const json::Broken& why) {
  return invalid_request(
      "The request body is not valid JSON: " + std::string(why.why) + ", at byte " + std::to_string(why.offset) + ".",
      "", "invalid_json");
}

Result<chat::Request> read_chat(std::string_view body, json::Reader& reader) {
  auto cursor = reader.scan(body);
  if (!cursor) return broken(cursor.error());
  Ask ask(body, *cursor);
  ask.each_member("", [&](const std::string& name) { read_top(ask, name); });
  if (auto done = ask.in.finish(); !done) return fail_from(done);
  if (!ask.request.has(Field::kMessages)) {
    ask.in.miss("contents");
    auto missed = ask.in.finish();
    return fail_from(missed);
  }
  chat::link_results(ask.request);
  return std::move(ask.request);
}

}  // namespace sluice::dialect::gemini
