#include "app/trial.h"

#include <fmt/format.h>

namespace sluice::app {

Status Trial::start() {
  for (std::string name : {"sim-a", "sim-b"}) {
    auto simulator = std::make_unique<sim::Simulator>(sim::SimOptions{.name = name});
    auto port = simulator->start();
    if (!port) return fail_from(port);
    simulators_.push_back(std::move(simulator));
    ProviderConfig& provider = providers_.emplace_back();
    provider.name = name;
    provider.type = "openai";
    provider.dialect = "openai";
    provider.base_url = fmt::format("http://127.0.0.1:{}/v1", *port);
    provider.proxy = Secret("none");
  }
  return {};
}

void Trial::add_to(Config& config) const {
  // Nobody pays for it; but what answers of that length cost at a small model is what there is to see.
  PriceConfig price;
  price.input = Money{150'000'000};  // 0.15 USD for a million tokens
  price.output = Money{600'000'000};
  ModelConfig fast{.name = "fast"};
  ModelConfig any{.name = "*"};
  for (const auto& provider : providers_) {
    config.providers.push_back(provider);
    fast.deployments.push_back({.model = provider.name + "/sim-model", .price = price});
    any.deployments.push_back({.model = provider.name + "/*", .price = price});
  }
  config.models.push_back(std::move(fast));
  config.models.push_back(std::move(any));
}

std::string Trial::instructions(const std::string& url, const MasterKey& key) const {
  auto shell_key = key.file.empty() ? std::string("$SLUICE_MASTER_KEY") : fmt::format("$(cat {})", key.file);
  return fmt::format(
      "no provider key in the environment: two simulated providers (sim-a, sim-b) answer\n"
      "try:\n"
      "  curl {0}/v1/chat/completions -H \"Authorization: Bearer {1}\" -H 'Content-Type: application/json' \\\n"
      "    -d '{{\"model\":\"fast\",\"messages\":[{{\"role\":\"user\",\"content\":\"Hello!\"}}]}}'\n"
      "  OpenAI(base_url=\"{0}/v1\", api_key=KEY)    # any OpenAI SDK; KEY is in {2}\n",
      url, shell_key, key.file.empty() ? "SLUICE_MASTER_KEY" : key.file);
}

}  // namespace sluice::app
