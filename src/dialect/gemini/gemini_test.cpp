#include "dialect/gemini/gemini.h"

#include "dialect/gemini/embed.h"
#include "dialect/gemini/endpoint.h"
#include "dialect/gemini/fixture_test.h"
#include "dialect/gemini/native.h"
#include "dialect/gemini/request.h"
#include "json/reader.h"

namespace sluice::dialect::gemini::gemini_test {
namespace {

using testing::find_case;
using testing::padded;
using testing::sorted;

std::string joined(const OutgoingBody& body) {
  std::string out;
  for (const std::string_view piece : body.pieces) out += piece;
  return out;
}

const Endpoint& endpoint(Kind kind) {
  return *std::ranges::find(endpoints(), static_cast<std::uint8_t>(kind), &Endpoint::code);
}

TEST(Gemini, OnlyNamesOfModelsChangeInBodies) {
  const std::string same = R"({"contents":[{"role":"model","parts":[{"text":"\"model\":"}]}],  "x":1e400})";
  EXPECT_EQ(joined(rename_models(same, "new")), same);
  EXPECT_EQ(joined(rename_models(R"({"requests":[{"model":"models/a","content":{}},{"model": "models/a"}]})", "b")),
            R"({"requests":[{"model":"models/b","content":{}},{"model": "models/b"}]})");
  EXPECT_EQ(joined(rename_models(R"({"requests":{"model":"models/a"}})", "b")), R"({"requests":{"model":"models/b"}})");
  EXPECT_EQ(joined(rename_models(R"({"model":"a","generateContentRequest":{"model":"models/a"}})", "tunedModels/b")),
            R"({"model":"tunedModels/b","generateContentRequest":{"model":"tunedModels/b"}})");
  EXPECT_EQ(joined(rename_models(R"({"model":)", "b")), R"({"model":)");
}

TEST(Gemini, PassesItsOwnEndpoints) {
  http::Headers headers;
  const Target target{.provider = "g", .model = "m", .quirks = {}};
  for (const Endpoint& one : endpoints()) {
    EXPECT_TRUE(client().passes(one));
    const bool batch = kind_of(one) == Kind::kBatchEmbed;
    EXPECT_EQ(vertex_client().passes(one), !batch);
    const std::string method = ":" + std::string(method_of(kind_of(one)));
    EXPECT_EQ(client().native_path(one, {}, target), "/models/m" + method);
    EXPECT_EQ(vertex_client().native_path(one, {}, target), "/publishers/google/models/m" + method);
    EXPECT_TRUE(match_path(one.path, fill_path(one.path, "x/y", "")));
  }
  const Endpoint other{.dialect = "openai",
                       .code = 0,
                       .operation = Operation::kChat,
                       .name = "",
                       .method = "",
                       .path = "",
                       .form = BodyForm::kJson,
                       .streaming = Streaming::kNever};
  EXPECT_FALSE(client().passes(other));
}

Result<chat::EmbedRequest> read_embed_of(Kind kind, std::string& body) {
  body = padded(body);
  json::Reader reader;
  return server().read_embed(endpoint(kind), body, reader);
}

TEST(GeminiEmbed, ReadsAndWritesRequests) {
  std::string body = find_case("embed_content").request;
  auto asked = read_embed_of(Kind::kBatchEmbed, body);
  ASSERT_TRUE(asked) << asked.error().told;
  ASSERT_EQ(asked->inputs.size(), 1u);
  auto sent = client().write_embed(*asked, {.provider = "g", .model = "gemini-embedding-001", .quirks = {}});
  EXPECT_EQ(sorted(sent->body),
            sorted(R"({"requests":[{"content":{"parts":[{"text":"a"}]},"model":"models/gemini-embedding-001"}]})"));

  std::string one = R"({"content":{"parts":[{"text":"a"},{"text":"b"}]},"task_type":"RETRIEVAL_DOCUMENT","title":"t",
    "outputDimensionality":"8","autoTruncate":true})";
  asked = read_embed_of(Kind::kEmbed, one);
  ASSERT_TRUE(asked) << asked.error().told;
  EXPECT_TRUE(asked->single);
  EXPECT_EQ(asked->inputs.at(0).raw, "ab");
  EXPECT_EQ(asked->dimensions, "8");
  ASSERT_EQ(asked->lost.size(), 1u);
  EXPECT_EQ(asked->lost[0].path, "autoTruncate");
  sent = vertex_client().write_embed(*asked, {.provider = "g", .model = "e", .quirks = {}});
  EXPECT_EQ(sent->body, R"({"instances":[{"content":"ab","task_type":"RETRIEVAL_DOCUMENT","title":"t"}],)"
                        R"("parameters":{"outputDimensionality":8}})");
}

TEST(GeminiEmbed, PurposesOfOtherApis) {
  chat::EmbedRequest asked;
  asked.inputs = {{"a"}};
  asked.purpose = {"search_query"};
  const Target target{.provider = "g", .model = "e", .quirks = {}};
  EXPECT_TRUE(client().write_embed(asked, target)->body.contains(R"("taskType":"RETRIEVAL_QUERY")"));
  asked.purpose = {"other"};
  EXPECT_EQ(client().write_embed(asked, target)->lost.at(0).path, "input_type");
  asked.token_inputs = "[[1]]";
  EXPECT_FALSE(client().write_embed(asked, target));
}

TEST(GeminiEmbed, Complaints) {
  auto param = [](Kind kind, std::string body) {
    auto asked = read_embed_of(kind, body);
    EXPECT_FALSE(asked) << body;
    return asked ? "" : asked.error().param;
  };
  EXPECT_EQ(param(Kind::kEmbed, "{}"), "content");
  EXPECT_EQ(param(Kind::kBatchEmbed, "{}"), "requests");
  EXPECT_EQ(param(Kind::kBatchEmbed, R"({"requests":[{}]})"), "requests[0].content");
  EXPECT_EQ(param(Kind::kBatchEmbed, R"({"requests":[{"content":{"parts":[{"text":"a"}]}},
    {"content":{"parts":[{"text":"b"}]},"title":"t"}]})"),
            "requests[1]");
  EXPECT_EQ(param(Kind::kEmbed, R"({"content":{"parts":[{"inlineData":{}}]}})"), "content.parts[0].inlineData");
}

TEST(GeminiEmbed, Answers) {
  json::Reader reader;
  const std::string batch = padded(find_case("embed_content").body);
  auto read = client().read_embeddings(batch, reader);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->vectors.size(), 1u);
  EXPECT_EQ(server().write_embeddings(endpoint(Kind::kBatchEmbed), *read, {}, {}),
            R"({"embeddings":[{"values":[0.1,-0.2,0.3]}]})");
  EXPECT_EQ(server().write_embeddings(endpoint(Kind::kEmbed), *read, {}, {}),
            R"({"embedding":{"values":[0.1,-0.2,0.3]}})");
  const std::string vertex = padded(
      R"({"predictions":[{"embeddings":{"values":[1],"statistics":{"token_count":3}}},{"embeddings":{"values":[2],"statistics":{"token_count":4}}}]})");
  read = client().read_embeddings(vertex, reader);
  ASSERT_EQ(read->vectors.size(), 2u);
  EXPECT_EQ(read->usage.input, 7u);
  const std::string broken = padded("{");
  EXPECT_FALSE(client().read_embeddings(broken, reader));
}

TEST(Gemini, Models) {
  const ModelEntry models[] = {{"a\"b"}, {"c"}};
  EXPECT_EQ(server().write_models(models),
            R"({"models":[{"name":"models/a\"b","version":"","displayName":"a\"b",)"
            R"("supportedGenerationMethods":["generateContent","countTokens","embedContent"]},)"
            R"({"name":"models/c","version":"","displayName":"c",)"
            R"("supportedGenerationMethods":["generateContent","countTokens","embedContent"]}]})");
  EXPECT_EQ(server().write_count(12), R"({"totalTokens":12})");
}

TEST(GeminiClient, Paths) {
  auto path = [](const Client& to, std::string_view model, Operation operation, bool stream = false) {
    return to.path({.provider = "google", .model = model, .operation = operation, .stream = stream, .quirks = {}});
  };
  EXPECT_EQ(path(client(), "gemini-x", Operation::kChat), "/models/gemini-x:generateContent");
  EXPECT_EQ(path(client(), "models/gemini-x", Operation::kChat, true),
            "/models/gemini-x:streamGenerateContent?alt=sse");
  EXPECT_EQ(path(client(), "tunedModels/x y", Operation::kCountTokens), "/tunedModels/x%20y:countTokens");
  EXPECT_EQ(path(client(), "e", Operation::kEmbed), "/models/e:batchEmbedContents");
  EXPECT_EQ(path(vertex_client(), "g", Operation::kChat), "/publishers/google/models/g:generateContent");
  EXPECT_EQ(path(vertex_client(), "endpoints/7", Operation::kChat), "/endpoints/7:generateContent");
  EXPECT_EQ(path(vertex_client(), "e", Operation::kEmbed), "/publishers/google/models/e:predict");
  EXPECT_EQ(client().version(), "/v1beta");
  EXPECT_EQ(vertex_client().version(), "");
}

}  // namespace
}  // namespace sluice::dialect::gemini::gemini_test
