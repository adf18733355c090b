#include "app/config_fixture_test.h"

namespace sluice::app::config_lines_test {
namespace {

// "12 providers.a.dialect", of each problem.
std::string places(std::string_view yaml) {
  std::string result;
  for (const auto& problem : parse(yaml).problems) result += std::to_string(problem.line) + " " + problem.field + "\n";
  return result;
}

TEST(ConfigLines, OfProviders) {
  EXPECT_EQ(places(R"(providers:
  a:
    region: x
    type: openai
    base_url: http://h
    dialect: nope
    quirks:
      prefix: true
      nope: true
    headers:
      x-a: b
      Host: x
    betas:
      one: true
      two: a b
    api_keys:
      - some-key-1
      - name: NO
        key: some-key-2
      - some-key-1
    key_breaker:
      probes: 2
      cool_down: 3m
    probe:
      timeout: 1s
      interval: 1ms
      path: models
  b:
    api_key: some-key-3
    type: opnai
  c:
    type: vertex
    region: a/b
    project: p
)"),
            "6 providers.a.dialect\n"
            "9 providers.a.quirks.nope\n"
            "12 providers.a.headers.Host\n"
            "15 providers.a.betas.two\n"
            "18 providers.a.api_keys[1].name\n"
            "20 providers.a.api_keys[2]\n"
            "23 providers.a.key_breaker.cool_down\n"
            "26 providers.a.probe.interval\n"
            "27 providers.a.probe.path\n"
            "30 providers.b.type\n"
            "33 providers.c.region\n");
}

TEST(ConfigLines, OfModels) {
  EXPECT_EQ(places(with_openai(R"(models:
  x:
    max_backoff: 1s
    backoff: 2s
    on_failure:
      rate_limit: next
      rate_limitt: retry
      overloaded: nope
    hedge:
      tools: true
      after: p101
    breaker:
      probes: 2
      cool_down: 3m
    residency:
      - us
    fallbacks:
      any:
        - y
        - zz
    deployments:
      - openai/a
      - model: openai/b
        strategy: weighted
        when:
          max_tokens: 1
          min_tokens: 2
          stream: perhaps
          needs:
            - tools
            - visoin
          headers:
            x y: z
        capabilities:
          vision: no-idea
        budget:
          - window: day
            usd: "1"
          - usd: "2"
            window: day
            alerts:
              - 50%
              - 50
        probe:
          failures: 2
      - weight: 2
        deployments:
          - openai/c
          - nowhere/d
        region: eu
  y: [openai/a, nowhere/b]
)")),
            "5 models.x.backoff\n"
            "8 models.x.on_failure.rate_limitt\n"
            "9 models.x.on_failure.overloaded\n"
            "12 models.x.hedge.after\n"
            "15 models.x.breaker.cool_down\n"
            "16 models.x.residency\n"
            "21 models.x.fallbacks.any[1]\n"
            "25 models.x.deployments[1].strategy\n"
            "28 models.x.deployments[1].when.min_tokens\n"
            "29 models.x.deployments[1].when.stream\n"
            "32 models.x.deployments[1].when.needs[1]\n"
            "34 models.x.deployments[1].when.headers.x y\n"
            "36 models.x.deployments[1].capabilities.vision\n"
            "41 models.x.deployments[1].budget[1].window\n"
            "43 models.x.deployments[1].budget[1].alerts[0]\n"
            "45 models.x.deployments[1].probe.interval\n"
            "50 models.x.deployments[2].deployments[1]\n"
            "51 models.x.deployments[2].region\n"
            "52 models.y.deployments[1]\n");
}

TEST(ConfigLines, OfCallers) {
  EXPECT_EQ(places(with_openai(R"(models: { fast: openai/a }
keys:
  - name: one
    key: some-key-1
  - key: some-key-1
    name: one
    models:
      - fast
      - fsat
    endpoints:
      - chat
      - chta
    expires_at: tomorrow
    tags:
      a: b
      a b: c
    budget:
      usd: "1"
      zone: Mars/X
teams:
  t:
    models:
      - fsat
    aliases:
      x: fast
      y: fsat
    budget:
      - usd: "1"
        strict: true
        hard: false
tags:
  customer:
    values:
      acme:
        budget: { usd: "1",
                  window: never }
organisation:
  budget:
    usd: "1"
    alerts: [0]
alerts:
  timeout: 1s
  secret: whsec_!
master_key: short
)")),
            "6 keys[1].key\n"
            "7 keys[1].name\n"
            "10 keys[1].models[1]\n"
            "13 keys[1].endpoints[1]\n"
            "14 keys[1].expires_at\n"
            "17 keys[1].tags.a b\n"
            "20 keys[1].budget.zone\n"
            "24 teams.t.models[0]\n"
            "27 teams.t.aliases.y\n"
            "30 teams.t.budget[0].strict\n"
            "37 tags.customer.values.acme.budget.window\n"
            "41 organisation.budget.alerts[0]\n"
            "44 alerts.secret\n"
            "44 alerts.secret\n"
            "45 master_key\n");
}

// A record's line is told where a field of it is missing, and that of an anchor's value where one is merged.
TEST(ConfigLines, OfWhatIsMissingOrMerged) {
  EXPECT_EQ(places(R"(providers:
  a: &a
    type: azure
    headers:
      Host: x
  b:
    <<: *a
    base_url: http://h
    quirks: { prefix: perhaps }
)"),
            "2 providers.a.base_url\n"
            "5 providers.a.headers.Host\n"
            "5 providers.b.headers.Host\n"
            "9 providers.b.quirks.prefix\n");
}

TEST(ConfigLines, OfTheOtherKey) {
  auto problems = parse(with_openai("keys:\n- name: a\n  key: some-key-1\n- name: b\n  key: some-key-1\n")).problems;
  ASSERT_EQ(problems.size(), 1u) << all(problems);
  EXPECT_EQ(problems[0].line, 6);
  EXPECT_EQ(problems[0].message, "is the same as the key on line 3");
}

}  // namespace
}  // namespace sluice::app::config_lines_test
