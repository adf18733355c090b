#include "app/loop_limits.h"

#include <algorithm>
#include <thread>

namespace sluice::app {

std::size_t thread_count(const Config& config) {
  return config.threads > 0 ? config.threads : std::max(1U, std::thread::hardware_concurrency());
}

net::ServerLimits server_limits(const Config& config, std::size_t loops) {
  return {.header_bytes = config.header_bytes,
          .header_count = config.header_count,
          .body_bytes = config.body_bytes,
          .connections = (config.connections + loops - 1) / loops,
          .header_timeout = config.header_timeout,
          .body_timeout = config.body_timeout,
          .body_rate = config.body_rate,
          .idle_timeout = config.idle_timeout,
          .write_timeout = config.write_timeout};
}

net::ClientLimits client_limits(const Config& config) {
  return {.connections_per_origin = config.pool_connections,
          .idle_per_origin = config.pool_idle,
          .idle_timeout = config.pool_idle_timeout};
}

RetryBudget::Settings retry_budget(const Config& config) {
  return {.percent = config.retry_percent, .min_per_second = config.retry_min_per_second};
}

}  // namespace sluice::app
