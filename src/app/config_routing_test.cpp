#include <fstream>
#include <iterator>

#include "app/config_fixture_test.h"
#include "checkout.h"

namespace sluice::app::config_routing_test {
namespace {

std::string model(std::string_view body) {
  return with_openai("models:\n  other: openai/o\n  fast:\n" + std::string(body));
}

TEST(ConfigRouting, EveryKeyReachesItsMember) {
  Config config = valid(model(R"(
    strategy: sticky
    sticky_for: 2m
    residency: [eu, "eu-*"]
    fallbacks: { context_window: other, content_policy: [other], any: [other] }
    deployments:
      - openai/a
      - model: openai/b
        weight: 0
        percent: 7
        region: eu
        context_window: 9000
        capabilities: { audio: false, tools: true }
        when: { tags: { a: b }, headers: { x-a: c }, teams: [t], needs: [vision, tools], min_tokens: 1, max_tokens: 2, stream: false }
      - strategy: least_busy
        weight: 3
        deployments: [openai/c, { deployments: openai/d }]
)"));
  const auto& fast = config.models[1];
  EXPECT_EQ(fast.strategy, "sticky");
  EXPECT_EQ(fast.sticky_for, Ms{120'000});
  EXPECT_EQ(fast.residency, (std::vector<std::string>{"eu", "eu-*"}));
  EXPECT_EQ(fast.fallbacks.context_window, std::vector<std::string>{"other"});
  EXPECT_EQ(fast.fallbacks.content_policy, std::vector<std::string>{"other"});
  EXPECT_EQ(fast.fallbacks.any, std::vector<std::string>{"other"});
  ASSERT_EQ(fast.deployments.size(), 3u);
  EXPECT_FALSE(fast.deployments[0].percent);
  EXPECT_TRUE(fast.deployments[0].when.empty());
  const auto& one = fast.deployments[1];
  EXPECT_EQ(one.weight, 0u);
  EXPECT_EQ(one.percent, 7u);
  EXPECT_EQ(one.region, "eu");
  EXPECT_EQ(one.context_window, 9'000u);
  EXPECT_EQ(one.capabilities.at("audio") + one.capabilities.at("tools"), "falsetrue");
  EXPECT_EQ(one.when.tags.at("a") + one.when.headers.at("x-a") + one.when.teams.at(0), "bct");
  EXPECT_EQ(one.when.needs, (std::vector<std::string>{"vision", "tools"}));
  EXPECT_EQ(one.when.min_tokens + one.when.max_tokens, 3u);
  EXPECT_EQ(one.when.stream, "false");
  const auto& group = fast.deployments[2];
  EXPECT_EQ(group.strategy, "least_busy");
  EXPECT_EQ(group.weight, 3u);
  ASSERT_EQ(group.deployments.size(), 2u);
  EXPECT_EQ(group.deployments[1].deployments.at(0).model, "openai/d");
}

struct Mistake {
  std::string_view body;  // of the model fast; its first line is the file's fifth
  int line;
  std::string_view field;  // below models.fast
  std::string_view message;
};

constexpr Mistake kMistakes[] = {
    {"    deployments: [{ model: openai/a, weight: 0 }, { model: openai/b, weight: 0 }]\n    strategy: weighted\n", 5,
     "deployments", "all weights are 0"},
    {"    deployments: [openai/a, { weight: 2 }]\n", 5, "deployments[1].model", "is missing"},
    {"    deployments:\n      - openai/a\n      - { deployments: [{ model: openai/b, weight: 0 }], strategy: usage }\n",
     7, "deployments[1].deployments", "all weights are 0"},
    {"    deployments: [{ model: openai/a, percent: 60 }, { model: openai/b, percent: 60 }]\n", 5, "deployments",
     "adds up to 120"},
    {"    deployments: [{ model: openai/a, percent: 60 }, { model: openai/b, percent: 30 }]\n", 5, "deployments",
     "takes the rest"},
    {"    deployments: [{ model: openai/a, percent: 60 }, { model: openai/b, when: { teams: [x] } }]\n", 5,
     "deployments", "takes the rest"},
    {"    deployments: [{ model: openai/a, percent: 101 }, openai/b]\n", 5, "deployments[0].percent", "from 0 to 100"},
    {"    deployments: [{ model: openai/a, when: { min_tokens: 9, max_tokens: 3 } }]\n", 5,
     "deployments[0].when.min_tokens", "no prompt has such a length"},
    {"    deployments: [{ model: openai/a, when: { needs: [visoin] } }]\n", 5, "deployments[0].when.needs[0]",
     "did you mean 'vision'?"},
    {"    deployments: [{ model: openai/a, when: { stream: perhaps } }]\n", 5, "deployments[0].when.stream",
     "true or false"},
    {"    deployments: [{ model: openai/a, when: { headers: { 'x a': b } } }]\n", 5, "deployments[0].when.headers.x a",
     "no header field"},
    {"    deployments: [{ model: openai/a, when: { needs: audio }, capabilities: { audio: false } }]\n", 5,
     "deployments[0].when.needs[0]", "can never be used"},
    {"    deployments: [{ model: openai/a, capabilities: { visoin: false } }]\n", 5,
     "deployments[0].capabilities.visoin", "did you mean 'vision'?"},
    {"    deployments: [{ model: openai/a, capabilities: { vision: no-idea } }]\n", 5,
     "deployments[0].capabilities.vision", "true or false"},
    {"    deployments: [{ model: openai/a, strategy: weighted }]\n", 5, "deployments[0].strategy",
     "belongs to a group"},
    {"    deployments: [{ model: openai/a, deployments: [openai/b] }]\n", 5, "deployments[0].model",
     "belongs to a deployment"},
    {"    deployments: [{ region: eu, deployments: [openai/b] }]\n", 5, "deployments[0].region",
     "belongs to a deployment"},
    {"    deployments: [{ deployments: [opnai/b] }]\n", 5, "deployments[0].deployments[0]", "did you mean 'openai'?"},
    {"    deployments: [openai/a]\n    strategy: least_lazy\n", 6, "strategy", "least_latency"},
    {"    deployments: [openai/a]\n    residency: eu\n", 6, "residency", "no deployment says in which region it is"},
    {"    deployments: [{ model: openai/a, region: us }]\n    residency: eu\n", 6, "residency", "only in: us"},
    {"    deployments: [openai/a]\n    fallbacks: { any: [othr] }\n", 6, "fallbacks.any[0]", "did you mean 'other'?"},
    {"    deployments: [openai/a]\n    fallbacks: { any: [fast] }\n", 6, "fallbacks.any[0]", "names the model itself"},
    {"    deployments: [openai/a]\n    fallbacks: { any: ['gpt-*'] }\n", 6, "fallbacks.any[0]", "no single model"},
};

TEST(ConfigRouting, WhatCannotBeMeantIsRefused) {
  for (const auto& mistake : kMistakes) {
    SCOPED_TRACE(mistake.body);
    expect_problem(model(mistake.body), mistake.line, "models.fast." + std::string(mistake.field), mistake.message);
  }
}

TEST(ConfigRouting, GroupsAreNestedEightDeepAtMost) {
  auto nested = [](int depth) {
    std::string inner = "openai/a";
    for (int i = 1; i < depth; ++i) inner = "{ deployments: [" + inner + "] }";
    return model("    deployments: [" + inner + "]\n");
  };
  valid(nested(8));
  auto problems = parse(nested(9)).problems;
  ASSERT_EQ(problems.size(), 1u) << all(problems);
  EXPECT_EQ(problems[0].line, 5);
  EXPECT_NE(problems[0].message.find("8 deep at most"), std::string::npos);
}

TEST(ConfigRouting, FallbacksGoRoundInNoCircle) {
  auto chain = [](std::string_view last) {
    return with_openai(
        "models:\n  a: { deployments: openai/a, fallbacks: { any: b } }\n"
        "  b: { deployments: openai/b, fallbacks: { context_window: [d, c] } }\n"
        "  c: { deployments: openai/c, fallbacks: { any: " +
        std::string(last) + " } }\n  d: openai/d\n");
  };
  valid(chain("d"));
  expect_problem(chain("a"), 3, "models.a.fallbacks", "a → b → c → a");
  expect_problem(chain("b"), 4, "models.b.fallbacks", "b → c → b");
}

TEST(ConfigRouting, TheGuidesExamplesPassTheCheck) {
  std::ifstream file(in_checkout("docs/guide/routing.md"));
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::string> examples;
  constexpr std::string_view kBegin = "```yaml\n";
  for (auto at = page.find(kBegin); at != std::string::npos; at = page.find(kBegin, at)) {
    at += kBegin.size();
    examples.push_back(page.substr(at, page.find("```", at) - at));
  }
  ASSERT_GE(examples.size(), 7u);
  // The first one has the providers and a model that others name.
  const auto& first = examples.front();
  constexpr std::string_view kModels = "models:\n";
  for (const auto& example : examples) {
    SCOPED_TRACE(example);
    auto whole = &example == &first ? first : first + example.substr(example.find(kModels) + kModels.size());
    valid(whole, {{"OPENAI_API_KEY", "secret-1234"}, {"AZURE_API_KEY", "secret-5678"}});
  }
}

}  // namespace
}  // namespace sluice::app::config_routing_test
