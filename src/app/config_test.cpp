#include "app/config.h"

#include <gtest/gtest.h>
#include <simdjson.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "app/config_schema.h"
#include "app/config_value.h"

namespace sluice::app {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

Environment environment(Variables variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

Loaded parse(std::string_view yaml, Variables variables = {}) {
  return parse_config(yaml, "sluice.yaml", environment(std::move(variables)));
}

std::string all(const std::vector<Problem>& problems) {
  std::string text;
  for (const auto& problem : problems) text += to_text(problem) + "\n";
  return text;
}

Config valid(std::string_view yaml, Variables variables = {}) {
  Loaded loaded = parse(yaml, std::move(variables));
  EXPECT_EQ(all(loaded.problems), "");
  return std::move(loaded.config);
}

// Exactly one problem: at this line, of this field, its message holding this text.
void expect_problem(std::string_view yaml, int line, std::string_view field, std::string_view part,
                    Variables variables = {}) {
  auto problems = parse(yaml, std::move(variables)).problems;
  ASSERT_EQ(problems.size(), 1u) << all(problems) << "for\n" << yaml;
  EXPECT_EQ(problems[0].file, "sluice.yaml");
  EXPECT_EQ(problems[0].line, line) << all(problems);
  EXPECT_EQ(problems[0].field, field) << all(problems);
  EXPECT_NE(problems[0].message.find(part), std::string::npos) << all(problems);
}

constexpr std::string_view kOpenAi = "providers: { openai: { api_key: secret-1234 } }\n";
std::string with_openai(std::string_view rest) {
  return std::string(kOpenAi) + std::string(rest);
}

// ---- what is right

TEST(ConfigFile, AnEmptyFileIsTheDefaults) {
  Config config = valid("");
  EXPECT_EQ(config.listen.host, "127.0.0.1");
  EXPECT_EQ(config.listen.port, 8080);
  EXPECT_EQ(config.file, "sluice.yaml");
  valid("# only a comment\n");
  valid("---\n");
}

TEST(ConfigFile, EmptySectionsAreTheDefaults) {
  Config config = valid("providers:\nmodels:\nkeys:\nlimits:\n");
  EXPECT_TRUE(config.providers.empty());
  EXPECT_EQ(config.body_bytes, 64u << 20);
}

TEST(ConfigFile, EveryKeyReachesItsMember) {
  Config config = valid(R"(
listen: "[::1]:9000"
tls: { cert: c.pem, key: k.pem }
master_key: master-1234
threads: 3
log: { level: debug, format: text }
metrics: { auth: none }
cors: { origins: [https://a.example], max_age: 1m }
limits: { header_bytes: 32KiB, header_count: 50, body: 1MiB, connections: 7, header_timeout: 1s, body_timeout: 2s,
          idle_timeout: 3s, write_timeout: 4s, event: 2MiB, answer: 3MiB }
keep_alive: 0
drain: 5s
pool: { connections: 8, idle: 9, idle_timeout: 6s }
providers:
  eu: { type: azure, base_url: "https://x.openai.azure.com/", api_key: k, api_version: "2024-10-21", region: eu,
        ca_file: ca.pem, proxy: "http://proxy:3128", headers: { X-A: b }, quirks: { stream_options: false } }
models:
  fast:
    deployments: [eu/a, { model: eu/b, weight: 3 }]
    strategy: weighted
    retries: 1
    max_attempts: 4
    backoff: 10ms
    max_backoff: 1s
    timeout: { connect: 1s, first_byte: 2s, idle: 3s, total: 4s }
keys:
  - { name: web, key: key-12345, team: t, models: [fast, "eu/*"], tags: { feature: search, level: 1 } }
)");
  EXPECT_EQ(config.listen.host, "::1");
  EXPECT_EQ(config.listen.port, 9000);
  EXPECT_EQ(config.tls_cert + config.tls_key, "c.pemk.pem");
  EXPECT_EQ(config.master_key.reveal(), "master-1234");
  EXPECT_EQ(config.threads, 3u);
  EXPECT_EQ(config.log_level + config.log_format, "debugtext");
  EXPECT_TRUE(config.metrics_open);
  EXPECT_EQ(config.cors_origins, std::vector<std::string>{"https://a.example"});
  EXPECT_EQ(config.cors_max_age, Ms(60'000));
  EXPECT_EQ(config.header_bytes, 32u << 10);
  EXPECT_EQ(config.header_count, 50u);
  EXPECT_EQ(config.body_bytes, 1u << 20);
  EXPECT_EQ(config.connections, 7u);
  EXPECT_EQ(config.header_timeout, Ms(1000));
  EXPECT_EQ(config.body_timeout, Ms(2000));
  EXPECT_EQ(config.idle_timeout, Ms(3000));
  EXPECT_EQ(config.write_timeout, Ms(4000));
  EXPECT_EQ(config.event_bytes, 2u << 20);
  EXPECT_EQ(config.answer_bytes, 3u << 20);
  EXPECT_EQ(config.keep_alive, Ms(0));
  EXPECT_EQ(config.drain, Ms(5000));
  EXPECT_EQ(config.pool_connections, 8u);
  EXPECT_EQ(config.pool_idle, 9u);
  EXPECT_EQ(config.pool_idle_timeout, Ms(6000));
  ASSERT_EQ(config.providers.size(), 1u);
  const auto& provider = config.providers[0];
  EXPECT_EQ(provider.name + "|" + provider.type + "|" + provider.base_url, "eu|azure|https://x.openai.azure.com");
  EXPECT_EQ(provider.api_key.reveal(), "k");
  EXPECT_EQ(provider.api_version + "|" + provider.region + "|" + provider.ca_file + "|" + provider.proxy,
            "2024-10-21|eu|ca.pem|http://proxy:3128");
  EXPECT_EQ(provider.headers.at("X-A"), "b");
  EXPECT_EQ(provider.quirks.at("stream_options"), "false");
  EXPECT_EQ(provider.line, 15);
  ASSERT_EQ(config.models.size(), 1u);
  const auto& model = config.models[0];
  EXPECT_EQ(model.name + "|" + model.strategy, "fast|weighted");
  EXPECT_EQ(model.line, 18);
  ASSERT_EQ(model.deployments.size(), 2u);
  EXPECT_EQ(model.deployments[0].model, "eu/a");
  EXPECT_EQ(model.deployments[0].weight, 1u);
  EXPECT_EQ(model.deployments[1].model, "eu/b");
  EXPECT_EQ(model.deployments[1].weight, 3u);
  EXPECT_EQ(model.retries, 1u);
  EXPECT_EQ(model.max_attempts, 4u);
  EXPECT_EQ(model.backoff, Ms(10));
  EXPECT_EQ(model.max_backoff, Ms(1000));
  EXPECT_EQ(model.timeout.connect, Ms(1000));
  EXPECT_EQ(model.timeout.first_byte, Ms(2000));
  EXPECT_EQ(model.timeout.idle, Ms(3000));
  EXPECT_EQ(model.timeout.total, Ms(4000));
  ASSERT_EQ(config.keys.size(), 1u);
  const auto& key = config.keys[0];
  EXPECT_EQ(key.name + "|" + key.team, "web|t");
  EXPECT_EQ(key.key.reveal(), "key-12345");
  EXPECT_EQ(key.models, (std::vector<std::string>{"fast", "eu/*"}));
  EXPECT_EQ(key.tags.at("level"), "1");
  EXPECT_EQ(key.line, 27);
}

TEST(ConfigFile, AModelMayBeItsDeploymentsAlone) {
  Config config =
      valid(with_openai("models:\n  a: openai/x\n  b: [openai/x, {model: openai/y}]\n"
                        "  c: { deployments: openai/z }\n  'openai/*': 'openai/*'\n"));
  ASSERT_EQ(config.models.size(), 4u);
  EXPECT_EQ(config.models[0].deployments.at(0).model, "openai/x");
  EXPECT_EQ(config.models[0].deployments.at(0).line, 3);
  EXPECT_EQ(config.models[1].deployments.at(1).model, "openai/y");
  EXPECT_EQ(config.models[2].deployments.at(0).model, "openai/z");
  EXPECT_EQ(config.models[3].name, "openai/*");
}

TEST(ConfigFile, TheUpstreamModelMayHoldSlashes) {
  EXPECT_EQ(valid("models: {a: openrouter/meta/llama}", {{"OPENROUTER_API_KEY", "k"}}).models[0].deployments[0].model,
            "openrouter/meta/llama");
}

TEST(ConfigFile, OneTextStandsForAListOfOne) {
  EXPECT_EQ(valid("cors: { origins: '*' }").cors_origins, std::vector<std::string>{"*"});
}

// ---- variables

TEST(ConfigVariables, AreReplacedAnywhereInAValue) {
  Config config = valid("listen: ${HOST}:${PORT}\nthreads: \"${THREADS}\"\nlog: { level: '${LEVEL:-warn}' }\n",
                        {{"HOST", "0.0.0.0"}, {"PORT", "80"}, {"THREADS", "2"}, {"LEVEL", ""}});
  EXPECT_EQ(config.listen.host, "0.0.0.0");
  EXPECT_EQ(config.listen.port, 80);
  EXPECT_EQ(config.threads, 2u);
  EXPECT_EQ(config.log_level, "warn");
}

TEST(ConfigVariables, ADollarIsWrittenTwiceOrStandsAlone) {
  Config config = valid("providers: { openai: { api_key: '$$a$b$${C}$' } }");
  EXPECT_EQ(config.providers[0].api_key.reveal(), "$a$b${C}$");
}

TEST(ConfigVariables, TheirValuesAreNotExpandedAgain) {
  EXPECT_EQ(valid("master_key: ${A}", {{"A", "${BCDEFGH}"}}).master_key.reveal(), "${BCDEFGH}");
}

TEST(ConfigVariables, AValueCannotChangeTheFilesStructure) {
  Config config = valid("log: { level: info }\ntls: {cert: \"${A}\", key: b}", {{"A", "x\nthreads: 5\n- {"}});
  EXPECT_EQ(config.threads, 0u);
  EXPECT_EQ(config.tls_cert, "x\nthreads: 5\n- {");
}

TEST(ConfigVariables, OneThatIsNotSetIsNamed) {
  expect_problem("providers:\n  openai:\n    api_key: ${OPENAI_KEY}\n", 3, "providers.openai.api_key",
                 "environment variable OPENAI_KEY is not set");
}

TEST(ConfigVariables, AReferenceMustEnd) {
  expect_problem("\nmaster_key: ${ABC", 2, "master_key", "${ without its }");
}

TEST(ConfigVariables, AKeyPastedBetweenTheBracesIsNotTold) {
  expect_problem("master_key: ${sk-live-123456789}", 1, "master_key", "expected the name of an environment variable");
  EXPECT_EQ(all(parse("master_key: ${sk-live-123456789}").problems).find("sk-live"), std::string::npos);
}

// ---- mistakes of keys and types

TEST(ConfigMistakes, AnUnknownKeyNamesTheNearest) {
  expect_problem("\nlisten: 127.0.0.1:1\nthread: 3\n", 3, "thread", "did you mean 'threads'?");
  expect_problem(with_openai("models:\n  fast:\n    deployments: [openai/x]\n    timeout: { conect: 1s }\n"), 5,
                 "models.fast.timeout.conect", "did you mean 'connect'?");
  expect_problem("tls: { cert: a, key: b, qqqqqqqqqqqq: 1 }", 1, "tls.qqqqqqqqqqqq", "known: cert, key");
}

TEST(ConfigMistakes, AKeyGivenTwice) {
  expect_problem("threads: 1\nlisten: a:1\nthreads: 2\n", 3, "threads", "already given on line 1");
  expect_problem("providers:\n  local: {type: openai, base_url: http://a/v1}\n  local: {type: vllm}\n", 3,
                 "providers.local", "already given on line 2");
  expect_problem("keys:\n - {name: a, key: 12345678}\n - {name: b, key: 87654321,\n    name: c}\n", 4, "keys[1].name",
                 "already given on line 3");
}

TEST(ConfigMistakes, WrongTypes) {
  expect_problem("threads: many", 1, "threads", "expected a whole number, found 'many'");
  expect_problem("threads: 1.5", 1, "threads", "expected a whole number, found '1.5'");
  expect_problem("threads: [1]", 1, "threads", "expected a whole number, found a list");
  expect_problem("threads:\n", 1, "threads", "expected a whole number, found nothing");
  expect_problem("tls: cert.pem", 1, "tls", "expected a map, found text");
  expect_problem("providers: [openai]", 1, "providers", "expected a map, found a list");
  expect_problem("keys: { name: a }", 1, "keys", "expected a list, found a map");
  expect_problem("keys: [ sk-12345678 ]", 1, "keys[0]", "expected a map, found text");
  expect_problem("cors: { origins: { a: b } }", 1, "cors.origins", "expected a list of texts, found a map");
  expect_problem("cors: { origins: [[a]] }", 1, "cors.origins[0]", "expected text, found a list");
  expect_problem("cors: { origins: [''] }", 1, "cors.origins[0]", "must not be empty");
  expect_problem("log: { level: loud }", 1, "log.level", "expected one of trace, debug, info, warn, error");
  expect_problem("metrics: { auth: open }", 1, "metrics.auth", "expected one of key, none");
  expect_problem("listen: 8080", 1, "listen", "expected ADDRESS:PORT");
  expect_problem("listen: 127.0.0.1:65536", 1, "listen", "expected ADDRESS:PORT");
  expect_problem("- listen", 1, "", "expected a map, found a list");
  expect_problem("just text", 1, "", "expected a map, found text");
}

TEST(ConfigMistakes, DurationsAndSizes) {
  expect_problem("\n\ndrain: 2 sec", 3, "drain", "expected a duration such as 250ms, 2s or 10m, found '2 sec'");
  expect_problem("drain: 10", 1, "drain", "expected a duration");
  expect_problem("drain: -1s", 1, "drain", "expected a duration");
  expect_problem("limits: { body: 64MB }", 1, "limits.body", "expected a size such as 512, 64KiB or 16MiB");
}

TEST(ConfigMistakes, Ranges) {
  expect_problem("threads: 5000", 1, "threads", "must be from 0 to 1024, found '5000'");
  expect_problem("threads: -1", 1, "threads", "must be from 0 to 1024");
  expect_problem("drain: 48h", 1, "drain", "must be from 0ms to 24h");
  expect_problem("limits: { idle_timeout: 0s }", 1, "limits.idle_timeout", "must be from 1ms");
  expect_problem("limits: { body: 10 }", 1, "limits.body", "must be from 1KiB to 4GiB");
  expect_problem("limits: { body: 2048GiB }", 1, "limits.body", "must be from 1KiB to 4GiB");
  expect_problem("threads: 99999999999999999999", 1, "threads", "expected a whole number");
}

TEST(ConfigMistakes, BothTlsFilesOrNone) {
  expect_problem("\ntls: { cert: a.pem }", 2, "tls.key", "is missing");
  expect_problem("\ntls:\n  key: a.pem\n", 2, "tls.cert", "is missing");
}

TEST(ConfigMistakes, AllAreToldAtOnceInLineOrder) {
  auto problems = parse(
                      "models:\n  fast: nowhere/x\nthreads: x\nlog: { levle: info }\n"
                      "providers:\n  Azure: { type: azure }\n")
                      .problems;
  std::vector<std::string> fields;
  for (const auto& problem : problems) fields.push_back(std::to_string(problem.line) + " " + problem.field);
  EXPECT_EQ(fields,
            (std::vector<std::string>{"2 models.fast.deployments[0]", "3 threads", "4 log.levle", "6 providers.Azure",
                                      "6 providers.Azure.base_url", "6 providers.Azure.api_key"}));
}

TEST(ConfigMistakes, ThereIsAnEndToTheirNumber) {
  std::string yaml = "models:\n";
  for (int i = 0; i < 5000; ++i) yaml += "  m" + std::to_string(i) + ": nowhere/x\n";
  auto problems = parse(yaml).problems;
  EXPECT_EQ(problems.size(), 201u);
  EXPECT_EQ(problems.back().message, "and 4800 more");
}

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

TEST(ConfigProviders, ProxiesAreChecked) {
  auto proxy = [](std::string_view text) { return "providers: { vllm: { proxy: '" + std::string(text) + "' } }"; };
  valid(proxy("none"));
  valid(proxy("http://proxy:3128"));
  expect_problem(proxy("https://proxy:1"), 1, "providers.vllm.proxy", "http://host:port, or none");
  expect_problem(proxy("proxy:3128"), 1, "providers.vllm.proxy", "or none");
  expect_problem(proxy("http://proxy/x"), 1, "providers.vllm.proxy", "path");
}

TEST(ConfigProviders, NamesAreChecked) {
  expect_problem("providers:\n  v1: { type: vllm }\n", 2, "providers.v1", "reserved");
  expect_problem("providers:\n  moderations: { type: vllm }\n", 2, "providers.moderations", "reserved");
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
  expect_problem("models:\n  a: [ '' ]\n", 2, "models.a.deployments[0]", "must not be empty");
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

// ---- files and YAML

TEST(ConfigYaml, ATruncatedFile) {
  expect_problem("providers:\n  openai: { api_key: \"abc", 2, "", "not valid YAML");
  expect_problem("listen: a:1\nkeys: [ { name: a,\n", 3, "", "not valid YAML");
}

TEST(ConfigYaml, BinaryRubbish) {
  expect_problem(std::string_view("a: b\n\x7f"
                                  "ELF\0\1\2",
                                  12),
                 2, "", "not a text file");
  expect_problem("\xff\xfe\xfd\xfc", 1, "", "expected a map");
}

TEST(ConfigYaml, BrokenIndentationIsToldOnce) {
  expect_problem("a: b\n   c: d\n", 2, "", "not valid YAML");
  expect_problem("\tthreads: 1\n", 1, "", "not valid YAML");
}

TEST(ConfigYaml, ASecondDocument) {
  expect_problem("threads: 1\n---\nthreads: 2\n", 2, "", "second document");
}

TEST(ConfigYaml, KeysAreText) {
  expect_problem("[a, b]: c\n", 1, "", "a key must be text");
  expect_problem("~: c\n", 1, "", "a key must be text");
}

TEST(ConfigYaml, AliasesAndMerges) {
  Config config = valid(with_openai(R"(
models:
  a: &slow { deployments: openai/x, retries: 5, timeout: &t { connect: 9s } }
  b: { <<: *slow, retries: 1 }
  c: { <<: [{ retries: 7 }, *slow], deployments: openai/y }
  d: { deployments: openai/z, timeout: *t }
)"));
  EXPECT_EQ(config.models[1].retries, 1u);
  EXPECT_EQ(config.models[1].deployments[0].model, "openai/x");
  EXPECT_EQ(config.models[1].timeout.connect, Ms(9000));
  EXPECT_EQ(config.models[2].retries, 7u);
  EXPECT_EQ(config.models[2].deployments[0].model, "openai/y");
  EXPECT_EQ(config.models[3].timeout.connect, Ms(9000));
  expect_problem("models: { <<: text }\n", 1, "", "<< takes a map");
}

TEST(ConfigYaml, AnAliasToNothingOrToItself) {
  expect_problem("a: *b\n", 1, "", "not valid YAML");
  expect_problem("models: &m\n  a: *m\n", 2, "", "part of the value it names");
}

std::string bomb(std::string_view reference_start, std::string_view reference_end) {
  std::string yaml = "a0: &a0 { k: v }\n";
  for (int i = 1; i < 40; ++i) {
    std::string previous = "*a" + std::to_string(i - 1);
    yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " " + std::string(reference_start);
    for (int j = 0; j < 10; ++j) yaml += (j == 0 ? "" : ", ") + previous;
    yaml += std::string(reference_end) + "\n";
  }
  return yaml;
}

TEST(ConfigYaml, AnAliasBombDoesNotExplode) {
  for (auto yaml : {bomb("[", "]"), bomb("{ <<: [", "], k: v }")}) {
    auto problems = parse(yaml).problems;
    ASSERT_FALSE(problems.empty());
    EXPECT_NE(all(problems).find("expands to more than"), std::string::npos) << all(problems);
  }
}

TEST(ConfigYaml, DeepNestingIsRefused) {
  for (auto text : {std::string(100'000, '['), std::string(100'000, '{')}) {
    auto problems = parse(text).problems;
    EXPECT_EQ(problems.size(), 1u) << all(problems);
  }
}

TEST(ConfigFiles, MissingAndDirectory) {
  auto missing = load_config("/nonexistent/sluice.yaml", environment({})).problems;
  ASSERT_EQ(missing.size(), 1u);
  EXPECT_EQ(to_text(missing[0]), "/nonexistent/sluice.yaml: cannot be read: No such file or directory");
  auto directory = load_config("/", environment({})).problems;
  ASSERT_EQ(directory.size(), 1u);
  EXPECT_EQ(to_text(directory[0]), "/: is a directory, not a file");
}

TEST(ConfigFiles, AFileIsRead) {
  auto path = std::filesystem::temp_directory_path() / ("sluice_config_test_" + std::to_string(::getpid()) + ".yaml");
  std::ofstream(path) << "threads: 7\n";
  Loaded loaded = load_config(path.string(), environment({}));
  std::filesystem::remove(path);
  EXPECT_EQ(all(loaded.problems), "");
  EXPECT_EQ(loaded.config.threads, 7u);
  EXPECT_EQ(loaded.config.file, path.string());
}

TEST(ConfigFiles, ATooLargeOneIsRefused) {
  auto problems = parse(std::string((16 << 20) + 1, '#')).problems;
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].message, "is larger than 16MiB");
}

TEST(ConfigProblem, AsText) {
  EXPECT_EQ(to_text({"f.yaml", 3, "a.b", "is wrong"}), "f.yaml:3: a.b: is wrong");
  EXPECT_EQ(to_text({"f.yaml", 0, "", "is wrong"}), "f.yaml: is wrong");
  EXPECT_EQ(to_text({"", 0, "a", "is wrong"}), "a: is wrong");
}

// ---- the schema and the example

using Json = simdjson::dom::element;

void expect_keys(const Section& section, Json schema) {
  simdjson::dom::object properties = schema["properties"];
  EXPECT_EQ(properties.size(), section.fields.size());
  EXPECT_FALSE(bool(schema["additionalProperties"]));
  for (const Field& field : section.fields) {
    Json property;
    ASSERT_EQ(properties[field.name].get(property), simdjson::SUCCESS) << field.name;
    EXPECT_FALSE(std::string_view(property["description"]).empty()) << field.name;
    if (field.type == FieldType::kSection) expect_keys(*field.section, property);
    if (field.type == FieldType::kNamed) expect_keys(*field.section, property["additionalProperties"]);
    if (field.type == FieldType::kList) expect_keys(*field.section, property["items"]);
  }
}

TEST(ConfigSchema, NamesEveryKeyOfTheTables) {
  simdjson::dom::parser parser;
  Json schema = parser.parse(json_schema());
  EXPECT_EQ(std::string_view(schema["$schema"]), "https://json-schema.org/draft/2020-12/schema");
  expect_keys(config_section(), schema);
}

TEST(ConfigSchema, GivesTheDefaults) {
  simdjson::dom::parser parser;
  Json schema = parser.parse(json_schema());
  auto text = [&](std::string_view pointer) { return std::string_view(schema.at_pointer(pointer)); };
  EXPECT_EQ(text("/properties/listen/default"), "127.0.0.1:8080");
  EXPECT_EQ(std::int64_t(schema.at_pointer("/properties/threads/default")), 0);
  EXPECT_EQ(text("/properties/limits/properties/body/default"), "64MiB");
  EXPECT_EQ(text("/properties/metrics/properties/auth/default"), "key");
  EXPECT_EQ(text("/properties/models/additionalProperties/properties/timeout/properties/connect/default"), "5s");
}

// What the schema shows as default must be what the reader accepts.
void expect_defaults_in_range(const Section& section, void* owner) {
  for (const Field& field : section.fields) {
    if (field.type == FieldType::kSection) expect_defaults_in_range(*field.section, field.at(owner));
    if (field.add != nullptr) expect_defaults_in_range(*field.section, field.add(owner, "x", 1));
    if (field.most == 0) continue;
    std::int64_t value = 0;
    if (field.type == FieldType::kNumber) value = *static_cast<std::uint32_t*>(field.at(owner));
    if (field.type == FieldType::kDuration) value = static_cast<Ms*>(field.at(owner))->count();
    if (field.type == FieldType::kSize)
      value = static_cast<std::int64_t>(*static_cast<std::uint64_t*>(field.at(owner)));
    EXPECT_GE(value, field.least) << field.name;
    EXPECT_LE(value, field.most) << field.name;
  }
}

TEST(ConfigSchema, DefaultsAreWithinTheirRanges) {
  Config config;
  expect_defaults_in_range(config_section(), &config);
}

TEST(ConfigExample, PassesTheCheck) {
  Config config = valid(example_config(), {{"SLUICE_MASTER_KEY", "master-1234"},
                                           {"OPENAI_API_KEY", "k"},
                                           {"ANTHROPIC_API_KEY", "k"},
                                           {"WEB_KEY", "sk-sl-web-1234"}});
  EXPECT_EQ(config.providers.size(), 3u);
  EXPECT_EQ(config.models.size(), 3u);
  EXPECT_EQ(config.keys.size(), 1u);
}

TEST(ConfigExample, NamesEachVariableThatIsMissing) {
  std::string text = all(parse(example_config()).problems);
  for (auto name : {"SLUICE_MASTER_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "WEB_KEY"}) {
    EXPECT_NE(text.find(std::string(name) + " is not set"), std::string::npos) << text;
  }
}

TEST(ConfigAddress, IsParsed) {
  EXPECT_EQ(parse_address("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_address("localhost:0")->port, 0);
  for (auto text : {"", ":80", "a", "a:", "a:b", "a:-1", "a:+1", "::1:80", "[::1]", "[::1]80", "a b:1", "a:1/x"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

}  // namespace
}  // namespace sluice::app
