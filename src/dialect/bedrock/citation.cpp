#include "dialect/bedrock/citation.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "json/escaped.h"

namespace sluice::dialect::bedrock {

namespace {

using json::Escaped;
using Kind = chat::SourcePlace::Kind;

// How the places in documents and search results are called, and what their index is of.
struct Words {
  Kind kind;
  std::string_view location, index;
};
constexpr std::array<Words, 4> kWords{{
    {Kind::kCharacters, "documentChar", "documentIndex"},
    {Kind::kPages, "documentPage", "documentIndex"},
    {Kind::kBlocks, "documentChunk", "documentIndex"},
    {Kind::kSearchResult, "searchResultLocation", "searchResultIndex"},
}};

Escaped take(json::Cursor& cursor) {
  return json::take_string(cursor).value_or(Escaped{});
}

void read_location(json::Cursor& cursor, chat::Citation& citation) {
  json::each_member(cursor, [&](std::string_view location) {
    const auto words = std::ranges::find(kWords, location, &Words::location);
    if (words != kWords.end()) citation.place.kind = words->kind;
    json::each_member(cursor, [&](std::string_view key) {
      if (key == "url") citation.url = take(cursor);
      if (cursor.kind() != json::Kind::kNumber) return;
      const std::uint64_t number = to_number<std::uint64_t>(cursor.skip()).value_or(0);
      if (key == "documentIndex" || key == "searchResultIndex") citation.place.index = number;
      if (key == "start") citation.place.begin = number;
      if (key == "end") citation.place.end = number;
    });
  });
}

void write_location(const chat::Citation& citation, json::Writer& json) {
  const auto words = std::ranges::find(kWords, citation.place.kind, &Words::kind);
  if (words != kWords.end()) {
    json.key("location").begin_object().key(words->location).begin_object();
    json.key(words->index).number(citation.place.index);
    json.key("start").number(citation.place.begin).key("end").number(citation.place.end);
    json.end_object().end_object();
  } else if (!citation.url.empty()) {
    json.key("location").begin_object().key("web").begin_object().key("url").text(citation.url);
    json.end_object().end_object();
  }
}

}  // namespace

chat::Citation read_citation(std::string_view text, json::Cursor& cursor, chat::Texts& texts) {
  chat::Citation citation;
  const std::size_t begin = cursor.offset();
  Escaped source;
  std::string quote;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "title") citation.title = take(cursor);
    if (key == "source") source = take(cursor);
    if (key == "location") read_location(cursor, citation);
    if (key != "sourceContent") return;
    json::each_element(cursor, [&](std::size_t) {
      json::each_member(cursor, [&](std::string_view inner) {
        if (inner == "text") quote += take(cursor).raw;
      });
    });
  });
  const bool is_address = source.raw.starts_with("http") || citation.place.kind == Kind::kSearchResult;
  if (citation.url.empty() && is_address) citation.url = source;
  citation.quote = {texts.keep(std::move(quote))};
  citation.raw = text.substr(begin, cursor.end_of_last() - begin);
  return citation;
}

void write_citation(const chat::Citation& citation, json::Writer& json) {
  json.begin_object();
  if (!citation.title.empty()) json.key("title").text(citation.title);
  if (!citation.url.empty()) json.key("source").text(citation.url);
  if (!citation.quote.empty()) {
    json.key("sourceContent").begin_array().begin_object().key("text").text(citation.quote).end_object().end_array();
  }
  write_location(citation, json);
  json.end_object();
}

}  // namespace sluice::dialect::bedrock
