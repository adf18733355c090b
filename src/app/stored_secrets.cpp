#include "app/stored_secrets.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "app/text_file.h"
#include "store/sqlite/sqlite_directory.h"

namespace sluice::app {

namespace {

constexpr std::string_view kKey = "SLUICE_SECRETS_KEY", kKeyFile = "SLUICE_SECRETS_KEY_FILE";

Result<Secret> key_in_file(const std::string& file) {
  auto text = read_text_file(file);
  if (!text) return fail(FaultKind::kInvalidConfig, fmt::format("{}: '{}' {}.", kKeyFile, file, text.error()));
  while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
  return Secret(std::move(*text));
}

// What one reading of a configuration has found.
class Opened {
 public:
  Opened(std::string directory, Environment environment)
      : directory_(std::move(directory)), environment_(std::move(environment)) {}

  std::expected<std::optional<Secret>, std::string> find(const std::string& name) {
    if (!read_) read_ = read();
    if (!*read_) return std::unexpected(fmt::format("the secret '{}' cannot be read: {}", name, read_->error().told));
    auto row = std::ranges::find(**read_, name, &store::SecretRow::name);
    if (row == (*read_)->end()) return std::nullopt;
    if (!sealer_) sealer_ = secrets_sealer(environment_);
    if (!*sealer_)
      return std::unexpected(fmt::format("the secret '{}' cannot be read: {}", name, sealer_->error().told));
    if (!**sealer_) {
      return std::unexpected(fmt::format(
          "the secret '{}' is encrypted, and there is no key to read it with: set {} or {}", name, kKey, kKeyFile));
    }
    auto text = (**sealer_)->open(row->name, row->sealed);
    if (text) return std::move(*text);
    return std::unexpected(
        fmt::format("the secret '{0}' cannot be decrypted: it was encrypted with another {1}, or changed in the store; "
                    "put that key back, or give it anew with: sluice secrets set {0}",
                    name, kKey));
  }

 private:
  Result<std::vector<store::SecretRow>> read() const {
    const auto file = directory_ + "/sluice.db";
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return std::vector<store::SecretRow>();
    auto directory = store::SqliteDirectory::open(file);
    if (!directory) return fail_from(directory);
    return (*directory)->secrets();
  }

  std::string directory_;
  Environment environment_;
  std::optional<Result<std::vector<store::SecretRow>>> read_;
  std::optional<Result<std::optional<Sealer>>> sealer_;
};

}  // namespace

Result<std::optional<Sealer>> secrets_sealer(const Environment& environment) {
  Secret key(environment(kKey).value_or(""));
  const auto file = environment(kKeyFile).value_or("");
  if (key.empty() && file.empty()) return std::nullopt;
  if (!key.empty() && !file.empty())
    return fail(FaultKind::kInvalidConfig,
                fmt::format("{} and {} are both set; one of them is enough.", kKey, kKeyFile));
  if (key.empty()) {
    auto read = key_in_file(file);
    if (!read) return fail_from(read);
    key = std::move(*read);
  }
  if (key.reveal().size() < kShortestSecretsKey) {
    return fail(FaultKind::kInvalidConfig,
                fmt::format("The key of {} has fewer than {} characters; make one with: openssl rand -hex 32",
                            file.empty() ? kKey : kKeyFile, kShortestSecretsKey));
  }
  return Sealer(key);
}

SecretSource stored_secrets(const std::string& data_directory, const Environment& environment) {
  auto opened = std::make_shared<Opened>(data_directory, environment);
  return [opened](const std::string& name) { return opened->find(name); };
}

}  // namespace sluice::app
