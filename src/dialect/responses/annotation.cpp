#include "dialect/responses/annotation.h"

#include "dialect/responses/members.h"

namespace sluice::dialect::responses {

namespace {

bool is_of_file(std::string_view type) {
  return type == "file_citation" || type == "container_file_citation" || type == "file_path";
}

}  // namespace

std::string annotation_of(const chat::Citation& citation, chat::Range of, json::Reader& reader) {
  if (is_of_file(Members(citation.raw, reader).text("type").raw)) return on_one_line(citation.raw);
  std::string out;
  json::Writer json(out);
  if (!citation.url.empty()) {
    json.begin_object();
    json.key("type").raw(R"("url_citation")");
    json.key("start_index").number(of.begin);
    json.key("end_index").number(of.end);
    json.key("url").text(citation.url);
    json.key("title").text(citation.title);
    json.end_object();
  } else if (!citation.title.empty()) {
    json.begin_object();
    json.key("type").raw(R"("file_citation")");
    json.key("index").number(of.end);
    json.key("file_id").raw(R"("")");
    json.key("filename").text(citation.title);
    json.end_object();
  }
  return out;
}

}  // namespace sluice::dialect::responses
