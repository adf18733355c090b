#include "app/config.h"

#include "app/config_fixture_test.h"
#include "base/journal/folder_test.h"

namespace sluice::app::config_test {
namespace {

// ---- what is right

TEST(ConfigFile, AnEmptyMapIsTheDefaults) {
  Config config = valid("{}");
  EXPECT_EQ(config.listen.host, "127.0.0.1");
  EXPECT_EQ(config.listen.port, 8080);
  EXPECT_EQ(config.file, "sluice.yaml");
}

TEST(ConfigFile, AFileWithoutContentIsAMistake) {
  for (auto text : {"", "\n\n", "# only a comment\n", "---\n", "---\n# a comment\n...\n", "null\n", "~"}) {
    expect_problem(text, 1, "", "the file holds nothing; write what providers");
  }
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
fetch: { media: on, hosts: ["*.a.test", "b.test:8080"], allow_private: 10.1.0.0/16, max_bytes: 4MiB, timeout: 7s }
pool: { connections: 8, idle: 9, idle_timeout: 6s }
prices: { file: prices.json }
providers:
  eu: { type: azure, base_url: "https://x.openai.azure.com/", api_key: k, api_version: "2024-10-21", region: eu,
        ca_file: ca.pem, proxy: "http://proxy:3128", headers: { X-A: b }, quirks: { stream_options: false } }
models:
  fast:
    deployments: [eu/a, { model: eu/b, weight: 3, context_window: 8192, price: { input: "0.15", request: "0.01" } }]
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
  EXPECT_TRUE(config.fetch_media);
  EXPECT_EQ(config.fetch_hosts, (std::vector<std::string>{"*.a.test", "b.test:8080"}));
  EXPECT_EQ(config.fetch_allow_private, std::vector<std::string>{"10.1.0.0/16"});
  EXPECT_EQ(config.fetch_bytes, 4u << 20);
  EXPECT_EQ(config.fetch_timeout, Ms(7000));
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
  EXPECT_EQ(config.prices_file, "prices.json");
  ASSERT_EQ(config.providers.size(), 1u);
  const auto& provider = config.providers[0];
  EXPECT_EQ(provider.name + "|" + provider.type + "|" + provider.base_url, "eu|azure|https://x.openai.azure.com");
  EXPECT_EQ(provider.api_key.reveal(), "k");
  EXPECT_EQ(provider.api_version + "|" + provider.region + "|" + provider.ca_file + "|" +
                std::string(provider.proxy.reveal()),
            "2024-10-21|eu|ca.pem|http://proxy:3128");
  EXPECT_EQ(provider.headers.at("X-A"), "b");
  EXPECT_EQ(provider.quirks.at("stream_options"), "false");
  ASSERT_EQ(config.models.size(), 1u);
  const auto& model = config.models[0];
  EXPECT_EQ(model.name + "|" + model.strategy, "fast|weighted");
  ASSERT_EQ(model.deployments.size(), 2u);
  EXPECT_EQ(model.deployments[0].model, "eu/a");
  EXPECT_EQ(model.deployments[0].weight, 1u);
  EXPECT_EQ(model.deployments[1].model, "eu/b");
  EXPECT_EQ(model.deployments[1].weight, 3u);
  EXPECT_EQ(model.deployments[1].context_window, 8192u);
  EXPECT_EQ(model.deployments[1].price.input, Money{150'000'000});
  EXPECT_EQ(model.deployments[1].price.request, Money{10'000'000});
  EXPECT_EQ(model.deployments[1].price.output, std::nullopt);
  EXPECT_EQ(model.deployments[0].price, PriceConfig());
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
}

TEST(ConfigFile, AModelMayBeItsDeploymentsAlone) {
  Config config =
      valid(with_openai("models:\n  a: openai/x\n  b: [openai/x, {model: openai/y}]\n"
                        "  c: { deployments: openai/z }\n  'openai/*': 'openai/*'\n"));
  ASSERT_EQ(config.models.size(), 4u);
  EXPECT_EQ(config.models[0].deployments.at(0).model, "openai/x");
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

TEST(ConfigFile, OriginsAreWhatABrowserSays) {
  valid(
      "cors: { origins: ['https://a.example', 'http://localhost:3000', 'http://[::1]:8', 'null', 'tauri://localhost'] "
      "}");
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

TEST(ConfigVariables, AFileIsReadWithoutItsLineEnd) {
  journal::Folder folder;
  journal::write_bytes(folder.file("key"), "sk-of-a-file\r\n");
  const auto path = folder.file("key");
  EXPECT_EQ(valid("master_key: ${file:" + path + "}").master_key.reveal(), "sk-of-a-file");
  EXPECT_EQ(valid("master_key: ${file:" + path + ":-other}").master_key.reveal(), "sk-of-a-file");
  expect_problem("master_key: ${file:/no/such/file}", 1, "master_key",
                 "the file '/no/such/file' cannot be read: No such file or directory");
  expect_problem("master_key: ${file:" + folder.path() + "}", 1, "master_key", "is a directory, not a file");
  journal::write_bytes(path, std::string(70'000, 'x'));
  expect_problem("master_key: ${file:" + path + "}", 1, "master_key", "holds more than 65536 bytes");
}

TEST(ConfigVariables, AFileThatAValueIsReadFromIsWatched) {
  journal::Folder folder;
  const auto key = folder.file("key"), later = folder.file("later");
  journal::write_bytes(key, "sk-of-a-file");
  Loaded loaded = parse("master_key: ${file:" + key + ":-other}\ncors: { origins: '$${file:" + later + "}' }");
  EXPECT_FALSE(loaded.files.changed());
  journal::write_bytes(later, "text, for its dollar was written twice");
  loaded.files.changed();
  EXPECT_FALSE(loaded.files.changed());
  journal::write_bytes(key, "another key");
  loaded.files.changed();
  EXPECT_TRUE(loaded.files.changed());
}

TEST(ConfigVariables, AFileThatIsNotThereYetIsWatched) {
  journal::Folder folder;
  const auto key = folder.file("key");
  Loaded loaded = parse("master_key: ${file:" + key + "}");
  EXPECT_EQ(loaded.problems.size(), 1u);
  journal::write_bytes(key, "sk-of-a-file");
  loaded.files.changed();
  EXPECT_TRUE(loaded.files.changed());
}

TEST(ConfigVariables, ASecretComesFromTheStore) {
  const SecretSource secrets = [](const std::string& name) -> std::expected<std::optional<Secret>, std::string> {
    if (name == "open-ai") return Secret("sk-of-the-store");
    if (name == "broken") return std::unexpected("the secret 'broken' cannot be decrypted");
    return std::nullopt;
  };
  auto read = [&](const std::string& reference) {
    return parse_config("master_key: ${secret:" + reference + "}", "sluice.yaml", environment({}), secrets);
  };
  auto loaded = read("open-ai");
  ASSERT_TRUE(loaded.problems.empty()) << to_text(loaded.problems[0]);
  EXPECT_EQ(loaded.config.master_key.reveal(), "sk-of-the-store");
  EXPECT_EQ(loaded.config.secrets, std::vector<std::string>{"open-ai"});
  EXPECT_EQ(read("none:-sk-otherwise").config.master_key.reveal(), "sk-otherwise");
  EXPECT_EQ(
      to_text(read("none").problems.at(0)),
      "sluice.yaml:1: master_key: there is no secret 'none'; put it into the store with: sluice secrets set none");
  EXPECT_EQ(read("broken:-x").problems.at(0).message, "the secret 'broken' cannot be decrypted");
  EXPECT_EQ(read("sk pasted").problems.at(0).message.find("pasted"), std::string::npos);
  expect_problem("master_key: ${secret:none}", 1, "master_key", "there is no secret 'none'");
  auto hidden = parse_config("threads: ${secret:open-ai}", "sluice.yaml", environment({}), secrets).problems.at(0);
  EXPECT_EQ(hidden.message.find("sk-of-the-store"), std::string::npos) << hidden.message;
}

TEST(ConfigVariables, OneThatIsNotSetIsNamed) {
  expect_problem("providers:\n  openai:\n    api_key: ${OPENAI_KEY}\n", 3, "providers.openai.api_key",
                 "environment variable OPENAI_KEY is not set");
}

TEST(ConfigVariables, AReferenceMustEnd) {
  expect_problem("\nmaster_key: ${ABC", 2, "master_key", "${ without its }");
}

TEST(ConfigVariables, ReferencesAreNotNested) {
  constexpr std::string_view kTold = "references cannot be nested";
  expect_problem("threads: 2\nmaster_key: \"${NOPE:-${REAL}}\"", 2, "master_key", kTold);
  expect_problem("master_key: \"${NOPE:-sk-${REAL}-x}\"", 1, "master_key", kTold);
  expect_problem("master_key: \"${NOPE:-${file:/run/key}}\"", 1, "master_key", kTold);
  expect_problem("master_key: \"${A${B}}\"", 1, "master_key", "expected the name of an environment variable");
  EXPECT_EQ(valid("master_key: \"${NOPE:-ab-$b$${c}\"").master_key.reveal(), "ab-$b$${c");
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

TEST(ConfigMistakes, CallersAreGivenModelsThatAreServed) {
  const std::string models = "models: { fast: { deployments: [openai/x] }, 'g-*': { deployments: ['openai/*'] } }\n";
  auto key = [&](std::string_view names) {
    return with_openai(models + "keys:\n  - { name: a, key: sk-abcdefgh, models: " + std::string(names) + " }\n");
  };
  expect_problem(key("[fast, fsat]"), 4, "keys[0].models[1]", "there is no model 'fsat' here; did you mean 'fast'?");
  expect_problem(key("[other/x]"), 4, "keys[0].models[0]", "there is no model 'other/x' here");
  expect_problem(key("[g-]"), 4, "keys[0].models[0]", "there is no model 'g-' here");
  EXPECT_EQ(all(parse(key("[fast, g-4, openai/new, anthropic/new, 'f*']")).problems), "");
  expect_problem(with_openai(models + "teams: { shop: { models: [fsat] } }\n"), 3, "teams.shop.models[0]", "'fast'");
  expect_problem(with_openai(models + "teams: { shop: { aliases: { a: fsat } } }\n"), 3, "teams.shop.aliases.a",
                 "'fast'");
  expect_problem(with_openai(models + "teams: { shop: { aliases: { a: 'f*' } } }\n"), 3, "teams.shop.aliases.a",
                 "'f*'");
  EXPECT_EQ(all(parse(with_openai(models + "teams: { shop: { aliases: { a: g-5 } } }\n")).problems), "");
}

TEST(ConfigMistakes, AKeyGivenTwice) {
  expect_problem("threads: 1\nlisten: 127.0.0.1:1\nthreads: 2\n", 3, "threads", "already given on line 1");
  expect_problem("providers:\n  local: {type: openai, base_url: http://a/v1}\n  local: {type: vllm}\n", 3,
                 "providers.local", "already given on line 2");
  expect_problem("keys:\n - {name: a, key: 12345678}\n - {name: b, key: 87654321,\n    name: c}\n", 4, "keys[1].name",
                 "already given on line 3");
}

TEST(ConfigMistakes, AKeyCalledAsTheMasterKey) {
  expect_problem("keys:\n - { name: master, key: 12345678 }\n", 2, "keys[0].name",
                 "must not be 'master': the master key is called so");
}

TEST(ConfigMistakes, OfFetching) {
  expect_problem("fetch: { media: yes }", 1, "fetch.media", "expected one of off, on, found 'yes'");
  expect_problem("fetch:\n  hosts:\n    - a.test\n    - https://a.test\n", 4, "fetch.hosts[1]",
                 "expected a host, not a URL");
  expect_problem("fetch:\n  allow_private: [10.0.0.0/8,\n    10.0.0.1/8]\n", 3, "fetch.allow_private[1]",
                 "expected a network such as");
  expect_problem("fetch: { allow_private: localhost }", 1, "fetch.allow_private", "expected a network such as");
  expect_problem("fetch: { images: on }", 1, "fetch.images", "known: media, hosts");
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
  expect_problem("listen: foo.example:8080", 1, "listen", "expected an IP address and a port");
  expect_problem("listen: 127.0.0.1:65536", 1, "listen", "expected ADDRESS:PORT");
  expect_problem("- listen", 1, "", "expected a map, found a list");
  expect_problem("just text", 1, "", "expected a map, found text");
}

TEST(ConfigMistakes, OriginsThatNoBrowserSays) {
  auto check = [](std::string_view origin, std::string_view part) {
    expect_problem("cors:\n  origins: ['" + std::string(origin) + "']", 2, "cors.origins[0]", part);
  };
  check("app.example.com",
        "expected an origin such as https://app.example.com or http://localhost:3000, with its scheme");
  check("https://app.example.com/", "without a slash or anything else behind it");
  check("https://app.example.com/page", "without a slash");
  check("https://App.example.com", "in lower case");
  check("https://*.example.com", "or '*' alone for all of them");
  check("https://app.example.com:443", "without the usual port");
  check("http://app.example.com:80", "without the usual port");
  check("https://app.example.com:0", "a port from 1 to 65535");
  check("https://", "expected an origin");
  check("https://user@app.example.com", "expected an origin");
  check("https://a b", "expected an origin");
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
  expect_problem("drain: 48h", 1, "drain", "must be from 0ms to 1d");
  expect_problem("limits: { idle_timeout: 0s }", 1, "limits.idle_timeout", "must be from 1ms");
  expect_problem("limits: { body: 10 }", 1, "limits.body", "must be from 1KiB to 4GiB");
  expect_problem("limits: { header_bytes: 4GiB }", 1, "limits.header_bytes", "must be from 1KiB to 16MiB");
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

}  // namespace
}  // namespace sluice::app::config_test
