// Providers, models and keys of a configuration file, and that no problem shows a secret.
#include "app/config_fixture_test.h"

namespace sluice::app::config_providers_test {
namespace {

// ---- providers

TEST(ConfigProviders, TheUsualVariableGivesTheKey) {
  Config config = valid("providers: { openai: , gemini: {} }", {{"OPENAI_API_KEY", "k1"}, {"GOOGLE_API_KEY", "k2"}});
  EXPECT_EQ(config.providers[0].api_key.reveal(), "k1");
  EXPECT_EQ(config.providers[1].api_key.reveal(), "k2");
}

TEST(ConfigProviders, TheUsualKeyIsNotSentElsewhere) {
  Config config =
      valid("providers: { local: { type: openai, base_url: 'http://127.0.0.1:8000/v1' } }", {{"OPENAI_API_KEY", "k1"}});
  EXPECT_TRUE(config.providers[0].api_key.empty());
}

TEST(ConfigProviders, AKeyIsNeeded) {
  expect_problem("providers:\n  groq: {}\n", 2, "providers.groq.api_key", "is missing, and GROQ_API_KEY is not set");
}

TEST(ConfigProviders, AnEmptyKeyIsTold) {
  expect_problem("providers:\n  groq: { api_key: '' }\n", 2, "providers.groq.api_key", "is empty");
  expect_problem("providers:\n  groq: { api_key: }\n", 2, "providers.groq.api_key", "is empty");
  expect_problem("providers:\n  groq: { api_key: '${A}' }\n", 2, "providers.groq.api_key", "is empty", {{"A", ""}});
}

TEST(ConfigProviders, AKeyHoldsVisibleCharacters) {
  expect_problem("master_key: \"12345678\\nx\"", 1, "master_key", "not visible ASCII");
}

TEST(ConfigProviders, AnUnknownTypeNamesTheNearest) {
  expect_problem("providers:\n  x: { type: opneai, api_key: k }\n", 2, "providers.x.type", "did you mean 'openai'?");
  expect_problem("providers:\n  mistrall: { api_key: k }\n", 2, "providers.mistrall.type", "did you mean 'mistral'?");
}

TEST(ConfigProviders, SomeNeedABaseUrl) {
  expect_problem("providers:\n  azure: { api_key: k }\n", 2, "providers.azure.base_url", "is missing");
  expect_problem("providers:\n  llama.cpp: {}\n", 2, "providers.llama.cpp.base_url", "is missing");
}

TEST(ConfigProviders, UrlsAreChecked) {
  auto check = [](std::string_view url, std::string_view part) {
    expect_problem("providers:\n  a:\n    type: vllm\n    base_url: '" + std::string(url) + "'\n", 4,
                   "providers.a.base_url", part);
  };
  check("ftp://a/v1", "http:// or https://");
  check("api.example.com/v1", "http:// or https://");
  check("https://", "expected a host");
  check("https:///v1", "expected a host");
  check("https://a b/v1", "visible ASCII");
  check("https://user:topsecret@a/v1", "must not hold a user name or password");
  check("https://a:0/v1", "a port from 1 to 65535");
  check("https://a:99999/v1", "a port from 1 to 65535");
  check("https://a:/v1", "a port from 1 to 65535");
  check("https://[::1/v1", "expected a host");
  check("https://a/v1?key=1", "query");
  valid("providers: { a: { type: vllm, base_url: 'https://[::1]:8/v1/' } }");
}

TEST(ConfigProviders, AWrongUrlIsNotToldAsAMissingKey) {
  expect_problem("providers:\n  b:\n    type: openai\n    base_url: ftp://a/v1\n", 4, "providers.b.base_url",
                 "http:// or https://");
}

TEST(ConfigProviders, ProxiesAreChecked) {
  auto proxy = [](std::string_view text) { return "providers: { vllm: { proxy: '" + std::string(text) + "' } }"; };
  valid(proxy("none"));
  valid(proxy("http://proxy:3128"));
  expect_problem(proxy("https://proxy:1"), 1, "providers.vllm.proxy", "http://host:port, or none");
  expect_problem(proxy("proxy:3128"), 1, "providers.vllm.proxy", "or none");
  expect_problem(proxy("http://proxy/x"), 1, "providers.vllm.proxy", "path");
  expect_problem(proxy("http://proxy:0"), 1, "providers.vllm.proxy", "a port from 1 to 65535");
}

TEST(ConfigProviders, AProxyMayHaveAUserAndPassword) {
  auto proxy = [](const std::string& text) { return "providers: { vllm: { proxy: '" + text + "' } }"; };
  for (std::string text : {"http://user:hunter22@proxy:3128", "http://user@proxy:3128", "http://u:p%40ss@[::1]:3128",
                           "http://user:hunter@22@proxy:3128"}) {
    EXPECT_EQ(valid(proxy(text)).providers[0].proxy.reveal(), text);
  }
  EXPECT_EQ(
      valid("alerts: { webhook: 'http://a.test/', proxy: 'http://user:hunter22@proxy:1/' }").alerts_proxy.reveal(),
      "http://user:hunter22@proxy:1");
  for (std::string text : {"https://user:hunter22@proxy:1", "http://user:hunter22@", "http://user:hunter22@proxy:x",
                           "http://user:hunter22@proxy/x", "user:hunter22@proxy:1", "http://us er:hunter22@proxy:1"}) {
    auto problems = parse(proxy(text)).problems;
    ASSERT_EQ(problems.size(), 1u) << text;
    EXPECT_EQ(to_text(problems[0]).find("hunter22"), std::string::npos) << to_text(problems[0]);
  }
  expect_problem(proxy("http://user:hunter/22@proxy:1"), 1, "providers.vllm.proxy", "holds / as %2F");
}

TEST(ConfigProviders, NamesAreChecked) {
  expect_problem("providers:\n  v1: { type: vllm }\n", 2, "providers.v1", "reserved");
  expect_problem("providers:\n  moderations: { type: vllm }\n", 2, "providers.moderations", "reserved");
  expect_problem("providers:\n  model: { type: vllm }\n", 2, "providers.model", "reserved");
  expect_problem("providers:\n  My GPU: { type: vllm }\n", 2, "providers.My GPU", "a provider's name is");
  expect_problem("providers:\n  a/b: { type: vllm }\n", 2, "providers.a/b", "a provider's name is");
}

TEST(ConfigProviders, QuirksAreChecked) {
  expect_problem("providers: { vllm: { quirks: { stream_option: true } } }", 1, "providers.vllm.quirks.stream_option",
                 "did you mean 'stream_options'?");
  expect_problem("providers: { vllm: { quirks: { stream_options: maybe } } }", 1,
                 "providers.vllm.quirks.stream_options", "expected true or false");
}

TEST(ConfigProviders, HeadersAreChecked) {
  expect_problem("providers: { vllm: { headers: { 'a b': c } } }", 1, "providers.vllm.headers.a b", "name of a header");
  expect_problem("providers: { vllm: { headers: { a: \"b\\r\\nc: d\" } } }", 1, "providers.vllm.headers.a",
                 "cannot hold");
  expect_problem("providers: { vllm: { headers: { Content-Length: 3 } } }", 1, "providers.vllm.headers.Content-Length",
                 "set by Sluice itself");
}

TEST(ConfigProviders, WithoutThemInTheFileTheEnvironmentsCount) {
  Config config = valid("threads: 1\n", {{"OPENAI_API_KEY", "k"}, {"AZURE_API_KEY", "k"}});
  ASSERT_EQ(config.providers.size(), 1u);
  EXPECT_EQ(config.providers[0].name, "openai");
  EXPECT_TRUE(valid("providers: {}\n", {{"OPENAI_API_KEY", "k"}}).providers.empty());
}

TEST(ConfigProviders, AloneTheEnvironmentConfiguresThem) {
  Config config = config_from_environment(
      environment({{"OPENAI_API_KEY", "k1"}, {"TOGETHERAI_API_KEY", "k2"}, {"GROQ_API_KEY", ""}}));
  ASSERT_EQ(config.providers.size(), 2u);
  EXPECT_EQ(config.providers[0].name, "openai");
  EXPECT_EQ(config.providers[1].name, "together");
  EXPECT_EQ(config.providers[1].api_key.reveal(), "k2");
}

TEST(ConfigProviders, BareNamesGoToOpenAiOrToTheOnlyProvider) {
  auto target = [](std::vector<std::pair<std::string, std::string>> variables) {
    Config config = config_from_environment([variables](std::string_view name) -> std::optional<std::string> {
      for (const auto& [key, value] : variables) {
        if (key == name) return value;
      }
      return std::nullopt;
    });
    return config.models.empty() ? std::string("none")
                                 : config.models.front().name + " " + config.models.front().deployments.front().model;
  };
  EXPECT_EQ(target({{"OPENAI_API_KEY", "k1"}, {"GROQ_API_KEY", "k2"}}), "* openai/*");
  EXPECT_EQ(target({{"GROQ_API_KEY", "k2"}}), "* groq/*");
  EXPECT_EQ(target({{"MISTRAL_API_KEY", "k1"}, {"GROQ_API_KEY", "k2"}}), "none");
}

// ---- models

TEST(ConfigModels, AReferencedKnownProviderWithItsVariableIsConfigured) {
  Config config = valid(with_openai("models: { a: [groq/x, groq/y, ollama/z] }"), {{"GROQ_API_KEY", "k"}});
  ASSERT_EQ(config.providers.size(), 3u);
  EXPECT_EQ(config.providers[1].name, "groq");
  EXPECT_EQ(config.providers[1].api_key.reveal(), "k");
  EXPECT_EQ(config.providers[2].name, "ollama");
}

TEST(ConfigModels, AProviderThatIsNotConfigured) {
  expect_problem(with_openai("models:\n  a:\n    - openai/x\n    - groq/x\n"), 5, "models.a.deployments[1]",
                 "provider 'groq' is not configured; add it under providers or set GROQ_API_KEY");
  expect_problem(with_openai("models:\n  a: opnai/x\n"), 3, "models.a.deployments[0]",
                 "there is no provider 'opnai'; did you mean 'openai'?");
  expect_problem(with_openai("models:\n  a: my-own-thing/x\n"), 3, "models.a.deployments[0]", "add it under providers");
  expect_problem(with_openai("models:\n  a: azure/x\n"), 3, "models.a.deployments[0]", "with its base_url",
                 {{"AZURE_API_KEY", "k"}});
}

TEST(ConfigModels, EmptyDeployments) {
  expect_problem("models:\n  a: { deployments: [] }\n", 2, "models.a.deployments", "at least one");
  expect_problem("models:\n  a: {}\n", 2, "models.a.deployments", "is missing");
  expect_problem("models:\n  a:\n", 2, "models.a.deployments", "is missing");
  expect_problem("models:\n  a: [ ~ ]\n", 2, "models.a.deployments[0].model", "is missing");
  expect_problem("models:\n  a: [ '' ]\n", 2, "models.a.deployments[0].model", "is missing");
  expect_problem("models:\n  a: [ { weight: 1 } ]\n", 2, "models.a.deployments[0].model", "is missing");
}

TEST(ConfigModels, ADeploymentIsProviderAndModel) {
  for (auto name : {"openai", "openai/", "/x"}) {
    expect_problem(with_openai("models:\n  a: " + std::string(name)), 3, "models.a.deployments[0]",
                   "expected provider/model");
  }
}

TEST(ConfigModels, StarsStandAtTheEndOnBothSides) {
  expect_problem(with_openai("models:\n  'a*b': 'openai/x'\n"), 3, "models.a*b", "only at the end");
  expect_problem(with_openai("models:\n  a: 'openai/*x'\n"), 3, "models.a.deployments[0]", "only at the end");
  expect_problem(with_openai("models:\n  a: '*/x'\n"), 3, "models.a.deployments[0]", "only at the end");
  expect_problem(with_openai("models:\n  a: 'openai/*'\n"), 3, "models.a.deployments[0]", "does not");
  expect_problem(with_openai("models:\n  'openai/*': openai/x\n"), 3, "models.openai/*.deployments[0]",
                 "must end in '*'");
  valid(with_openai("models:\n  'gpt-*': ['openai/gpt-*']\n  '*': 'openai/*'\n"));
}

TEST(ConfigModels, NamesAndWaitsAreChecked) {
  expect_problem(with_openai("models:\n  '': openai/x\n"), 3, "models.", "1 to 256 characters");
  expect_problem(with_openai("models:\n  \"a\\nb\": openai/x\n"), 3, "models.a?b", "control character");
  expect_problem(with_openai("models:\n  a: { deployments: openai/x, backoff: 9s, max_backoff: 1s }\n"), 3,
                 "models.a.backoff", "longer than max_backoff");
}

// ---- keys

TEST(ConfigKeys, AreChecked) {
  expect_problem("keys:\n  - { key: 12345678 }\n", 2, "keys[0].name", "is missing");
  expect_problem("keys:\n  - { name: a }\n", 2, "keys[0].key", "is missing");
  expect_problem("keys:\n  - { name: '', key: 12345678 }\n", 2, "keys[0].name", "must not be empty");
  expect_problem("keys:\n  - { name: a, key: '' }\n", 2, "keys[0].key", "is empty");
  expect_problem("keys:\n  - { name: a, key: 1234567 }\n", 2, "keys[0].key", "shorter than 8");
  expect_problem("keys:\n  - { name: a, key: 12345678 }\n  - { name: a, key: 87654321 }\n", 3, "keys[1].name",
                 "name of the key on line 2");
  expect_problem("keys:\n  - { name: a, key: 12345678 }\n  - { name: b, key: 12345678 }\n", 3, "keys[1].key",
                 "same as the key on line 2");
  expect_problem("master_key: 12345678\nkeys:\n  - { name: a, key: 12345678 }\n", 3, "keys[0].key",
                 "same as master_key");
  expect_problem("\nmaster_key: 1234567\n", 2, "master_key", "shorter than 8");
  expect_problem("keys:\n  - ~\n", 2, "keys[0]", "expected a map, found nothing");
}

TEST(ConfigKeys, ThousandsOfThemMayNotBeGivenTwiceEither) {
  std::string yaml = "keys:\n";
  for (int i = 0; i < 5000; ++i) yaml += fmt::format("  - {{ name: k{0}, key: sk-sl-{0}-abcdef }}\n", i);
  EXPECT_EQ(valid(yaml).keys[4999].name, "k4999");
  expect_problem(yaml + "  - { name: k4998, key: sk-sl-other }\n", 5002, "keys[5000].name", "key on line 5000 too");
  expect_problem(yaml + "  - { name: other, key: sk-sl-0-abcdef }\n", 5002, "keys[5000].key", "key on line 2");
  expect_problem(yaml + "  - { name: other, key: sk-sl-other, models: [a, [b]] }\n", 5002, "keys[5000].models[1]",
                 "expected text, found a list");
}

// ---- several keys

TEST(ConfigKeys, AProviderMayHaveSeveral) {
  Config config = valid("providers:\n  groq: { api_keys: [k1, '${B}'] }\n  mistral: { api_keys: k3 }\n", {{"B", "k2"}});
  const auto& keys = config.providers[0].api_keys;
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].key.reveal(), "k1");
  EXPECT_EQ(keys[1].key.reveal(), "k2");
  EXPECT_EQ(config.providers[1].api_keys.size(), 1u);
  // The usual variable's key is not sent then.
  config = valid("providers:\n  groq: { api_keys: [k1] }\n", {{"GROQ_API_KEY", "k"}});
  EXPECT_TRUE(config.providers[0].api_key.empty());
}

TEST(ConfigKeys, WhatIsWrongWithThem) {
  expect_problem("providers:\n  groq: { api_keys: [] }\n", 2, "providers.groq.api_key", "is missing");
  expect_problem("providers:\n  groq: { api_key: k, api_keys: {} }\n", 2, "providers.groq.api_keys", "expected a list");
  expect_problem("providers:\n  groq: { api_keys: [k, ''] }\n", 2, "providers.groq.api_keys[1]", "is empty");
  expect_problem("providers:\n  groq: { api_keys: [k, k] }\n", 2, "providers.groq.api_keys[1]", "is there twice");
  expect_problem("providers:\n  groq: { api_key: k, api_keys: [k1] }\n", 2, "providers.groq.api_keys",
                 "stands beside api_key");
  expect_problem("providers:\n  bedrock: { region: us-east-1, api_keys: [k1] }\n", 2, "providers.bedrock.api_keys",
                 "has other credentials");
}

TEST(ConfigKeys, MayHaveNamesAndLimits) {
  Config config = valid(
      "providers:\n  groq:\n    api_keys: [k1, { key: k2, name: batch, limits: { rpm: 60, tpm: 9, concurrency: 4 } }]\n"
      "    key_breaker: { consecutive: 3 }\n");
  const auto& provider = config.providers[0];
  EXPECT_EQ(provider.api_keys[0].name, "");
  EXPECT_EQ(provider.api_keys[1].name, "batch");
  EXPECT_EQ(provider.api_keys[1].limits, (RateConfig{.rpm = 60, .tpm = 9, .concurrency = 4}));
  EXPECT_EQ(provider.key_breaker.consecutive, 3U);
  const std::string two = "providers:\n  groq:\n    api_keys:\n      - { key: k1, name: a }\n      - { key: k2, name: ";
  expect_problem(two + "a }\n", 5, "providers.groq.api_keys[1].name", "there is another key 'a'");
  expect_problem(two + "'a b' }\n", 5, "providers.groq.api_keys[1].name", "a key's name is 1 to 64 of");
  expect_problem(two + "b, limits: { rpm: -1 } }\n", 5, "providers.groq.api_keys[1].limits.rpm", "must be");
  expect_problem("providers:\n  groq:\n    api_keys:\n      - { name: a }\n", 4, "providers.groq.api_keys[0].key",
                 "is missing");
  expect_problem("providers:\n  groq: { api_keys: [k], key_breaker: { cool_down: 1h, max_cool_down: 1m } }\n", 2,
                 "providers.groq.key_breaker.cool_down", "is longer than max_cool_down");
}

// ---- probes

TEST(ConfigProbes, OfProvidersAndDeployments) {
  Config config = valid(
      "providers:\n  openai: { api_key: k, probe: { interval: 30s, path: /models, method: HEAD } }\n"
      "models:\n  a: { deployments: [{ model: openai/a, probe: { interval: 1m, timeout: 2s, failures: 5 } }] }\n");
  EXPECT_EQ(config.providers[0].probe,
            (ProbeConfig{.interval = Ms(30'000), .timeout = Ms(5'000), .path = "/models", .method = "HEAD"}));
  const auto& probe = config.models[0].deployments[0].probe;
  EXPECT_EQ(probe, (ProbeConfig{.interval = Ms(60'000), .timeout = Ms(2'000), .failures = 5}));
  EXPECT_EQ(valid("providers:\n  openai: { api_key: k }\n").providers[0].probe.interval, Ms(0));
}

TEST(ConfigProbes, WhatIsWrongWithThem) {
  auto of_provider = [](std::string probe) { return "providers:\n  openai: { api_key: k, probe: " + probe + " }\n"; };
  const std::string place = "providers.openai.probe.";
  expect_problem(of_provider("{ path: /models }"), 2, place + "interval", "is missing");
  expect_problem(of_provider("{ interval: 30s }"), 2, place + "path", "is missing");
  expect_problem(of_provider("{ interval: 50ms, path: /models }"), 2, place + "interval", "at least 100ms");
  expect_problem(of_provider("{ interval: 30s, path: 'models' }"), 2, place + "path", "expected a path");
  expect_problem(of_provider("{ interval: 30s, path: '/a b' }"), 2, place + "path", "expected a path");
  expect_problem(of_provider("{ interval: 30s, path: /a, method: POST }"), 2, place + "method", "GET");
  expect_problem(of_provider("{ interval: 30s, path: /a, failures: 0 }"), 2, place + "failures", "must be");
  expect_problem(of_provider("{ interval: 30s, path: /a, intervall: 1s }"), 2, place + "intervall", "interval");
  expect_problem(with_openai("models:\n  'a*': { deployments: [{ model: 'openai/*', probe: { interval: 1s } }] }"), 3,
                 "models.a*.deployments[0].probe.path", "has none to chat with");
}

// ---- breakers

TEST(ConfigBreaker, HasDefaultsAndLimits) {
  const provider::BreakerPolicy defaults;
  Config config =
      valid(with_openai("models:\n  a: { deployments: openai/a, breaker: { consecutive: 0, window: 10s } }"));
  const auto& breaker = config.models[0].breaker;
  EXPECT_EQ(breaker.consecutive, 0u);
  EXPECT_EQ(breaker.window, Ms(10'000));
  EXPECT_EQ(breaker.cool_down, defaults.cool_down);
  EXPECT_EQ(breaker.failure_percent, defaults.failure_percent);
  expect_problem(with_openai("models:\n  a: { deployments: openai/a, breaker: { window: 2m } }"), 3,
                 "models.a.breaker.window", "must be from 1s to 1m");
  expect_problem(with_openai("models:\n  a: { deployments: openai/a, breaker: { cool_down: 5m } }"), 3,
                 "models.a.breaker.cool_down", "longer than max_cool_down");
}

// ---- secrets

TEST(ConfigSecrets, NoProblemShowsOne) {
  std::string text = all(parse(R"(
master_key: [topsecret-1]
threads: ${TOKEN}
listen: topsecret-2:topsecret-2
providers:
  openai: topsecret-3
  groq: { api_key: "topsecret-4 x", api_keyy: topsecret-5, headers: { Authorization: ["topsecret-6"] } }
  a: { type: topsecret-7, api_key: topsecret-7, base_url: "http://u:topsecret-8@h" }
keys:
  - topsecret-9
  - { name: topsecret-9x, key: topsecret-9x }
  - { name: topsecret-9x, key: topsecret-9x, tags: topsecret-9x }
)",
                               {{"TOKEN", "topsecret-0"}})
                             .problems);
  EXPECT_NE(text.find("sluice.yaml:3: threads: expected a whole number, found the value of '${TOKEN}'"),
            std::string::npos)
      << text;
  // An address is no secret; it is the one value here that is repeated.
  auto address = text.find("'topsecret-2:topsecret-2'");
  ASSERT_NE(address, std::string::npos) << text;
  text.erase(address, 25);
  EXPECT_EQ(text.find("topsecret"), std::string::npos) << text;
}

TEST(ConfigSecrets, ASecretInTheWrongPlaceIsCensored) {
  std::string text = all(parse("models: { a: '${TOKEN}/x' }\n", {{"TOKEN", "topsecret-0"}}).problems);
  EXPECT_NE(text.find("there is no provider '${TOKEN}'"), std::string::npos) << text;
}

}  // namespace
}  // namespace sluice::app::config_providers_test
