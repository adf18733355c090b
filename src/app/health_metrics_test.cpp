#include "app/health_metrics.h"

#include <gtest/gtest.h>

#include "provider/health/model_healths.h"

namespace sluice::app::health_metrics_test {
namespace {

void fail(provider::Health& health, int times) {
  const provider::BreakerPolicy policy;
  for (int i = 0; i < times; ++i) {
    if (auto pass = health.breaker.enter(policy, now()))
      health.breaker.leave(policy, *pass, provider::Breaker::Outcome::kFailed, now());
  }
}

TEST(HealthMetrics, TellHowDeploymentsAreDoing) {
  Metrics metrics;
  HealthMetrics health_metrics(metrics);
  provider::HealthBook book, keys;
  auto open = book.of("p/open");
  auto held = book.of("p/held");
  open->in_flight = 3;
  fail(*open, 5);
  auto key = keys.of("p/01234567");
  key->rest_until(now() + Ms(60'000));
  held->breaker.hold(provider::Breaker::Hold::kDrained);
  health_metrics.refresh(book, keys);
  health_metrics.refresh(book, keys);
  const auto text = metrics.render();
  EXPECT_TRUE(text.contains("sluice_breaker_state{deployment=\"p/open\"} 2\n")) << text;
  EXPECT_TRUE(text.contains("sluice_breaker_state{deployment=\"p/held\"} 3\n")) << text;
  EXPECT_TRUE(text.contains("sluice_deployment_in_flight{deployment=\"p/open\"} 3\n")) << text;
  EXPECT_TRUE(text.contains("sluice_breaker_openings_total{deployment=\"p/open\"} 1\n")) << text;
  EXPECT_TRUE(text.contains("sluice_provider_key_resting{key=\"p/01234567\"} 1\n")) << text;
}

TEST(HealthMetrics, TellOfModelsOnceTheyWereInTroubleAndOfKeys) {
  Metrics metrics;
  HealthMetrics health_metrics(metrics);
  provider::HealthBook book, keys;
  auto models = book.models_of("p/*");
  fail(*models->of("dead", now()), 5);
  models->of("well", now());
  auto key = keys.of("p/batch");
  key->in_flight = 2;
  fail(*key, 5);
  health_metrics.refresh(book, keys);
  const auto text = metrics.render();
  EXPECT_TRUE(text.contains("sluice_model_breaker_state{deployment=\"p/*\",model=\"dead\"} 2\n")) << text;
  EXPECT_FALSE(text.contains("well")) << text;
  EXPECT_TRUE(text.contains("sluice_provider_key_breaker_state{key=\"p/batch\"} 2\n")) << text;
  EXPECT_TRUE(text.contains("sluice_provider_key_in_flight{key=\"p/batch\"} 2\n")) << text;
  models.reset();
  book.forget_unused();
  health_metrics.refresh(book, keys);
  EXPECT_TRUE(metrics.render().contains("sluice_model_breaker_state{deployment=\"p/*\",model=\"dead\"} 0\n"));
}

TEST(HealthMetrics, WhatIsGoneIsNotOpenForEver) {
  Metrics metrics;
  HealthMetrics health_metrics(metrics);
  provider::HealthBook book, keys;
  fail(*book.of("p/gone"), 5);
  health_metrics.refresh(book, keys);
  book.forget_unused();
  health_metrics.refresh(book, keys);
  EXPECT_TRUE(metrics.render().contains("sluice_breaker_state{deployment=\"p/gone\"} 0\n"));
  fail(*book.of("p/gone"), 5);
  health_metrics.refresh(book, keys);
  EXPECT_TRUE(metrics.render().contains("sluice_breaker_openings_total{deployment=\"p/gone\"} 2\n"));
}

}  // namespace
}  // namespace sluice::app::health_metrics_test
