#include "dialect/cohere/embed.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialect/cohere/usage.h"
#include "dialect/faults.h"
#include "json/reader.h"
#include "json/writer.h"

namespace sluice::dialect::cohere {

namespace {

constexpr std::size_t kMostTexts = 96;
// The API demands a purpose: most texts are embedded to be found.
constexpr std::string_view kDefaultPurpose = "search_document";

// The words of other APIs for what a text is for; empty: not known.
std::string_view purpose_of(std::string_view word) {
  struct Purpose {
    std::string_view word, own;
  };
  constexpr std::array<Purpose, 14> kPurposes{{{"search_query", "search_query"},
                                               {"search_document", "search_document"},
                                               {"classification", "classification"},
                                               {"clustering", "clustering"},
                                               {"query", "search_query"},
                                               {"document", "search_document"},
                                               {"retrieval_query", "search_query"},
                                               {"retrieval_document", "search_document"},
                                               {"semantic_similarity", "clustering"},
                                               {"question_answering", "search_query"},
                                               {"fact_verification", "search_query"},
                                               {"code_retrieval_query", "search_query"},
                                               {"retrieval.query", "search_query"},
                                               {"retrieval.passage", "search_document"}}};
  const std::string wanted = lower(word);
  const auto found = std::ranges::find(kPurposes, std::string_view(wanted), &Purpose::word);
  return found == kPurposes.end() ? std::string_view() : found->own;
}

void read_vectors(json::Cursor& cursor, chat::Embeddings& out, std::string_view coding) {
  json::each_element(cursor, [&](std::size_t) {
    if (coding == "float" && cursor.kind() == json::Kind::kArray) {
      out.vectors.push_back({.numbers = cursor.skip(), .base64 = {}});
    } else if (coding == "base64" && cursor.kind() == json::Kind::kString) {
      out.vectors.push_back({.numbers = {}, .base64 = cursor.take_text()});
    }
  });
}

}  // namespace

Result<Outgoing> write_embed(const chat::EmbedRequest& request, const Target& target) {
  if (!request.token_inputs.empty()) {
    return unsupported("input", "of token numbers is not supported", target.provider, target.model);
  }
  if (request.inputs.size() > kMostTexts) {
    return unsupported("input", "of more than 96 texts is not supported", target.provider, target.model);
  }
  Outgoing out;
  out.lost = request.lost;
  const std::string_view purpose = purpose_of(request.purpose.raw);
  if (purpose.empty() && !request.purpose.empty()) out.lost.push_back({"input_type", chat::Unplaced::kDropped, {}});
  if (!request.title.empty()) out.lost.push_back({"title", chat::Unplaced::kDropped, {}});
  json::Writer json(out.body);
  json.begin_object().key("model").text(target.model).key("texts").begin_array();
  for (const chat::Escaped text : request.inputs) json.text(text);
  json.end_array().key("input_type").text(purpose.empty() ? kDefaultPurpose : purpose);
  json.key("embedding_types").begin_array().text("float").end_array();
  if (!request.dimensions.empty()) json.key("output_dimension").raw(request.dimensions);
  json.end_object();
  return out;
}

Result<chat::Embeddings> read_embeddings(std::string_view body, json::Reader& reader) {
  auto cursor = reader.scan(body);
  if (!cursor) return not_json("The answer", cursor.error());
  chat::Embeddings out;
  json::each_member(*cursor, [&](std::string_view key) {
    if (key == "meta") return read_usage(*cursor, out.usage);
    if (key != "embeddings") return;
    if (cursor->kind() == json::Kind::kArray) return read_vectors(*cursor, out, "float");  // version 1
    json::each_member(*cursor, [&](std::string_view coding) {
      if (out.vectors.empty()) read_vectors(*cursor, out, std::string(coding));
    });
  });
  if (!cursor->finish()) return not_json("The answer", *cursor->broken());
  return out;
}

}  // namespace sluice::dialect::cohere
