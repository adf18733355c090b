#include "dialect/cohere/rerank.h"

#include "dialect/cohere/fields.h"
#include "dialect/cohere/usage.h"
#include "dialect/faults.h"
#include "dialect/reading.h"
#include "json/reader.h"
#include "json/writer.h"

namespace sluice::dialect::cohere {

namespace {

using json::Escaped;

class RerankReader {
 public:
  explicit RerankReader(json::Cursor& cursor) : in_(cursor) {}

  Result<chat::RerankRequest> read() {
    json::each_member(in_.cursor(), [&](std::string_view key) {
      if (!in_.is_null()) member(std::string(key));
    });
    if (in_.ok() && !in_.cursor().broken()) {
      if (!has_query_) in_.miss("query");
      if (!has_documents_) in_.miss("documents");
    }
    if (auto done = in_.finish(); !done) return fail_from(done);
    return std::move(out_);
  }

 private:
  void member(const std::string& name) {
    if (name == "model") {
      out_.model = json::plain(in_.string(name).value_or(Escaped{}));
    } else if (name == "query") {
      has_query_ = true;
      out_.query = in_.string(name).value_or(Escaped{});
    } else if (name == "documents") {
      has_documents_ = true;
      documents();
    } else if (name == "top_n" || name == "top_k") {
      out_.top_n = whole_number(name);
    } else if (name == "return_documents") {
      out_.return_documents = in_.boolean(name).value_or(false);
    } else if (name == "max_tokens_per_doc") {
      out_.max_tokens_per_doc = whole_number(name);
    } else {
      in_.any();
      const FieldRow* row = find_path(fields_of(Operation::kRerank), name);
      out_.lost.push_back({name, row != nullptr ? row->unplaced : chat::Unplaced::kDropped, {}});
    }
  }

  // As written.
  std::string_view whole_number(const std::string& name) {
    json::Cursor ahead = in_.cursor();
    const std::string_view written = ahead.skip();
    const auto count = in_.count(name);
    if (count == 0) in_.refuse(name, "must be at least 1.");
    return count ? written : std::string_view();
  }

  void documents() {
    const bool is_array = json::each_element(in_.cursor(), [&](std::size_t index) {
      if (in_.ok()) document(at("documents", index));
    });
    if (!is_array && !in_.cursor().broken()) in_.refuse("documents", "must be an array.", "invalid_type");
  }

  void document(const std::string& path) {
    if (in_.is_string()) {
      out_.documents.push_back(in_.string(path).value_or(Escaped{}));
      return;
    }
    std::optional<Escaped> text;
    const bool is_object = json::each_member(in_.cursor(), [&](std::string_view key) {
      if (key == "text") text = in_.string(path + ".text");
    });
    if (!is_object || !text) {
      return in_.refuse(path, "must be a string, or an object that holds 'text'.", "invalid_type");
    }
    out_.documents.push_back(*text);
  }

  Reading in_;
  chat::RerankRequest out_;
  bool has_query_ = false;
  bool has_documents_ = false;
};

void read_place(json::Cursor& cursor, chat::Ranking& ranking) {
  chat::Ranking::Place place;
  bool has_index = false;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "index") {
      Reading reading(cursor);
      const auto index = reading.count(key);
      has_index = index.has_value();
      place.index = index.value_or(0);
    } else if (key == "relevance_score" || key == "score") {
      if (cursor.kind() == json::Kind::kNumber) place.score = cursor.skip();
    }
  });
  if (has_index && !place.score.empty()) ranking.places.push_back(place);
}

}  // namespace

Result<chat::RerankRequest> read_rerank(std::string_view body, json::Reader& reader) {
  auto cursor = reader.scan(body);
  if (!cursor) {
    return invalid_request("The request body is not valid JSON: " + std::string(cursor.error().why) + ", at byte " +
                               std::to_string(cursor.error().offset) + ".",
                           "", "invalid_json");
  }
  return RerankReader(*cursor).read();
}

std::string write_ranking(const chat::Ranking& ranking, const chat::RerankRequest& request) {
  std::string out;
  json::Writer json(out);
  json.begin_object();
  if (!ranking.id.empty()) json.key("id").text(ranking.id);
  json.key("results").begin_array();
  for (const chat::Ranking::Place& place : ranking.places) {
    json.begin_object().key("index").number(std::uint64_t{place.index});
    json.key("relevance_score").raw(place.score);
    if (request.return_documents && place.index < request.documents.size()) {
      json.key("document").begin_object().key("text").text(request.documents[place.index]).end_object();
    }
    json.end_object();
  }
  json.end_array().key("meta").begin_object();
  json.key("api_version").begin_object().key("version").text("2").end_object();
  const chat::Usage& usage = ranking.usage;
  if (usage.billed_searches) {
    json.key("billed_units").begin_object().key("search_units").number(*usage.billed_searches).end_object();
  }
  if (usage.source != chat::UsageSource::kNone && (usage.input > 0 || !usage.billed_searches)) {
    json.key("tokens").begin_object();
    json.key("input_tokens").number(usage.input).key("output_tokens").number(usage.output);
    json.end_object();
  }
  json.end_object().end_object();
  return out;
}

Result<Outgoing> write_rerank(const chat::RerankRequest& request, const Target& target) {
  Outgoing out;
  out.lost = request.lost;
  json::Writer json(out.body);
  json.begin_object().key("model").text(target.model).key("query").text(request.query);
  json.key("documents").begin_array();
  for (const Escaped document : request.documents) json.text(document);
  json.end_array();
  if (!request.top_n.empty()) json.key("top_n").raw(request.top_n);
  if (!request.max_tokens_per_doc.empty()) json.key("max_tokens_per_doc").raw(request.max_tokens_per_doc);
  json.end_object();
  return out;
}

Result<chat::Ranking> read_ranking(std::string_view body, json::Reader& reader) {
  auto cursor = reader.scan(body);
  if (!cursor) return not_json("The answer", cursor.error());
  chat::Ranking ranking;
  bool has_results = false;
  json::each_member(*cursor, [&](std::string_view key) {
    if (key == "results" || key == "data") {
      has_results = json::each_element(*cursor, [&](std::size_t) { read_place(*cursor, ranking); });
    } else if (key == "id") {
      ranking.id = json::plain(json::take_string(*cursor).value_or(Escaped{}));
    } else if (key == "meta" || key == "usage") {
      read_usage(*cursor, ranking.usage);
    }
  });
  if (!cursor->finish()) return not_json("The answer", *cursor->broken());
  if (!has_results) return protocol_fault("The answer to rerank holds no results");
  return ranking;
}

}  // namespace sluice::dialect::cohere
