#include "dialect/anthropic/citation.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "chat/seal.h"
#include "json/escaped.h"

namespace sluice::dialect::anthropic {

namespace {

using json::Escaped;
using Kind = chat::SourcePlace::Kind;

// How each kind is called, and where its place stands.
struct Words {
  Kind kind;
  std::string_view type, index, begin, end;
};
constexpr std::array<Words, 4> kWords{{
    {Kind::kCharacters, "char_location", "document_index", "start_char_index", "end_char_index"},
    {Kind::kPages, "page_location", "document_index", "start_page_number", "end_page_number"},
    {Kind::kBlocks, "content_block_location", "document_index", "start_block_index", "end_block_index"},
    {Kind::kSearchResult, "search_result_location", "search_result_index", "start_block_index", "end_block_index"},
}};

void read_number(json::Cursor& cursor, std::uint64_t& number) {
  if (cursor.kind() == json::Kind::kNumber) number = to_number<std::uint64_t>(cursor.skip()).value_or(0);
}

void write_title(std::string_view key, Escaped title, json::Writer& json) {
  json.key(key);
  if (title.empty()) {
    json.null();
  } else {
    json.text(title);
  }
}

void write_place(const chat::Citation& citation, const Words& words, json::Writer& json) {
  const chat::SourcePlace& place = citation.place;
  json.key("type").text(words.type).key("cited_text").text(citation.quote);
  json.key(words.index).number(place.index);
  if (place.kind == Kind::kSearchResult) {
    json.key("source").text(citation.url);
    write_title("title", citation.title, json);
  } else {
    write_title("document_title", citation.title, json);
    json.key("file_id").null();
  }
  json.key(words.begin).number(place.begin).key(words.end).number(place.end);
}

}  // namespace

chat::Citation read_citation(json::Cursor& cursor) {
  chat::Citation citation;
  json::Cursor ahead = cursor;
  citation.raw = ahead.skip();
  std::string_view type;
  const auto text = [&](Escaped& where) { where = json::take_string(cursor).value_or(Escaped{}); };
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "type") {
      type = json::take_string(cursor).value_or(Escaped{}).raw;
    } else if (key == "url" || key == "source") {
      text(citation.url);
    } else if (key == "title" || key == "document_title") {
      text(citation.title);
    } else if (key == "cited_text") {
      text(citation.quote);
    } else if (key == "document_index" || key == "search_result_index") {
      read_number(cursor, citation.place.index);
    } else if (key.starts_with("start_")) {
      read_number(cursor, citation.place.begin);
    } else if (key.starts_with("end_")) {
      read_number(cursor, citation.place.end);
    }
  });
  const auto words = std::ranges::find(kWords, type, &Words::type);
  citation.place.kind = words == kWords.end() ? Kind::kNone : words->kind;
  return citation;
}

bool can_write(const chat::Citation& citation) {
  return !citation.url.empty() || citation.place.kind != Kind::kNone;
}

void write_citation(const chat::Citation& citation, std::string_view origin, json::Writer& json) {
  json.begin_object();
  const auto words = std::ranges::find(kWords, citation.place.kind, &Words::kind);
  if (words != kWords.end()) {
    write_place(citation, *words, json);
    json.end_object();
    return;
  }
  // The seal says that the index is no one's.
  const chat::Sealed mark{.origin = std::string(origin), .id = {}, .made_up_id = false, .entries = {}};
  json.key("type").text("web_search_result_location").key("url").text(citation.url);
  write_title("title", citation.title, json);
  json.key("encrypted_index").text(chat::seal(mark)).key("cited_text").text(citation.quote).end_object();
}

}  // namespace sluice::dialect::anthropic
