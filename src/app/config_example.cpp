#include <fmt/format.h>

#include "app/config.h"
#include "base/text.h"

namespace sluice::app {

std::string example_config(std::string_view file) {
  std::string text = R"(# Sluice: one address for every model provider.
# ${NAME} is an environment variable, ${NAME:-text} has a default, ${file:/path} is the text of a file,
# ${secret:NAME} what "sluice secrets set NAME" put into the store, $$ is a dollar sign.
# Check this file with: sluice check FILE

listen: 127.0.0.1:8080              # serve other machines with 0.0.0.0:8080, and TLS (below)
master_key: ${SLUICE_MASTER_KEY}    # the administrator's; made on first start if this line is removed

# Who answers. A known name brings its address; any OpenAI-compatible server is of type openai.
providers:
  openai: { api_key: "${OPENAI_API_KEY}" }
  anthropic: { api_key: "${ANTHROPIC_API_KEY}" }
  local: { type: openai, base_url: "http://127.0.0.1:8000/v1" }
  # azure-eu: { type: azure, base_url: "https://example.openai.azure.com", api_key: "${AZURE_API_KEY}" }

# What clients ask for, and where it goes. provider/model works without being listed here.
models:
  fast:
    deployments:                    # in order of priority
      - openai/gpt-4o-mini
      - anthropic/claude-haiku-4-5
    retries: 2                      # on the same deployment, before the next one
    timeout: { connect: 2s, first_byte: 30s, idle: 60s, total: 10m }
  split:
    strategy: weighted
    deployments:
      - { model: openai/gpt-4o-mini, weight: 9 }
      - { model: local/llama, weight: 1 }
  "openai/*": "openai/*"            # whatever the client writes after openai/

# Who may call. The admin API makes further keys.
keys:
  - { name: web, key: "${WEB_KEY}", team: storefront, models: [fast], tags: { feature: search } }

# tls: { cert: /etc/sluice/cert.pem, key: /etc/sluice/key.pem }
# log: { level: info, format: json }
# metrics: { auth: none }           # /metrics without a key
# cors: { origins: ["https://app.example.com"] }
# limits: { body: 64MiB, connections: 20000, in_flight: 5000 }
# teams: { storefront: { weight: 3 } }   # its share where requests wait for room
# drill: { enabled: true }          # in staging: sluice drill may inject faults
# fetch: { media: on }              # images and PDFs by URL, for providers that take only their bytes
# drain: 30s                        # how long requests in flight may go on after SIGTERM
)";
  constexpr std::string_view kPlace = "sluice check FILE";
  return text.replace(text.find(kPlace), kPlace.size(), fmt::format("sluice check {}", printable(file)));
}

}  // namespace sluice::app
