// A dialect is one folder and one line: two gateways that have one more, the second one the provider of the first.
//
//   a client of the OpenAI API → front, whose provider speaks the toy's API → back, whose client does → the simulator
#include "toy/toy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <ranges>
#include <thread>

#include "app/runtime.h"
#include "base/journal/folder_test.h"
#include "checkout.h"
#include "dialect/catalogue.h"
#include "sim/test_peer.h"

namespace sluice::app::toy_test {
namespace {

constexpr std::string_view kMaster = "sk-sl-master-of-the-test";

std::optional<std::string> no_variable(std::string_view) {
  return std::nullopt;
}

// A gateway with one route, "fast", to a model of one provider.
class Gateway {
 public:
  // `provider` is YAML's inside of {}.
  Gateway(std::string_view provider, std::string_view model) {
    Loaded loaded = parse_config(fmt::format("providers:\n  next: {{{}, api_key: {}, proxy: none}}\n"
                                             "models:\n  fast: {{deployments: [next/{}], retries: 0}}\n"
                                             "listen: 127.0.0.1:0\nthreads: 1\n",
                                             provider, kMaster, model),
                                 "sluice.yaml", no_variable);
    for (const Problem& problem : loaded.problems) ADD_FAILURE() << to_text(problem);
    auto books = Books::open(folder_.path(), loaded.config);
    if (!books) ADD_FAILURE() << books.error().told;
    runtime_ = std::make_unique<Runtime>(std::move(loaded.config), Secret(std::string(kMaster)), no_variable,
                                         std::move(*books));
    auto port = runtime_->start();
    if (!port) ADD_FAILURE() << port.error().told;
    port_ = port.value_or(0);
  }
  ~Gateway() {
    runtime_->begin_drain();
    for (int i = 0; i < 2000 && !runtime_->done(); ++i) std::this_thread::sleep_for(Ms(5));
  }
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  std::uint16_t port() const { return port_; }

  sim::Seen ask(std::string_view target, std::string_view body) const {
    sim::TestPeer peer(port_);
    peer.request("POST", target, body,
                 "content-type: application/json\r\nauthorization: Bearer " + std::string(kMaster) + "\r\n");
    return peer.answer();
  }

 private:
  journal::Folder folder_;
  std::unique_ptr<Runtime> runtime_;
  std::uint16_t port_ = 0;
};

std::string text_at(const boost::json::value& value, std::string_view pointer) {
  boost::system::error_code missing;
  const boost::json::value* found = value.find_pointer(pointer, missing);
  if (found == nullptr) return "none";
  return found->is_string() ? std::string(found->as_string()) : boost::json::serialize(*found);
}

class ToyTest : public ::testing::Test {
 protected:
  static constexpr std::string_view kScript =
      R"({"text":"Good \"day\" to you","usage":{"prompt_tokens":21,"completion_tokens":4,"total_tokens":25}})";

  // What the simulator is to answer.
  void script(std::string_view script) {
    EXPECT_LT(sim_.call("PUT", "/_sim/script", fmt::format(R"({{"script":{}}})", script)).status, 300);
  }

  // Asks the front one as a client of the OpenAI API. `more` is further members.
  sim::Seen chat(std::string_view more = "") {
    return front_.ask("/v1/chat/completions",
                      fmt::format(R"({{"model":"fast","messages":[{{"role":"system","content":"Be kind"}},)"
                                  R"({{"role":"user","content":"hé\u00e9\n"}}]{}}})",
                                  more));
  }
  // Asks one of them as a client of the toy's API.
  static sim::Seen talk(const Gateway& gateway, std::string_view more = "", std::string_view target = "/toy/v1/talk") {
    return gateway.ask(target, fmt::format(R"({{"model":"fast","lines":[{{"who":"system","says":"Be kind"}},)"
                                           R"({{"who":"user","says":"hello"}}]{}}})",
                                           more));
  }

  sim::TestSim sim_{{.record = sim::SimOptions::Record::kOn}};
  Gateway back_{fmt::format("type: openai, base_url: 'http://127.0.0.1:{}/v1'", sim_.port), "gpt-4o"};
  Gateway front_{fmt::format("type: openai, dialect: toy, base_url: 'http://127.0.0.1:{}/toy'", back_.port()), "fast"};
};

TEST_F(ToyTest, AWholeAnswerComesThroughBoth) {
  script(kScript);
  const auto answer = chat(R"(,"max_tokens":50)");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(text_at(answer.json(), "/object"), "chat.completion");
  EXPECT_EQ(text_at(answer.json(), "/choices/0/message/content"), "Good \"day\" to you");
  EXPECT_EQ(text_at(answer.json(), "/choices/0/finish_reason"), "stop");
  EXPECT_EQ(text_at(answer.json(), "/usage/prompt_tokens"), "21");
  EXPECT_EQ(text_at(answer.json(), "/usage/completion_tokens"), "4");
  EXPECT_FALSE(answer.headers.contains("x-sluice-dropped")) << answer.headers.at("x-sluice-dropped");

  const auto sent = boost::json::parse(sim_.ledger().at(0).at("body").as_string());
  EXPECT_EQ(text_at(sent, "/model"), "gpt-4o");
  EXPECT_EQ(text_at(sent, "/messages/0/role"), "system");
  EXPECT_EQ(text_at(sent, "/messages/0/content"), "Be kind");
  EXPECT_EQ(text_at(sent, "/messages/1/content"), "héé\n");
  EXPECT_EQ(text_at(sent, "/max_completion_tokens"), "50");
}

TEST_F(ToyTest, AStreamComesThroughBoth) {
  script(kScript);
  const auto answer = chat(R"(,"stream":true,"stream_options":{"include_usage":true})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(answer.complete);
  std::string text, finish, usage;
  const auto events = answer.events();
  ASSERT_GT(events.size(), 4U);
  EXPECT_EQ(events.back(), "[DONE]");
  for (const std::string& event : events | std::views::take(events.size() - 1)) {
    const auto chunk = boost::json::parse(event);
    if (auto piece = text_at(chunk, "/choices/0/delta/content"); piece != "none") text += piece;
    if (auto word = text_at(chunk, "/choices/0/finish_reason"); word != "none" && word != "null") finish += word;
    if (auto in = text_at(chunk, "/usage/prompt_tokens"); in != "none") usage += in + "+";
    if (auto out = text_at(chunk, "/usage/completion_tokens"); out != "none") usage += out;
  }
  EXPECT_EQ(text, "Good \"day\" to you");
  EXPECT_EQ(finish, "stop");
  EXPECT_EQ(usage, "21+4");
}

TEST_F(ToyTest, ItsOwnClientGetsWholeAnswers) {
  script(kScript);
  for (const Gateway* gateway : {&back_, &front_}) {
    const auto answer = talk(*gateway);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"says":"Good \"day\" to you","why":"done","cost":[21,4]})");
  }
  EXPECT_EQ(talk(back_, "", "/v1/talk").status, 200);
}

TEST_F(ToyTest, ItsOwnClientGetsStreams) {
  script(kScript);
  for (const Gateway* gateway : {&back_, &front_}) {
    const auto answer = talk(*gateway, R"(,"stream":true)");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.headers.at("content-type").starts_with("text/event-stream"));
    const auto events = answer.events();
    ASSERT_GT(events.size(), 2U);
    EXPECT_EQ(events.back(), R"({"why":"done","cost":[21,4]})");
    std::string text;
    for (const std::string& event : events | std::views::take(events.size() - 1)) {
      text += text_at(boost::json::parse(event), "/says");
    }
    EXPECT_EQ(text, "Good \"day\" to you");
  }
}

TEST_F(ToyTest, AnAnswerThatIsFullSaysSo) {
  script(R"({"text":"Good","finish_reason":"length"})");
  EXPECT_EQ(text_at(talk(back_).json(), "/why"), "full");
  EXPECT_EQ(text_at(chat().json(), "/choices/0/finish_reason"), "length");
}

TEST_F(ToyTest, AToolIsRefused) {
  const auto answer = chat(R"(,"tools":[{"type":"function","function":{"name":"f","parameters":{}}}])");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(text_at(answer.json(), "/error/param"), "tools");
  EXPECT_TRUE(text_at(answer.json(), "/error/message").contains("'tools' is not supported")) << answer.body;
  EXPECT_TRUE(sim_.ledger().empty());
}

TEST_F(ToyTest, AnUnknownFieldIsReported) {
  auto answer = chat(R"(,"shoe_size":44,"temperature":0.5)");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.headers["x-sluice-dropped"].contains("shoe_size")) << answer.headers["x-sluice-dropped"];
  EXPECT_TRUE(answer.headers["x-sluice-dropped"].contains("temperature")) << answer.headers["x-sluice-dropped"];
  EXPECT_EQ(talk(back_, R"(,"hat_size":7)").headers["x-sluice-dropped"], "hat_size");
}

TEST_F(ToyTest, WhatItsApiRefusesNamesTheField) {
  const auto answer = back_.ask("/toy/v1/talk", R"({"model":"fast","lines":[{"who":"nobody","says":"a"}]})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"oops":"'lines[0].who' must be user, model or system."})");
}

TEST_F(ToyTest, ALimitOfTheProviderComesThroughBoth) {
  script(R"({"status":429,"error":{"message":"Slow down","type":"requests","code":"rate_limit_exceeded"}})");
  EXPECT_EQ(talk(back_).status, 429);
  EXPECT_TRUE(text_at(talk(back_).json(), "/oops").contains("Slow down"));
  const auto answer = chat();
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(text_at(answer.json(), "/error/type"), "rate_limit_error");
  EXPECT_TRUE(text_at(answer.json(), "/error/message").contains("Slow down")) << answer.body;
}

TEST_F(ToyTest, AStreamThatFailsIsNeverComplete) {
  script(R"({"text":"one two three four five six","error_after":2,"error":{"error":{"message":"It broke"}}})");
  const auto events = talk(back_, R"(,"stream":true)").events();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_TRUE(events[0].starts_with(R"({"says":")")) << events[0];
  EXPECT_EQ(events[2], R"({"oops":"It broke"})");
  const auto answer = chat(R"(,"stream":true)");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body.contains(R"("message":"It broke")")) << answer.body;
  EXPECT_FALSE(answer.body.contains(R"("finish_reason":"stop")")) << answer.body;
}

// The configuration takes its word from the catalogue.
TEST(Toy, TheConfigurationKnowsIt) {
  const auto told = [](std::string_view dialect) {
    const auto yaml = fmt::format("providers:\n  a: {{type: openai, api_key: k, dialect: {}}}\n", dialect);
    std::string text;
    for (const Problem& problem : parse_config(yaml, "a.yaml", no_variable).problems) text += problem.message;
    return text;
  };
  EXPECT_EQ(told("toy"), "");
  const std::string problem = told("something-else");
  EXPECT_TRUE(problem.ends_with(", cohere, toy")) << problem;
}

TEST(Toy, TheCatalogueHasItLast) {
  EXPECT_EQ(dialect::servers().back(), dialect::toy::dialect().server);
  EXPECT_EQ(dialect::clients().back(), dialect::toy::dialect().clients.front());
}

// ---- one folder and one line

namespace files = std::filesystem;

// "toy", "toy_test", "ToyServer", but not "toys".
bool mentions(std::string_view line) {
  for (std::string_view word : {"toy", "Toy"}) {
    for (auto at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
      const bool begins = at == 0 || word == "Toy" || std::isalpha(static_cast<unsigned char>(line[at - 1])) == 0;
      const std::string_view behind = line.substr(at + word.size());
      if (begins && (behind.empty() || std::islower(static_cast<unsigned char>(behind[0])) == 0)) return true;
    }
  }
  return false;
}

// Folders of tools and builds, which hold none of the project's own files.
bool is_foreign(const files::path& folder) {
  constexpr std::array<std::string_view, 6> kForeign{".git",         ".venv",       ".cache",
                                                     "node_modules", "__pycache__", "sluice-data"};
  const std::string name = folder.filename();
  return name == "build" || name.starts_with("build-") || std::ranges::find(kForeign, name) != kForeign.end();
}

TEST(Toy, NoOtherFileKnowsOfIt) {
  const files::path root = in_checkout("");
  std::vector<std::string> found;
  for (auto at = files::recursive_directory_iterator(root); at != files::recursive_directory_iterator(); ++at) {
    const bool skipped = is_foreign(at->path()) || at->path() == root / "tests/toy";
    if (at->is_directory() && skipped) at.disable_recursion_pending();
    if (!at->is_regular_file()) continue;
    std::ifstream file(at->path());
    for (std::string line; std::getline(file, line);) {
      if (mentions(line))
        found.push_back(at->path().lexically_relative(root).string() + ": " + std::string(trim(line)));
    }
  }
  EXPECT_EQ(found, std::vector<std::string>{"CMakeLists.txt: add_subdirectory(tests/toy)"});
}

}  // namespace
}  // namespace sluice::app::toy_test
