#include "app/data_lock.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/journal/lock.h"

namespace sluice::app {

Status make_data_directory(const std::string& data) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(data, error);
  if (made) std::filesystem::permissions(data, std::filesystem::perms::owner_all, error);
  if (!error) return {};
  return fail(FaultKind::kInvalidConfig, "Cannot make the data directory '" + data + "': " + error.message() + ".");
}

Result<journal::File> hold_data_directory(const std::string& data) {
  if (auto made = make_data_directory(data); !made) return fail_from(made);
  auto held = journal::lock_directory(data + "/journal");
  if (held || held.error().kind != FaultKind::kInvalidConfig) return held;
  const auto& place = held.error().detail;
  return fail(
      FaultKind::kInvalidConfig,
      fmt::format("A gateway runs on '{}': it would not notice what is written there. Ask it instead: --gateway "
                  "{} in place of --data.",
                  data, place.empty() ? "URL" : place));
}

}  // namespace sluice::app
