#include "provider/sign/aws_identity.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "provider/sign/ask.h"

namespace sluice::provider {

namespace {

constexpr std::string_view kWhat = "AWS credentials";

class WebIdentitySource final : public CredentialSource {
 public:
  WebIdentitySource(net::Origin origin, std::string path, std::string token_file, std::string role, std::string session)
      : origin_(std::move(origin)),
        path_(std::move(path)),
        token_file_(std::move(token_file)),
        role_(std::move(role)),
        session_(std::move(session)) {}

  Ms limit() const override { return kTokenLimit; }

  Task<Result<Credentials>> fetch(SignTools& tools, Ms limit) const override {
    auto text = co_await read_on_worker(tools, token_file_);
    if (!text) {
      co_return fail(not_fetched(FaultKind::kInvalidConfig, kWhat, origin_.host,
                                 fmt::format("{} (AWS_WEB_IDENTITY_TOKEN_FILE) cannot be read", token_file_)));
    }
    const Secret token(std::move(*text));
    const Secret form(fmt::format(
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn={}&RoleSessionName={}&WebIdentityToken={}",
        http::percent_encode(role_), http::percent_encode(session_),
        http::percent_encode(trim(token.reveal().substr(0, token.reveal().find_first_of("\r\n"))))));
    const http::RequestHead head{
        "POST", path_, {{"content-type", "application/x-www-form-urlencoded"}, {"accept", "application/json"}}};
    auto answer = co_await ask(tools, origin_, head, form.reveal(), limit, kWhat);
    if (!answer) co_return fail_from(answer);
    if (answer->status != 200) co_return fail(refused(kWhat, origin_.host, *answer));
    auto key = read_assumed_role(answer->body.reveal(), tools.now);
    if (!key) co_return fail(not_understood(kWhat, origin_.host, "is not a JSON object with a key"));
    co_return std::move(*key);
  }

 private:
  net::Origin origin_;
  std::string path_;
  std::string token_file_;  // read for each fetch: it changes
  std::string role_;
  std::string session_;
};

}  // namespace

std::optional<Credentials> read_assumed_role(std::string_view json, WallTime now) {
  const auto members = Members::read(json);
  if (!members) return std::nullopt;
  const auto seconds = to_number<double>(members->get("Expiration"));
  Credentials key;
  key.key_id = members->get("AccessKeyId");
  key.secret_key = Secret(std::string(members->get("SecretAccessKey")));
  key.session_token = Secret(std::string(members->get("SessionToken")));
  constexpr double kYear2200 = 7'258'118'400;  // what the clock's nanoseconds can hold
  if (!seconds || !(*seconds > 0 && *seconds < kYear2200)) return std::nullopt;
  key.ends = WallTime(std::chrono::seconds(static_cast<std::int64_t>(*seconds)));
  const bool whole =
      is_token(key.key_id) && !key.secret_key.empty() && is_token(key.session_token.reveal()) && *key.ends > now;
  if (!whole) return std::nullopt;
  return key;
}

Result<std::unique_ptr<const CredentialSource>> web_identity_source(const Surroundings& surroundings,
                                                                    std::string_view region) {
  auto token_file = variable(surroundings, "AWS_WEB_IDENTITY_TOKEN_FILE");
  if (token_file.empty()) return nullptr;
  auto role = variable(surroundings, "AWS_ROLE_ARN");
  if (role.empty())
    return fail(FaultKind::kInvalidConfig, "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not.");
  auto endpoint = variable(surroundings, "AWS_ENDPOINT_URL_STS");
  if (endpoint.empty() && region.empty()) {
    return fail(FaultKind::kInvalidConfig, "The role of AWS_ROLE_ARN needs a region: set region or AWS_REGION.");
  }
  if (endpoint.empty()) {
    endpoint = fmt::format("https://sts.{}.amazonaws.com{}", region, region.starts_with("cn-") ? ".cn" : "");
  }
  const auto url = http::parse_url(endpoint);
  if (!url) return fail(FaultKind::kInvalidConfig, "The address of AWS STS is no URL (AWS_ENDPOINT_URL_STS, region).");
  auto origin = surroundings.origin(*url);
  if (!origin) return fail_from(origin);
  auto session = variable(surroundings, "AWS_ROLE_SESSION_NAME");
  return std::make_unique<const WebIdentitySource>(std::move(*origin), url->path + "/", std::move(token_file),
                                                   std::move(role), session.empty() ? "sluice" : std::move(session));
}

}  // namespace sluice::provider
