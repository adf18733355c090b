// check: allow file-sizes because it is one table of answers
// From the bytes of an answer to its cost: what each dialect's reader finds, times the prices. Costs are worked by hand
// in nano-dollars a token: $4 for a million tokens are 4000.
#include <gtest/gtest.h>

#include "dialect/anthropic/anthropic.h"
#include "dialect/bedrock/bedrock.h"
#include "dialect/cohere/cohere.h"
#include "dialect/fixture_test.h"
#include "dialect/gemini/gemini.h"
#include "dialect/openai/openai.h"
#include "dialect/responses/responses.h"
#include "http/event_stream.h"
#include "json/reader.h"
#include "provider/catalogue/catalogue.h"
#include "provider/catalogue/cost.h"

namespace sluice::provider::cost_wire_test {
namespace {

using namespace std::chrono_literals;
using dialect::Operation;

const WallTime kThen = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25) + 2h;
constexpr std::int64_t kUnknown = -1;

const Catalogue& ours() {
  static const auto kCatalogue = Catalogue::built_in();
  return *kCatalogue;
}

std::int64_t cost_in_nanos(std::string_view type, std::string_view name, const chat::Learned& learned) {
  const Model* model = ours().find(type, name);
  EXPECT_NE(model, nullptr) << type << "/" << name;
  const auto cost = cost_of(model ? &model->price : nullptr, learned.usage, terms_of(learned, kThen));
  return cost ? cost->total.nanos : kUnknown;
}

chat::Learned read_whole(const dialect::Client& client, Operation operation, std::string_view body) {
  chat::Learned learned;
  json::Reader reader;
  const std::string padded = dialect::fixtures::padded(body);
  const auto answer = client.read_answer(operation, nullptr, {}, learned, reader);
  EXPECT_TRUE(answer->read_whole(padded)) << body;
  return learned;
}

// In pieces of every size that cut it differently.
chat::Learned read_stream(const dialect::Client& client, std::string_view bytes, std::size_t step) {
  chat::Learned learned;
  json::Reader reader;
  const auto answer = client.read_answer(Operation::kChat, nullptr, {}, learned, reader);
  for (std::size_t at = 0; at < bytes.size(); at += step) EXPECT_TRUE(answer->feed(bytes.substr(at, step)));
  EXPECT_TRUE(answer->finish());
  return learned;
}

// The usage an answer carries, and what it costs.
struct Shape {
  const char* usage;
  std::int64_t nanos;
  const char* beside = "";  // other members of the answer
  const char* model = nullptr;
};

// How a dialect carries usage, whole and streamed.
struct Wire {
  const dialect::Client& client;
  const char* type;
  const char* model;
  std::string (*whole)(const Shape& shape);
  std::string (*stream)(const Shape& shape);
};

void expect_costs(const Wire& wire, std::span<const Shape> shapes) {
  EXPECT_GE(shapes.size(), 12u);
  for (const Shape& shape : shapes) {
    SCOPED_TRACE(std::string(shape.usage) + shape.beside);
    const char* model = shape.model ? shape.model : wire.model;
    EXPECT_EQ(cost_in_nanos(wire.type, model, read_whole(wire.client, Operation::kChat, wire.whole(shape))),
              shape.nanos);
    const std::string stream = wire.stream(shape);
    for (const std::size_t step : {stream.size(), std::size_t{7}, std::size_t{1}}) {
      EXPECT_EQ(cost_in_nanos(wire.type, model, read_stream(wire.client, stream, step)), shape.nanos) << step;
    }
  }
}

std::string with(std::string_view before, const Shape& shape, std::string_view after) {
  return std::string(before) + shape.usage + shape.beside + std::string(after);
}

// ---- Chat Completions. gpt-6-sol: input 2000, read 200, written 2500, output 10000; above 272 000 tokens 4000, 400,
// 5000, 15000.

std::string chat_whole(const Shape& shape) {
  return with(R"({"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":
      {"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":)",
              shape, "}");
}
std::string chat_stream(const Shape& shape) {
  const std::string head = R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":)";
  std::string last = with(R"([],"usage":)", shape, "}");
  std::erase(last, '\n');  // one line of the event
  return head + R"([{"index":0,"delta":{"role":"assistant","content":"hi"},"finish_reason":null}]})" + "\n\n" + head +
         R"([{"index":0,"delta":{},"finish_reason":"stop"}]})" + "\n\n" + head + last + "\n\ndata: [DONE]\n\n";
}

constexpr Shape kChat[] = {
    {R"({"prompt_tokens":24,"completion_tokens":10,"total_tokens":34})", 24 * 2000 + 10 * 10000},
    {R"({"prompt_tokens":24,"completion_tokens":10,"prompt_tokens_details":null,"completion_tokens_details":null})",
     24 * 2000 + 10 * 10000},
    {R"({"prompt_tokens":2000,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":1024}})",
     976 * 2000 + 1024 * 200 + 4 * 10000},
    {R"({"prompt_tokens":5000,"completion_tokens":4,
         "prompt_tokens_details":{"cached_tokens":4096,"cache_write_tokens":800}})",
     104 * 2000 + 4096 * 200 + 800 * 2500 + 4 * 10000},
    {R"({"prompt_tokens":5000,"completion_tokens":4,"prompt_tokens_details":{"cache_write_tokens":4999}})",
     1 * 2000 + 4999 * 2500 + 4 * 10000},
    {R"({"prompt_tokens":12,"completion_tokens":203,"completion_tokens_details":{"reasoning_tokens":192}})",
     12 * 2000 + 203 * 10000},
    {R"({"prompt_tokens":25,"completion_tokens":9,
         "completion_tokens_details":{"accepted_prediction_tokens":4,"rejected_prediction_tokens":2}})",
     25 * 2000 + 9 * 10000},
    {R"({"prompt_tokens":272000,"completion_tokens":1})", 272000LL * 2000 + 10000},
    {R"({"prompt_tokens":272001,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":272000}})",
     4000 + 272000 * 400 + 15000},
    {R"({"prompt_tokens":24,"completion_tokens":10})", 24 * 1000 + 10 * 5000, R"(,"service_tier":"flex")"},
    {R"({"prompt_tokens":24,"completion_tokens":10})", 24 * 4000 + 10 * 20000, R"(,"service_tier":"priority")"},
    {R"({"prompt_tokens":24,"completion_tokens":10})", 24 * 2000 + 10 * 10000, R"(,"service_tier":"default")"},
    {R"({"prompt_tokens":24,"completion_tokens":10})", kUnknown, R"(,"service_tier":"scale")"},
    {R"({"prompt_tokens":24,"completion_tokens":0})", 24 * 2000},
    {R"({"prompt_tokens":120,"completion_tokens":60,"prompt_tokens_details":{"audio_tokens":100},
         "completion_tokens_details":{"audio_tokens":50}})",
     20 * 2500 + 100 * 32000 + 10 * 10000 + 50 * 64000, "", "gpt-audio"},
    {R"({"prompt_tokens":120,"completion_tokens":60,"prompt_tokens_details":{"audio_tokens":100}})", kUnknown},
    {"null", kUnknown},
};

TEST(CostOfWire, ChatCompletions) {
  expect_costs({dialect::openai::client(), "openai", "gpt-6-sol", chat_whole, chat_stream}, kChat);
}

TEST(CostOfWire, ServersNearChatCompletions) {
  struct Row {
    const char* type;
    const char* model;
    Shape shape;
  };
  constexpr Row kRows[] = {
      // DeepSeek tells its cache beside; two o'clock is a peak hour.
      {"deepseek",
       "deepseek-v4-pro",
       {R"({"prompt_tokens":1000,"completion_tokens":50,"prompt_cache_hit_tokens":600,"prompt_cache_miss_tokens":400})",
        400 * 1320 + 600 * 44 + 50 * 3960}},
      // xAI counts reasoning beside the completion.
      {"xai",
       "grok-4.5",
       {R"({"prompt_tokens":100,"completion_tokens":10,"total_tokens":150,
            "completion_tokens_details":{"reasoning_tokens":40}})",
        100 * 2000 + 50 * 6000}},
      {"xai", "grok-4.5", {R"({"prompt_tokens":200001,"completion_tokens":10})", 200001LL * 4000 + 10 * 12000}},
      // Perplexity charges the request, and for one model what it thought.
      {"perplexity", "sonar", {R"({"prompt_tokens":10,"completion_tokens":20})", 10 * 1000 + 20 * 1000 + 5'000'000}},
      {"perplexity",
       "sonar-deep-research",
       {R"({"prompt_tokens":10,"completion_tokens":70,"completion_tokens_details":{"reasoning_tokens":50}})",
        10 * 2000 + 20 * 8000 + 50 * 3000}},
      // The examples of its page "Pricing": 0.409393, and 0.0057, 0.0087 and 0.0127 by the size of the search.
      {"perplexity",
       "sonar-deep-research",
       {R"({"prompt_tokens":33,"completion_tokens":7163,"total_tokens":7196,"citation_tokens":20016,
            "reasoning_tokens":73997,"num_search_queries":18})",
        33 * 2000 + 7163 * 8000 + 20016 * 2000 + 73997 * 3000 + 18 * 5'000'000}},
      {"perplexity",
       "sonar",
       {R"({"prompt_tokens":500,"completion_tokens":200,"total_tokens":700,"search_context_size":"low"})",
        500 * 1000 + 200 * 1000 + 5'000'000}},
      {"perplexity",
       "sonar",
       {R"({"prompt_tokens":500,"completion_tokens":200,"total_tokens":700,"search_context_size":"medium"})",
        500 * 1000 + 200 * 1000 + 8'000'000}},
      {"perplexity",
       "sonar",
       {R"({"prompt_tokens":500,"completion_tokens":200,"total_tokens":700,"search_context_size":"high"})",
        500 * 1000 + 200 * 1000 + 12'000'000}},
      // Answers of its pages, which tell 0.83704, 0.03073 and, of a Pro Search that nothing else tells of, 0.015.
      {"perplexity",
       "sonar-deep-research",
       {R"({"prompt_tokens":230,"completion_tokens":13498,"total_tokens":13728,"citation_tokens":20470,
            "num_search_queries":50,"reasoning_tokens":145885,"cost":{"input_tokens_cost":0.00046,
            "output_tokens_cost":0.10798,"citation_tokens_cost":0.04094,"reasoning_tokens_cost":0.43766,
            "search_queries_cost":0.25,"total_cost":0.83704}})",
        230 * 2000 + 13498 * 8000 + 20470 * 2000 + 145885 * 3000 + 50 * 5'000'000}},
      {"perplexity",
       "sonar-pro",
       {R"({"completion_tokens":1645,"cost":{"input_tokens_cost":6e-05,"output_tokens_cost":0.02467,"total_cost":0.03073,
            "citation_tokens_cost":null,"reasoning_tokens_cost":null,"request_cost":0.006,"search_queries_cost":null},
            "prompt_tokens":20,"total_tokens":1665,"citation_tokens":null,"num_search_queries":null,
            "reasoning_tokens":null,"search_context_size":"low"})",
        20 * 3000 + 1645 * 15000 + 6'000'000}},
      {"perplexity",
       "sonar-pro",
       {R"({"prompt_tokens":15,"completion_tokens":98,"total_tokens":113,"search_context_size":"low",
            "cost":{"input_tokens_cost":0.0,"output_tokens_cost":0.001,"request_cost":0.014,"total_cost":0.015}})",
        15 * 3000 + 98 * 15000 + 14'000'000}},
      // A fee that is none.
      {"perplexity",
       "sonar",
       {R"({"prompt_tokens":500,"completion_tokens":200,"cost":{"request_cost":-1},"search_context_size":null})",
        500 * 1000 + 200 * 1000 + 5'000'000}},
      // Other servers tell reasoning beside the totals too, but count it within; OpenRouter's cost is a number.
      {"xai",
       "grok-4.5",
       {R"({"prompt_tokens":100,"completion_tokens":10,"total_tokens":110,"reasoning_tokens":4,"cost":0.5})",
        100 * 2000 + 10 * 6000}},
      {"groq",
       "openai/gpt-oss-20b",
       {R"({"prompt_tokens":1001,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":1000}})",
        75 + 37'500 + 300, R"(,"service_tier":"on_demand")"}},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.shape.usage);
    const auto& client = dialect::openai::client();
    EXPECT_EQ(cost_in_nanos(row.type, row.model, read_whole(client, Operation::kChat, chat_whole(row.shape))),
              row.shape.nanos);
    EXPECT_EQ(cost_in_nanos(row.type, row.model, read_stream(client, chat_stream(row.shape), 5)), row.shape.nanos);
  }
}

// ---- Responses, of the same model.

std::string response_whole(const Shape& shape) {
  return with(
      R"({"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"m","output":[],"usage":)",
      shape, "}");
}
std::string response_stream(const Shape& shape) {
  std::string body = response_whole(shape);
  std::erase(body, '\n');  // one line of the event
  return "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":0,\"response\":" +
         body + "}\n\n";
}

constexpr Shape kResponses[] = {
    {R"({"input_tokens":24,"output_tokens":9,"total_tokens":33})", 24 * 2000 + 9 * 10000},
    {R"({"input_tokens":24,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":9,
         "output_tokens_details":{"reasoning_tokens":0},"total_tokens":33})",
     24 * 2000 + 9 * 10000},
    {R"({"input_tokens":5000,"input_tokens_details":{"cached_tokens":4096},"output_tokens":4})",
     904 * 2000 + 4096 * 200 + 4 * 10000},
    {R"({"input_tokens":5000,"input_tokens_details":{"cached_tokens":4096,"cache_write_tokens":800,
         "cache_write_tokens_details":{"ttl_30m_tokens":800,"ttl_12h_tokens":0}},"output_tokens":4})",
     104 * 2000 + 4096 * 200 + 800 * 2500 + 4 * 10000},
    // Nobody has published what twelve hours cost.
    {R"({"input_tokens":5000,"input_tokens_details":{"cached_tokens":4096,"cache_write_tokens":800,
         "cache_write_tokens_details":{"ttl_30m_tokens":100,"ttl_12h_tokens":700}},"output_tokens":4})",
     kUnknown},
    {R"({"input_tokens":12,"output_tokens":203,"output_tokens_details":{"reasoning_tokens":192}})",
     12 * 2000 + 203 * 10000},
    {R"({"input_tokens":272000,"output_tokens":1})", 272000LL * 2000 + 10000},
    {R"({"input_tokens":272001,"output_tokens":1})", 272001LL * 4000 + 15000},
    {R"({"input_tokens":300000,"input_tokens_details":{"cached_tokens":290000,"cache_write_tokens":5000},
         "output_tokens":10})",
     5000 * 4000 + 290000 * 400 + 5000 * 5000 + 10 * 15000},
    {R"({"input_tokens":24,"output_tokens":9})", 24 * 1000 + 9 * 5000, R"(,"service_tier":"flex")"},
    {R"({"input_tokens":24,"output_tokens":9})", 24 * 4000 + 9 * 20000, R"(,"service_tier":"priority")"},
    {R"({"input_tokens":318,"output_tokens":42})", 318 * 2000 + 42 * 10000 + 10'000'000,
     R"(,"tool_usage":{"web_search":{"num_requests":1}})"},
    {R"({"input_tokens":318,"output_tokens":42})", 318 * 4000 + 42 * 20000 + 3 * 10'000'000,
     R"(,"service_tier":"priority","tool_usage":{"web_search":{"num_requests":3}})"},
    // A search of files is $2.50 a thousand, whatever the tier. Containers and images have no price by the call.
    {R"({"input_tokens":318,"output_tokens":42})", 318 * 2000 + 42 * 10000 + 3 * 2'500'000,
     R"(,"output":[{"type":"file_search_call","queries":["a"]},{"type":"file_search_call"},{"type":"file_search_call"}])"},
    {R"({"input_tokens":318,"output_tokens":42})", 318 * 1000 + 42 * 5000 + 2'500'000 + 2 * 10'000'000,
     R"(,"service_tier":"flex","tool_usage":{"web_search":{"num_requests":2}},"output":[{"type":"file_search_call"}])"},
    {R"({"input_tokens":318,"output_tokens":42})", kUnknown,
     R"(,"output":[{"type":"code_interpreter_call","code":"1","container_id":"c"}])"},
    {R"({"input_tokens":318,"output_tokens":42})", kUnknown,
     R"(,"output":[{"type":"image_generation_call","result":"iVBORw0KGgo="}])"},
    {R"({"input_tokens":318,"output_tokens":42})", kUnknown,
     R"(,"tool_usage":{"image_gen":{"input_tokens":50,"output_tokens":4000,"total_tokens":4050}})"},
    {R"({"input_tokens":318,"output_tokens":42})", 318 * 2000 + 42 * 10000,
     R"(,"tool_usage":{"image_gen":{"input_tokens":0,"output_tokens":0,"total_tokens":0},"web_search":{"num_requests":0}})"},
    {R"({"input_tokens":318,"output_tokens":42})", kUnknown,
     R"(,"output":[{"type":"shell_call","environment":{"type":"container_reference","container_id":"c"}}])"},
    // What the client runs, and what costs its tokens alone.
    {R"({"input_tokens":318,"output_tokens":42})", 318 * 2000 + 42 * 10000,
     R"(,"output":[{"type":"shell_call","environment":{"type":"local"}},{"type":"shell_call","environment":null},
        {"type":"mcp_call"},{"type":"tool_search_call"},{"type":"local_shell_call"},{"type":"computer_call"}])"},
    {"null", kUnknown},
};

TEST(CostOfWire, Responses) {
  expect_costs({dialect::responses::client(), "openai", "gpt-6-sol", response_whole, response_stream}, kResponses);
}

// ---- Messages. claude-opus-5-5: input 4000, read 200, written 5000 and 8000, output 20000.

std::string message_whole(const Shape& shape) {
  return with(R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hi"}],
      "stop_reason":"end_turn","stop_sequence":null,"usage":)",
              shape, "}");
}
// The same counts at the beginning and at the end: told twice, charged once.
std::string message_stream(const Shape& shape) {
  std::string usage = shape.usage;
  std::erase(usage, '\n');
  return R"(event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":)" +
         usage + "}}\n\n" + R"(event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":)" +
         usage + "}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
}

constexpr Shape kMessages[] = {
    {R"({"input_tokens":12,"output_tokens":4})", 12 * 4000 + 4 * 20000},
    {R"({"input_tokens":24,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":12,
         "server_tool_use":null,"service_tier":"standard","inference_geo":"global","speed":"standard"})",
     24 * 4000 + 12 * 20000},
    {R"({"input_tokens":7,"cache_read_input_tokens":4096,"output_tokens":4})", 7 * 4000 + 4096 * 200 + 4 * 20000},
    {R"({"input_tokens":7,"cache_creation_input_tokens":500,"output_tokens":4})", 7 * 4000 + 500 * 5000 + 4 * 20000},
    {R"({"input_tokens":7,"cache_creation_input_tokens":500,"cache_creation":{"ephemeral_5m_input_tokens":500,
         "ephemeral_1h_input_tokens":0},"output_tokens":4})",
     7 * 4000 + 500 * 5000 + 4 * 20000},
    {R"({"input_tokens":3,"cache_creation_input_tokens":2048,"cache_read_input_tokens":0,"cache_creation":
        {"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":2048},"output_tokens":0})",
     3 * 4000 + 2048 * 8000},
    {R"({"input_tokens":7,"cache_creation_input_tokens":2000,"cache_read_input_tokens":4096,"cache_creation":
        {"ephemeral_5m_input_tokens":500,"ephemeral_1h_input_tokens":1500},"output_tokens":4})",
     7 * 4000 + 4096 * 200 + 500 * 5000 + 1500 * 8000 + 4 * 20000},
    {R"({"input_tokens":10,"output_tokens":30,"output_tokens_details":{"thinking_tokens":20}})",
     10 * 4000 + 30 * 20000},
    {R"({"input_tokens":900,"output_tokens":60,"server_tool_use":{"web_search_requests":2,"web_fetch_requests":1}})",
     900 * 4000 + 60 * 20000 + 2 * 10'000'000},
    {R"({"input_tokens":10,"output_tokens":3,"service_tier":"batch"})", 10 * 2000 + 3 * 10000},
    {R"({"input_tokens":10,"output_tokens":3,"speed":"fast"})", 10 * 8000 + 3 * 40000},
    {R"({"input_tokens":10,"output_tokens":3,"inference_geo":"us"})", 10 * 4400 + 3 * 22000},
    {R"({"input_tokens":10,"cache_read_input_tokens":100,"output_tokens":3,"inference_geo":"us","speed":"fast"})",
     10 * 8800 + 100 * 440 + 3 * 44000},
    // Bought in advance, at no price by the token.
    {R"({"input_tokens":8,"output_tokens":3,"service_tier":"priority","inference_geo":"us","speed":"fast"})", kUnknown},
    {R"({"input_tokens":50001,"cache_creation_input_tokens":20000,"cache_read_input_tokens":30000,"output_tokens":10})",
     50001 * 500 + 20000 * 625 + 30000 * 50 + 10 * 2500, "", "claude-haiku-5-5"},
    {R"({"input_tokens":50000,"cache_creation_input_tokens":20000,"cache_read_input_tokens":30000,"output_tokens":10})",
     50000 * 100 + 20000 * 125 + 30000 * 10 + 10 * 500, "", "claude-haiku-5-5"},
};

TEST(CostOfWire, Messages) {
  expect_costs({dialect::anthropic::client(), "anthropic", "claude-opus-5-5", message_whole, message_stream},
               kMessages);
}

// ---- Gemini. gemini-2.5-flash: input 300, read 30, audio 1000, audio read 100, output 2500, a grounded prompt $0.035;
// gemini-3.8-flash: 750, 75, output 3750, a search $0.014.

std::string gemini_answer(const Shape& shape, std::string_view metadata) {
  return std::string(R"({"candidates":[{"content":{"parts":[{"text":"hi"}],"role":"model"},"finishReason":"STOP",)") +
         R"("index":0)" + shape.beside + R"(}],"modelVersion":"m","usageMetadata":)" + std::string(metadata) + "}";
}
std::string gemini_whole(const Shape& shape) {
  return gemini_answer(shape, shape.usage);
}
// Each event tells the counts so far.
std::string gemini_stream(const Shape& shape) {
  std::string last = gemini_whole(shape);
  std::erase(last, '\n');
  return R"(data: {"candidates":[{"content":{"parts":[{"text":"h"}],"role":"model"},"index":0}],)"
         R"("usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2}})"
         "\r\n\r\ndata: " +
         last + "\r\n\r\n";
}

constexpr const char* kTwoSearches = R"(,"groundingMetadata":{"webSearchQueries":["a","b"]})";
constexpr Shape kGemini[] = {
    {R"({"promptTokenCount":10,"candidatesTokenCount":5,"totalTokenCount":15})", 10 * 300 + 5 * 2500},
    {R"({"promptTokenCount":2000,"candidatesTokenCount":5,"totalTokenCount":2005,"cachedContentTokenCount":1500})",
     500 * 300 + 1500 * 30 + 5 * 2500},
    {R"({"promptTokenCount":10,"candidatesTokenCount":5,"thoughtsTokenCount":100,"totalTokenCount":115})",
     10 * 300 + 105 * 2500},
    {R"({"promptTokenCount":10,"thoughtsTokenCount":100,"totalTokenCount":110})", 10 * 300 + 100 * 2500},
    {R"({"promptTokenCount":280,"candidatesTokenCount":200,"toolUsePromptTokenCount":1200,"thoughtsTokenCount":120,
         "totalTokenCount":1800})",
     1480 * 300 + 320 * 2500},
    {R"({"promptTokenCount":268,"candidatesTokenCount":5,"totalTokenCount":273,"promptTokensDetails":
        [{"modality":"TEXT","tokenCount":10},{"modality":"IMAGE","tokenCount":258}]})",
     268 * 300 + 5 * 2500},
    {R"({"promptTokenCount":110,"candidatesTokenCount":5,"totalTokenCount":115,"promptTokensDetails":
        [{"modality":"TEXT","tokenCount":10},{"modality":"AUDIO","tokenCount":100}]})",
     10 * 300 + 100 * 1000 + 5 * 2500},
    {R"({"promptTokenCount":110,"candidatesTokenCount":5,"totalTokenCount":115,"cachedContentTokenCount":88,
         "promptTokensDetails":[{"modality":"TEXT","tokenCount":10},{"modality":"AUDIO","tokenCount":100}],
         "cacheTokensDetails":[{"modality":"TEXT","tokenCount":8},{"modality":"AUDIO","tokenCount":80}]})",
     2 * 300 + 8 * 30 + 20 * 1000 + 80 * 100 + 5 * 2500},
    {R"({"promptTokenCount":10,"candidatesTokenCount":1290,"totalTokenCount":1300,"candidatesTokensDetails":
        [{"modality":"IMAGE","tokenCount":1290}]})",
     kUnknown},
    {R"({"promptTokenCount":10,"candidatesTokenCount":5,"totalTokenCount":15,"trafficType":"ON_DEMAND"})",
     10 * 300 + 5 * 2500},
    {R"({"promptTokenCount":10,"candidatesTokenCount":5,"totalTokenCount":15,"trafficType":"ON_DEMAND_FLEX"})",
     10 * 150 + 5 * 1250},
    {R"({"promptTokenCount":10,"candidatesTokenCount":5,"totalTokenCount":15,"trafficType":"ON_DEMAND_PRIORITY"})",
     10 * 540 + 5 * 4500},
    {R"({"promptTokenCount":10,"candidatesTokenCount":5,"totalTokenCount":15,"trafficType":"PROVISIONED_THROUGHPUT"})",
     kUnknown},
    {R"({"promptTokenCount":10,"candidatesTokenCount":5,"totalTokenCount":15})", 10 * 300 + 5 * 2500 + 35'000'000,
     kTwoSearches},
    {R"({"promptTokenCount":10,"candidatesTokenCount":5,"totalTokenCount":15})", 10 * 750 + 5 * 3750 + 2 * 14'000'000,
     kTwoSearches, "gemini-3.8-flash"},
    {R"({"promptTokenCount":200000,"candidatesTokenCount":5,"totalTokenCount":200005})", 200000 * 1250 + 5 * 10000, "",
     "gemini-2.5-pro"},
    {R"({"promptTokenCount":200001,"candidatesTokenCount":5,"totalTokenCount":200006,
         "cachedContentTokenCount":200000})",
     2500 + 200000 * 250 + 5 * 15000, "", "gemini-2.5-pro"},
};

TEST(CostOfWire, Gemini) {
  expect_costs({dialect::gemini::client(), "gemini", "gemini-2.5-flash", gemini_whole, gemini_stream}, kGemini);
}

// ---- Converse. Claude Opus 5.5 on Bedrock costs what it costs elsewhere; in a region of one's choice a tenth more.

std::string converse_whole(const Shape& shape) {
  return with(
      R"({"output":{"message":{"role":"assistant","content":[{"text":"hi"}]}},"stopReason":"end_turn","usage":)", shape,
      R"(,"metrics":{"latencyMs":1}})");
}
void add_frame(std::string& out, std::string_view type, std::string_view payload) {
  const http::EventStreamHeader headers[] = {
      {":event-type", type}, {":content-type", "application/json"}, {":message-type", "event"}};
  http::append_frame(out, headers, payload);
}
std::string converse_stream(const Shape& shape) {
  std::string out;
  add_frame(out, "messageStart", R"({"role":"assistant"})");
  add_frame(out, "contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"hi"}})");
  add_frame(out, "contentBlockStop", R"({"contentBlockIndex":0})");
  add_frame(out, "messageStop", R"({"stopReason":"end_turn"})");
  add_frame(out, "metadata", with(R"({"usage":)", shape, R"(,"metrics":{"latencyMs":1}})"));
  return out;
}

constexpr Shape kConverse[] = {
    {R"({"inputTokens":24,"outputTokens":10,"totalTokens":34})", 24 * 4000 + 10 * 20000},
    {R"({"inputTokens":24,"outputTokens":10,"totalTokens":34,"cacheReadInputTokens":0,"cacheWriteInputTokens":0})",
     24 * 4000 + 10 * 20000},
    {R"({"inputTokens":7,"outputTokens":4,"cacheReadInputTokens":4096})", 7 * 4000 + 4096 * 200 + 4 * 20000},
    {R"({"inputTokens":7,"outputTokens":4,"cacheWriteInputTokens":500})", 7 * 4000 + 500 * 5000 + 4 * 20000},
    {R"({"inputTokens":7,"outputTokens":4,"cacheWriteInputTokens":500,"cacheDetails":[{"ttl":"5m","inputTokens":500}]})",
     7 * 4000 + 500 * 5000 + 4 * 20000},
    {R"({"inputTokens":7,"outputTokens":4,"cacheWriteInputTokens":500,"cacheDetails":[{"ttl":"1h","inputTokens":500}]})",
     7 * 4000 + 500 * 8000 + 4 * 20000},
    {R"({"inputTokens":7,"outputTokens":4,"cacheReadInputTokens":4096,"cacheWriteInputTokens":2000,"cacheDetails":
        [{"ttl":"1h","inputTokens":1500},{"ttl":"5m","inputTokens":500}]})",
     7 * 4000 + 4096 * 200 + 500 * 5000 + 1500 * 8000 + 4 * 20000},
    {R"({"inputTokens":24,"outputTokens":0,"totalTokens":24})", 24 * 4000},
    {R"({"inputTokens":24,"outputTokens":10})", 24 * 4400 + 10 * 22000, "", "us.anthropic.claude-opus-5-5"},
    {R"({"inputTokens":24,"outputTokens":10,"cacheReadInputTokens":200})", 24 * 4400 + 200 * 220 + 10 * 22000, "",
     "eu.anthropic.claude-opus-5-5"},
    {R"({"inputTokens":24,"outputTokens":10})", 24 * 4000 + 10 * 20000, "", "global.anthropic.claude-opus-5-5"},
    {R"({"inputTokens":50001,"outputTokens":10,"cacheReadInputTokens":30000,"cacheWriteInputTokens":20000})",
     50001 * 550 + 20000LL * 1375 / 2 + 30000 * 55 + 10 * 2750, "", "us.anthropic.claude-haiku-5-5"},
    {R"({"inputTokens":100,"outputTokens":10,"cacheReadInputTokens":50,"cacheWriteInputTokens":30})",
     100 * 60 + 50 * 15 + 30 * 60 + 10 * 240, "", "amazon.nova-lite-v1:0"},
    {R"({"inputTokens":100,"outputTokens":10,"cacheWriteInputTokens":30,"cacheDetails":
        [{"ttl":"1h","inputTokens":30}]})",
     100 * 60 + 30 * 120 + 10 * 240, "", "amazon.nova-lite-v1:0"},
    // The price of the long term is not listed for the region.
    {R"({"inputTokens":100,"outputTokens":10,"cacheWriteInputTokens":30,"cacheDetails":
        [{"ttl":"1h","inputTokens":30}]})",
     kUnknown, "", "eu.amazon.nova-lite-v1:0"},
};

TEST(CostOfWire, Converse) {
  expect_costs({dialect::bedrock::client(), "bedrock", "anthropic.claude-opus-5-5", converse_whole, converse_stream},
               kConverse);
}

// ---- Cohere. command-a-03-2025: input 2500, output 10000. What is billed is less than what was read.

std::string cohere_whole(const Shape& shape) {
  return with(R"({"id":"c","finish_reason":"COMPLETE","message":{"role":"assistant","content":
      [{"type":"text","text":"hi"}]},"usage":)",
              shape, "}");
}
std::string cohere_stream(const Shape& shape) {
  std::string usage = shape.usage;
  std::erase(usage, '\n');
  return "event: message-start\n"
         R"(data: {"type":"message-start","id":"c","delta":{"message":{"role":"assistant","content":[]}}})"
         "\n\nevent: message-end\n"
         R"(data: {"type":"message-end","id":"c","delta":{"finish_reason":"COMPLETE","usage":)" +
         usage + "}}\n\ndata: [DONE]\n\n";
}

constexpr Shape kCohere[] = {
    {R"({"billed_units":{"input_tokens":10,"output_tokens":40},"tokens":{"input_tokens":14,"output_tokens":40}})",
     10 * 2500 + 40 * 10000},
    {R"({"billed_units":{"input_tokens":8,"output_tokens":9},"tokens":{"input_tokens":504,"output_tokens":9},
         "cached_tokens":0})",
     8 * 2500 + 9 * 10000},
    {R"({"billed_units":{"input_tokens":8,"output_tokens":9},"tokens":{"input_tokens":504,"output_tokens":9},
         "cached_tokens":256})",
     8 * 2500 + 9 * 10000},
    {R"({"billed_units":{"input_tokens":8.0,"output_tokens":9.0},"tokens":{"input_tokens":12.0,"output_tokens":9.0}})",
     8 * 2500 + 9 * 10000},
    {R"({"billed_units":{"input_tokens":8,"output_tokens":9}})", 8 * 2500 + 9 * 10000},
    {R"({"tokens":{"input_tokens":12,"output_tokens":9}})", 12 * 2500 + 9 * 10000},
    {R"({"billed_units":{"input_tokens":8},"tokens":{"input_tokens":12,"output_tokens":9}})", 8 * 2500 + 9 * 10000},
    {R"({"billed_units":{"input_tokens":0,"output_tokens":0},"tokens":{"input_tokens":12,"output_tokens":0}})", 0},
    {R"({"billed_units":{"input_tokens":10,"output_tokens":40},"tokens":{"input_tokens":14,"output_tokens":40}})",
     10 * 2500 + 40 * 10000, "", "command-r-plus-08-2024"},
    {R"({"billed_units":{"input_tokens":100000,"output_tokens":4096},"tokens":{"input_tokens":100400,
         "output_tokens":4096}})",
     100000 * 2500 + 4096 * 10000},
    {R"({"billed_units":{"input_tokens":1,"output_tokens":0},"tokens":{"input_tokens":5,"output_tokens":0}})", 2500},
    {R"({"tokens":{"input_tokens":12,"output_tokens":9},"cached_tokens":4})", kUnknown},
    {"{}", kUnknown},
};

TEST(CostOfWire, Cohere) {
  expect_costs({dialect::cohere::client(), "cohere", "command-a-03-2025", cohere_whole, cohere_stream}, kCohere);
}

// ---- vectors and rankings

TEST(CostOfWire, Embeddings) {
  json::Reader reader;
  auto cost = [&](const dialect::Client& client, std::string_view type, std::string_view model, std::string_view body) {
    const std::string padded = dialect::fixtures::padded(body);
    const auto read = client.read_embeddings(padded, reader);
    EXPECT_TRUE(read) << body;
    return cost_in_nanos(type, model, {.usage = read->usage});
  };
  EXPECT_EQ(cost(dialect::openai::client(), "openai", "text-embedding-3-large",
                 R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1]}],"model":"m",
                     "usage":{"prompt_tokens":8,"total_tokens":8}})"),
            8 * 130);
  EXPECT_EQ(cost(dialect::cohere::client(), "cohere", "embed-v4.0",
                 R"({"id":"e","embeddings":{"float":[[0.1]]},"meta":{"billed_units":{"input_tokens":4}}})"),
            4 * 120);
}

TEST(CostOfWire, Rankings) {
  json::Reader reader;
  const std::string one = dialect::fixtures::padded(
      R"({"id":"r","results":[{"index":0,"relevance_score":0.9}],"meta":{"billed_units":{"search_units":1}}})");
  const std::string three = dialect::fixtures::padded(
      R"({"id":"r","results":[{"index":0,"relevance_score":0.9}],"meta":{"billed_units":{"search_units":3}}})");
  const auto& client = dialect::cohere::client();
  EXPECT_EQ(cost_in_nanos("cohere", "rerank-v3.5", {.usage = client.read_ranking(one, reader)->usage}), 2'000'000);
  EXPECT_EQ(cost_in_nanos("cohere", "rerank-v3.5", {.usage = client.read_ranking(three, reader)->usage}), 6'000'000);
}

// ---- recorded answers

TEST(CostOfWire, RecordedAnswers) {
  struct Row {
    const char* folder;
    const char* id;
    const dialect::Client& client;
    const char* type;
    const char* model;
    std::int64_t nanos;
  };
  const Row rows[] = {
      {"openai-chat", "text_stream", dialect::openai::client(), "openai", "gpt-6-sol", 11 * 2000 + 9 * 10000},
      {"openai-chat", "reasoning_effort", dialect::openai::client(), "openai", "gpt-6-sol", 12 * 2000 + 203 * 10000},
      {"openai-responses", "cached_usage", dialect::responses::client(), "openai", "gpt-6-sol", kUnknown},
      {"openai-responses", "web_search_call", dialect::responses::client(), "openai", "gpt-6-sol",
       318 * 2000 + 42 * 10000 + 10'000'000},
      {"openai-responses", "reasoning_stream", dialect::responses::client(), "openai", "gpt-6-sol",
       12 * 2000 + 60 * 10000},
      {"anthropic", "cached_usage", dialect::anthropic::client(), "anthropic", "claude-opus-5-5",
       7 * 4000 + 4096 * 200 + 500 * 5000 + 1500 * 8000 + 4 * 20000},
      {"anthropic", "cached_usage_stream", dialect::anthropic::client(), "anthropic", "claude-opus-5-5",
       7 * 4000 + 4096 * 200 + 500 * 5000 + 4 * 20000},
      {"anthropic", "pause_turn_web_search", dialect::anthropic::client(), "anthropic", "claude-opus-5-5",
       900 * 4000 + 60 * 20000 + 10'000'000},
      {"anthropic", "speed_tier_geo", dialect::anthropic::client(), "anthropic", "claude-opus-5-5", kUnknown},
      {"anthropic-hosted", "vertex_raw_predict", dialect::anthropic::vertex_client(), "vertex", "claude-opus-4-8",
       8 * 5000 + 4 * 25000},
      {"anthropic-hosted", "bedrock_invoke_stream", dialect::anthropic::bedrock_client(), "bedrock",
       "us.anthropic.claude-opus-5-5", 8 * 4400 + 4 * 22000},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.folder) + "/" + row.id);
    const auto cases = dialect::fixtures::load_cases({row.folder});
    const auto& test = dialect::fixtures::find_in(cases, row.id);
    const auto learned =
        test.stream ? read_stream(row.client, test.body, 11) : read_whole(row.client, Operation::kChat, test.body);
    EXPECT_EQ(cost_in_nanos(row.type, row.model, learned), row.nanos);
  }
}

}  // namespace
}  // namespace sluice::provider::cost_wire_test
