#include "provider/sign/aws_credentials.h"

#include <fmt/format.h>

#include "provider/sign/ask.h"
#include "provider/sign/aws_files.h"
#include "provider/sign/aws_identity.h"
#include "provider/sign/aws_metadata.h"

namespace sluice::provider {

namespace {

using SourcePtr = std::unique_ptr<const CredentialSource>;

// Temporary keys in a file are written there by another program from time to time.
constexpr Ms kFileLife = std::chrono::minutes(15);

class FileSource final : public CredentialSource {
 public:
  FileSource(AwsFiles files, std::string profile) : files_(std::move(files)), profile_(std::move(profile)) {}

  Ms limit() const override { return kMetadataLimit; }

  Task<Result<Credentials>> fetch(SignTools& tools, Ms) const override {
    Result<std::optional<Credentials>> key;
    co_await net::offload(tools.loop, tools.workers, [&] { key = files_.load_key(profile_); });
    if (!key) {
      key.error().retry = Retry::kOther;
      co_return fail_from(key);
    }
    if (!*key) {
      co_return fail(not_fetched(FaultKind::kInvalidConfig, "AWS credentials", files_.names(),
                                 fmt::format("the profile '{}' is gone", profile_)));
    }
    if (!(**key).session_token.empty()) (**key).ends = tools.now + kFileLife;
    co_return std::move(**key);
  }

 private:
  AwsFiles files_;
  std::string profile_;
};

// "" when the key is whole, else the name of what is missing.
std::string_view missing(const Credentials& key, std::string_view id_name, std::string_view secret_name) {
  if (!is_token(key.key_id)) return id_name;
  return key.secret_key.empty() ? secret_name : std::string_view{};
}

// A fixed key whose parts are named for the message; null when neither part is there.
Result<std::unique_ptr<Renewed>> fixed_key(Credentials key, std::string_view id_name, std::string_view secret_name) {
  if (key.key_id.empty() && key.secret_key.empty()) return nullptr;
  const auto gone = missing(key, id_name, secret_name);
  if (!gone.empty()) {
    return fail(FaultKind::kInvalidConfig,
                fmt::format("{} is missing or unusable: {} and {} belong together.", gone, id_name, secret_name));
  }
  return std::make_unique<Renewed>(std::move(key));
}

Result<std::unique_ptr<Renewed>> fixed_bearer(const Secret& token, std::string_view name) {
  if (token.empty()) return nullptr;
  if (!is_token(token.reveal()))
    return fail(FaultKind::kInvalidConfig, fmt::format("{} cannot stand in a header.", name));
  Credentials bearer;
  bearer.bearer = token;
  return std::make_unique<Renewed>(std::move(bearer));
}

// Null when the configuration gives none.
Result<std::unique_ptr<Renewed>> configured(const AwsSettings& settings) {
  auto bearer = fixed_bearer(settings.bearer_token, "The provider's api_key");
  if (!bearer || *bearer) return bearer;
  Credentials key;
  key.key_id = settings.access_key_id;
  key.secret_key = settings.secret_access_key;
  key.session_token = settings.session_token;
  return fixed_key(std::move(key), "access_key_id", "secret_access_key");
}

Result<std::unique_ptr<Renewed>> of_environment(const Surroundings& surroundings) {
  auto bearer = fixed_bearer(Secret(variable(surroundings, "AWS_BEARER_TOKEN_BEDROCK")), "AWS_BEARER_TOKEN_BEDROCK");
  if (!bearer || *bearer) return bearer;
  Credentials key;
  key.key_id = variable(surroundings, "AWS_ACCESS_KEY_ID");
  key.secret_key = Secret(variable(surroundings, "AWS_SECRET_ACCESS_KEY"));
  key.session_token = Secret(variable(surroundings, "AWS_SESSION_TOKEN"));
  return fixed_key(std::move(key), "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
}

std::string profile_of(const AwsSettings& settings, const Surroundings& surroundings) {
  if (!settings.profile.empty()) return settings.profile;
  auto named = variable(surroundings, "AWS_PROFILE");
  return named.empty() ? "default" : named;
}

// Null when the profile has no key and nobody asked for it by name.
Result<SourcePtr> of_files(const AwsSettings& settings, const Surroundings& surroundings) {
  auto files = AwsFiles::find(surroundings);
  auto profile = profile_of(settings, surroundings);
  auto key = files.load_key(profile);
  if (!key) return fail_from(key);
  if (*key) return std::make_unique<const FileSource>(std::move(files), std::move(profile));
  if (settings.profile.empty() && variable(surroundings, "AWS_PROFILE").empty()) return nullptr;
  return fail(FaultKind::kInvalidConfig,
              fmt::format("There is no profile '{}' with a key in {}.", profile,
                          files.names().empty() ? "the shared files of AWS (HOME is not set)" : files.names()));
}

Result<SourcePtr> find_source(const AwsSettings& settings, const Surroundings& surroundings, std::string_view region) {
  if (!settings.profile.empty()) return of_files(settings, surroundings);
  auto source = web_identity_source(surroundings, region);
  if (!source || *source) return source;
  source = of_files(settings, surroundings);
  if (!source || *source) return source;
  source = container_source(surroundings);
  if (!source || *source) return source;
  return instance_source(surroundings);
}

}  // namespace

Result<std::unique_ptr<Renewed>> find_aws_credentials(const AwsSettings& settings, const Surroundings& surroundings,
                                                      RenewRules rules) {
  auto fixed = configured(settings);
  if (!fixed || *fixed) return fixed;
  if (settings.profile.empty()) {
    fixed = of_environment(surroundings);
    if (!fixed || *fixed) return fixed;
  }
  auto region = find_aws_region(settings, surroundings);
  if (!region) return fail_from(region);
  auto source = find_source(settings, surroundings, *region);
  if (!source) return fail_from(source);
  if (*source) return std::make_unique<Renewed>(std::move(*source), rules);
  return fail(FaultKind::kInvalidConfig,
              "There are no AWS credentials: neither in the configuration, the environment (AWS_ACCESS_KEY_ID, "
              "AWS_BEARER_TOKEN_BEDROCK), nor the shared files, and the instance's metadata is disabled.");
}

Result<std::string> find_aws_region(const AwsSettings& settings, const Surroundings& surroundings) {
  if (!settings.region.empty()) return settings.region;
  for (std::string_view name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    auto region = variable(surroundings, name);
    if (!region.empty()) return region;
  }
  auto profile = AwsFiles::find(surroundings).load(profile_of(settings, surroundings));
  if (!profile) return fail_from(profile);
  if (!*profile) return std::string{};
  auto found = (**profile).find("region");
  return found == (**profile).end() ? std::string{} : std::string(found->second.reveal());
}

}  // namespace sluice::provider
