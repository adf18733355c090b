#include "dialect/responses/annotation.h"

#include "dialect/responses/members.h"

namespace sluice::dialect::responses {

namespace {

bool is_annotation(std::string_view type) {
  return type == "url_citation" || type == "file_citation" || type == "container_file_citation" || type == "file_path";
}

}  // namespace

std::size_t characters(json::Escaped text) {
  std::size_t count = 0;
  const std::string_view raw = text.raw;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if ((static_cast<unsigned char>(raw[i]) & 0xc0) == 0x80) continue;  // goes on with a character
    ++count;
    if (raw[i] != '\\' || i + 1 == raw.size()) continue;
    const bool is_unicode = raw[i + 1] == 'u';
    const std::string_view digits = is_unicode ? raw.substr(i + 2, 4) : std::string_view();
    const bool is_second_half =
        digits.size() == 4 && (digits[0] | 0x20) == 'd' && (digits[1] | 0x20) >= 'c' && (digits[1] | 0x20) <= 'f';
    if (is_second_half) --count;
    i += is_unicode ? 5 : 1;
  }
  return count;
}

std::string annotation_of(const chat::Citation& citation, Cited cited, json::Reader& reader) {
  // Chat/completions has the same word and the members one level below.
  const Members all(citation.raw, reader);
  const std::string_view inside = all.value("url_citation");
  if (inside.empty() && is_annotation(all.text("type").raw)) return on_one_line(citation.raw);
  const Members nested(inside, reader);
  const auto place = [&](std::string_view name, std::size_t otherwise) {
    const std::string_view told = nested.value(name);
    return told.empty() ? std::to_string(otherwise) : std::string(told);
  };
  std::string out;
  json::Writer json(out);
  if (!citation.url.empty()) {
    json.begin_object();
    json.key("type").raw(R"("url_citation")");
    json.key("start_index").raw(place("start_index", cited.from));
    json.key("end_index").raw(place("end_index", cited.to));
    json.key("url").text(citation.url);
    json.key("title").text(citation.title);
    json.end_object();
  } else if (!citation.title.empty()) {
    json.begin_object();
    json.key("type").raw(R"("file_citation")");
    json.key("index").number(cited.to);
    json.key("file_id").raw(R"("")");
    json.key("filename").text(citation.title);
    json.end_object();
  }
  return out;
}

}  // namespace sluice::dialect::responses
