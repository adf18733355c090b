#include "provider/sign/aws_files.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <utility>

#include "base/text.h"
#include "provider/sign/ask.h"

namespace sluice::provider {

namespace {

// A comment behind a value begins with white space.
std::string_view without_comment(std::string_view value) {
  for (std::size_t i = 1; i < value.size(); ++i) {
    const bool mark = value[i] == '#' || value[i] == ';';
    if (mark && (value[i - 1] == ' ' || value[i - 1] == '\t')) return trim(value.substr(0, i));
  }
  return value;
}

class FileParser {
 public:
  FileParser(const std::string& file, AwsFile kind) : file_(file), kind_(kind) {}

  Status read_line(std::string_view line) {
    ++number_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool indented = line.starts_with(' ') || line.starts_with('\t');
    line = trim(line);
    if (line.empty() || line.starts_with('#') || line.starts_with(';')) return {};
    if (line.starts_with('[')) return begin_section(line);
    if (indented && any_setting_) return {};  // belongs to the setting before it: none that is needed here is nested
    return read_setting(line);
  }

  AwsProfiles take() { return std::move(profiles_); }

 private:
  Failure mistake(std::string_view expected) const {
    return fail(FaultKind::kInvalidConfig, fmt::format("{}:{}: expected {}.", file_, number_, expected));
  }

  Status begin_section(std::string_view line) {
    const auto close = line.find(']');
    if (close == std::string_view::npos) return mistake("a ']' at the end of the profile's name");
    auto name = trim(line.substr(1, close - 1));
    if (name.empty()) return mistake("the name of a profile between '[' and ']'");
    any_setting_ = false;
    section_ = &ignored_;
    if (kind_ == AwsFile::kConfig && name != "default") {
      if (!name.starts_with("profile ") && !name.starts_with("profile\t")) return {};
      name = trim(name.substr(8));
    }
    section_ = &profiles_[std::string(name)];
    return {};
  }

  Status read_setting(std::string_view line) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) return mistake("[profile] or name = value");
    if (!section_) return mistake("a [profile] before the first setting");
    const auto value = without_comment(trim(line.substr(equals + 1)));
    section_->insert_or_assign(lower(trim(line.substr(0, equals))), Secret(std::string(value)));
    any_setting_ = true;
    return {};
  }

  const std::string& file_;
  AwsFile kind_;
  std::size_t number_ = 0;
  AwsProfiles profiles_;
  AwsProfile ignored_;
  AwsProfile* section_ = nullptr;
  bool any_setting_ = false;
};

Result<AwsProfiles> load_file(const std::string& path, AwsFile kind) {
  std::error_code ignored;
  if (path.empty() || !std::filesystem::exists(path, ignored)) return AwsProfiles{};
  auto text = read_file(path);
  if (!text) return fail(FaultKind::kInvalidConfig, path + " cannot be read, or is larger than 1 MiB.");
  const Secret whole(std::move(*text));
  return parse_aws_file(whole.reveal(), path, kind);
}

std::string_view setting(const AwsProfile& profile, std::string_view name) {
  auto found = profile.find(name);
  return found == profile.end() ? std::string_view{} : found->second.reveal();
}

}  // namespace

Result<AwsProfiles> parse_aws_file(std::string_view text, const std::string& file, AwsFile kind) {
  FileParser parser(file, kind);
  for (auto line : split(text, '\n')) {
    if (auto read = parser.read_line(line); !read) return fail_from(read);
  }
  return parser.take();
}

AwsFiles AwsFiles::find(const Surroundings& surroundings) {
  const auto home = variable(surroundings, "HOME");
  auto path = [&](std::string_view name, std::string_view usual) {
    auto named = variable(surroundings, name);
    if (named.starts_with("~/") && !home.empty()) return home + named.substr(1);
    return named.empty() && !home.empty() ? home + std::string(usual) : named;
  };
  return {path("AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials"), path("AWS_CONFIG_FILE", "/.aws/config")};
}

std::string AwsFiles::names() const {
  if (credentials.empty() || config.empty()) return credentials + config;
  return credentials + " and " + config;
}

Result<std::optional<AwsProfile>> AwsFiles::load(const std::string& profile) const {
  auto keys = load_file(credentials, AwsFile::kCredentials);
  if (!keys) return fail_from(keys);
  auto settings = load_file(config, AwsFile::kConfig);
  if (!settings) return fail_from(settings);
  auto first = keys->find(profile);
  auto second = settings->find(profile);
  if (first == keys->end() && second == settings->end()) return std::nullopt;
  AwsProfile found = first == keys->end() ? AwsProfile{} : std::move(first->second);
  if (second != settings->end()) found.merge(second->second);
  return found;
}

Result<std::optional<Credentials>> AwsFiles::load_key(const std::string& profile) const {
  auto loaded = load(profile);
  if (!loaded) return fail_from(loaded);
  if (!*loaded) return std::nullopt;
  const AwsProfile& found = **loaded;
  const auto id = setting(found, "aws_access_key_id");
  const auto secret = setting(found, "aws_secret_access_key");
  for (std::string_view way : {"role_arn", "credential_process", "sso_session", "sso_account_id"}) {
    const bool other = way == "role_arn" || (id.empty() && secret.empty());
    if (!other || setting(found, way).empty()) continue;
    return fail(FaultKind::kInvalidConfig,
                fmt::format("The profile '{}' in {} gets its credentials by {}, which is not supported: it needs "
                            "aws_access_key_id and aws_secret_access_key.",
                            profile, names(), way));
  }
  if (id.empty() && secret.empty()) return std::nullopt;
  if (id.empty() || secret.empty() || !is_token(id)) {
    return fail(FaultKind::kInvalidConfig, fmt::format("The profile '{}' in {} has no usable {}.", profile, names(),
                                                       secret.empty() ? "aws_secret_access_key" : "aws_access_key_id"));
  }
  Credentials key;
  key.key_id = id;
  key.secret_key = Secret(std::string(secret));
  key.session_token = Secret(std::string(setting(found, "aws_session_token")));
  return key;
}

}  // namespace sluice::provider
