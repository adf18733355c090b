#include "dialect/cohere/cohere.h"

#include <set>

#include "checkout.h"
#include "dialect/cohere/fields.h"
#include "dialect/cohere/fixture_test.h"
#include "json/reader.h"

namespace sluice::dialect::cohere::cohere_test {
namespace {

using testing::at;
using testing::padded;

TEST(CohereFields, AreThoseOfTheSchema) {
  std::ifstream file(in_checkout("tests/fixtures/schema/cohere.txt"));
  // "embed: texts"; the paths of chat stand alone.
  std::set<std::string> paths;
  const auto table_of = [](std::string& line) {
    for (const auto& [prefix, operation] :
         {std::pair<std::string_view, Operation>{"embed: ", Operation::kEmbed}, {"rerank: ", Operation::kRerank}}) {
      if (!line.starts_with(prefix)) continue;
      line.erase(0, prefix.size());
      return fields_of(operation);
    }
    return fields_of(Operation::kChat);
  };
  std::size_t rows = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || !paths.insert(line).second) continue;
    ++rows;
    const FieldTable table = table_of(line);
    EXPECT_NE(find_path(table, line), nullptr) << line;
  }
  std::size_t known = 0;
  for (Operation operation : {Operation::kChat, Operation::kEmbed, Operation::kRerank}) {
    known += fields_of(operation).size();
  }
  EXPECT_EQ(rows, known);
  EXPECT_GT(rows, 50u);
}

struct Reranked {
  explicit Reranked(std::string_view text) : body(padded(text)) {
    auto result = server().read_rerank(server().endpoints()[0], body, reader);
    if (result) {
      request = std::move(*result);
    } else {
      param = result.error().param;
    }
  }
  std::string body;
  json::Reader reader;
  chat::RerankRequest request;
  std::string param = "none";
};

TEST(CohereRerank, ReadsRequestsOfCohereJinaAndVoyage) {
  const Reranked cohere(
      R"({"model":"m","query":"q\u00e9","documents":["a",{"text":"b","id":7}],"top_n":2,"max_tokens_per_doc":4096,"priority":1,"rank_fields":["x"],"top":null})");
  EXPECT_EQ(cohere.param, "none");
  EXPECT_EQ(cohere.request.model, "m");
  EXPECT_EQ(cohere.request.query.raw, "q\\u00e9");
  ASSERT_EQ(cohere.request.documents.size(), 2u);
  EXPECT_EQ(cohere.request.documents[1].raw, "b");
  EXPECT_EQ(cohere.request.top_n, "2");
  EXPECT_EQ(cohere.request.max_tokens_per_doc, "4096");
  ASSERT_EQ(cohere.request.lost.size(), 2u);
  EXPECT_EQ(cohere.request.lost[0].unplaced, chat::Unplaced::kSilent);
  EXPECT_EQ(cohere.request.lost[1].path, "rank_fields");
  const Reranked voyage(R"({"model":"m","query":"q","documents":["a"],"top_k":1,"return_documents":true})");
  EXPECT_EQ(voyage.request.top_n, "1");
  EXPECT_TRUE(voyage.request.return_documents);
}

TEST(CohereRerank, RefusesBadRequests) {
  EXPECT_EQ(Reranked("{}").param, "query");
  EXPECT_EQ(Reranked(R"({"query":"q"})").param, "documents");
  EXPECT_EQ(Reranked(R"({"query":7,"documents":[]})").param, "query");
  EXPECT_EQ(Reranked(R"({"query":"q","documents":"a"})").param, "documents");
  EXPECT_EQ(Reranked(R"({"query":"q","documents":["a",{"title":"x"}]})").param, "documents[1]");
  EXPECT_EQ(Reranked(R"({"query":"q","documents":[],"top_n":0})").param, "top_n");
  EXPECT_EQ(Reranked(R"({"query":"q","documents":[],"top_k":1.5})").param, "top_k");
  EXPECT_EQ(Reranked(R"({"query":"q","documents":[],"return_documents":1})").param, "return_documents");
  EXPECT_EQ(Reranked(R"({"query":"q","documents":[)").param, "");
}

TEST(CohereRerank, IsWrittenAndReadForProviders) {
  const Reranked asked(R"({"model":"m","query":"q","documents":["a","b\n"],"top_n":2,"return_documents":true})");
  const auto written = client().write_rerank(asked.request, {.provider = "co", .model = "rerank-v3.5"});
  ASSERT_TRUE(written);
  EXPECT_EQ(written->body, R"({"model":"rerank-v3.5","query":"q","documents":["a","b\n"],"top_n":2})");

  json::Reader reader;
  const std::string answer = padded(
      R"({"id":"x","results":[{"index":1,"relevance_score":0.900},{"index":0,"relevance_score":1e-3},{"index":9,"relevance_score":0}],"meta":{"tokens":{"input_tokens":5,"output_tokens":0}}})");
  const auto ranking = client().read_ranking(answer, reader);
  ASSERT_TRUE(ranking);
  EXPECT_EQ(ranking->usage.input, 5u);
  const std::string told = server().write_ranking(server().endpoints()[0], *ranking, asked.request, {});
  EXPECT_EQ(
      told,
      R"({"id":"x","results":[{"index":1,"relevance_score":0.900,"document":{"text":"b\n"}},{"index":0,"relevance_score":1e-3,"document":{"text":"a"}},{"index":9,"relevance_score":0}],"meta":{"api_version":{"version":"2"},"tokens":{"input_tokens":5,"output_tokens":0}}})");

  const std::string voyage = padded(R"({"data":[{"index":0,"relevance_score":0.5}],"usage":{"total_tokens":7}})");
  const auto other = client().read_ranking(voyage, reader);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->places.size(), 1u);
  EXPECT_EQ(other->usage.input, 7u);
  for (std::string_view bad : {"{}", "{", R"({"results":7})"}) {
    const std::string body = padded(bad);
    EXPECT_FALSE(client().read_ranking(body, reader)) << bad;
  }
}

TEST(CohereEmbed, NamesAPurpose) {
  chat::EmbedRequest request;
  request.inputs = {{"a"}, {"b\\n"}};
  const auto write = [&] {
    const auto written = client().write_embed(request, {.provider = "co", .model = "embed-v4.0"});
    return written ? written->body : "refused: " + written.error().told;
  };
  EXPECT_EQ(write(),
            R"({"model":"embed-v4.0","texts":["a","b\n"],"input_type":"search_document","embedding_types":["float"]})");
  request.dimensions = "256";
  for (const auto& [purpose, own] : {std::pair<std::string_view, std::string_view>{"RETRIEVAL_QUERY", "search_query"},
                                     {"RETRIEVAL_DOCUMENT", "search_document"},
                                     {"SEMANTIC_SIMILARITY", "clustering"},
                                     {"CLASSIFICATION", "classification"},
                                     {"search_query", "search_query"},
                                     {"strange", "search_document"}}) {
    request.purpose = {purpose};
    EXPECT_EQ(at(write(), "/input_type"), "\"" + std::string(own) + "\"");
  }
  EXPECT_EQ(at(write(), "/output_dimension"), "256");
  request.inputs.resize(97);
  EXPECT_TRUE(write().starts_with("refused: 'input' of more than 96 texts"));
  request.token_inputs = "[[1]]";
  EXPECT_TRUE(write().contains("token numbers"));
}

TEST(CohereEmbed, ReadsVectorsAsTheyAreWritten) {
  json::Reader reader;
  const auto read = [&](std::string_view text) {
    const std::string body = padded(text);
    const auto embeddings = client().read_embeddings(body, reader);
    std::string out;
    if (!embeddings) return std::string("fault");
    for (const auto& vector : embeddings->vectors)
      out += std::string(vector.numbers) + std::string(vector.base64) + ";";
    return out + std::to_string(embeddings->usage.input);
  };
  EXPECT_EQ(read(R"({"embeddings":{"float":[[0.10,1e-2],[3]]},"meta":{"billed_units":{"input_tokens":4}}})"),
            "[0.10,1e-2];[3];4");
  EXPECT_EQ(read(R"({"embeddings":{"base64":["AAAA"]}})"), "AAAA;0");
  EXPECT_EQ(read(R"({"embeddings":[[1,2]]})"), "[1,2];0");
  EXPECT_EQ(read("{"), "fault");
}

TEST(Cohere, OffersWhatItHas) {
  EXPECT_EQ(client().path({.operation = Operation::kChat}), "/chat");
  EXPECT_EQ(client().path({.operation = Operation::kEmbed}), "/embed");
  EXPECT_EQ(client().path({.operation = Operation::kRerank}), "/rerank");
  EXPECT_EQ(client().version(), "/v2");
  EXPECT_FALSE(client().offers(Operation::kCountTokens));
  EXPECT_EQ(server().versions().size(), 3u);
  EXPECT_TRUE(client().passes(server().endpoints()[0]));
}

}  // namespace
}  // namespace sluice::dialect::cohere::cohere_test
