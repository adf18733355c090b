#include "provider/sign/google_token.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/base64.h"
#include "base/text.h"
#include "json/reader.h"
#include "json/writer.h"
#include "provider/sign/ask.h"
#include "provider/sign/crypto.h"

namespace sluice::provider {

namespace {

constexpr std::string_view kWhat = "A Google access token";
constexpr std::string_view kScope = "https://www.googleapis.com/auth/cloud-platform";
constexpr std::string_view kTokenUri = "https://oauth2.googleapis.com/token";
constexpr std::chrono::seconds kAssertionLife{3600};  // the longest that Google accepts
constexpr std::chrono::seconds kUnwrittenLife{300};   // of a token whose answer does not say
constexpr std::int64_t kLongestLife = 86'400;

Result<Credentials> read_answer(const Asked& answer, std::string_view host, WallTime now) {
  if (answer.status != 200) return fail(refused(kWhat, host, answer));
  auto token = read_token_answer(answer.body.reveal(), now);
  if (!token) return fail(not_understood(kWhat, host, "is not a JSON object with an access_token"));
  return std::move(*token);
}

struct TokenEnd {
  net::Origin origin;
  std::string path;
  std::string uri;  // as the file has it
};

Task<Result<Credentials>> post_grant(SignTools& tools, const TokenEnd& end, Secret form, Ms limit) {
  const http::RequestHead head{
      "POST", end.path, {{"content-type", "application/x-www-form-urlencoded"}, {"accept", "application/json"}}};
  auto answer = co_await ask(tools, end.origin, head, form.reveal(), limit, kWhat);
  if (!answer) co_return fail_from(answer);
  co_return read_answer(*answer, end.origin.host, tools.now);
}

class ServiceAccount final : public CredentialSource {
 public:
  ServiceAccount(TokenEnd end, std::string email, std::string key_id, std::unique_ptr<const RsaKey> key)
      : end_(std::move(end)), email_(std::move(email)), key_id_(std::move(key_id)), key_(std::move(key)) {}

  Ms limit() const override { return kTokenLimit; }

  Task<Result<Credentials>> fetch(SignTools& tools, Ms limit) const override {
    const auto text = assertion(tools.now);
    std::string signature;
    co_await net::offload(tools.loop, tools.workers, [&] { signature = base64url(key_->sign(text)); });
    Secret form(fmt::format("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={}.{}", text,
                            signature));
    co_return co_await post_grant(tools, end_, std::move(form), limit);
  }

 private:
  // The JWT but for its signature.
  std::string assertion(WallTime now) const {
    const auto issued = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
    std::string head;
    json::Writer head_json(head);
    head_json.begin_object().key("alg").text("RS256").key("typ").text("JWT");
    if (!key_id_.empty()) head_json.key("kid").text(key_id_);
    head_json.end_object();
    std::string claims;
    json::Writer(claims)
        .begin_object()
        .key("iss")
        .text(email_)
        .key("scope")
        .text(kScope)
        .key("aud")
        .text(end_.uri)
        .key("iat")
        .number(std::int64_t(issued.count()))
        .key("exp")
        .number(std::int64_t((issued + kAssertionLife).count()))
        .end_object();
    return base64url(head) + "." + base64url(claims);
  }

  TokenEnd end_;
  std::string email_;
  std::string key_id_;
  std::unique_ptr<const RsaKey> key_;
};

class AuthorizedUser final : public CredentialSource {
 public:
  AuthorizedUser(TokenEnd end, std::string client_id, Secret client_secret, Secret refresh_token)
      : end_(std::move(end)),
        client_id_(std::move(client_id)),
        client_secret_(std::move(client_secret)),
        refresh_token_(std::move(refresh_token)) {}

  Ms limit() const override { return kTokenLimit; }

  Task<Result<Credentials>> fetch(SignTools& tools, Ms limit) const override {
    Secret form(fmt::format("grant_type=refresh_token&client_id={}&client_secret={}&refresh_token={}",
                            http::percent_encode(client_id_), http::percent_encode(client_secret_.reveal()),
                            http::percent_encode(refresh_token_.reveal())));
    co_return co_await post_grant(tools, end_, std::move(form), limit);
  }

 private:
  TokenEnd end_;
  std::string client_id_;
  Secret client_secret_;
  Secret refresh_token_;
};

class MetadataServer final : public CredentialSource {
 public:
  explicit MetadataServer(net::Origin origin) : origin_(std::move(origin)) {}

  Ms limit() const override { return kMetadataLimit; }

  Task<Result<Credentials>> fetch(SignTools& tools, Ms limit) const override {
    const http::RequestHead head{
        "GET", "/computeMetadata/v1/instance/service-accounts/default/token", {{"metadata-flavor", "Google"}}};
    auto answer = co_await ask(tools, origin_, head, {}, limit, kWhat);
    if (!answer) co_return fail_from(answer);
    co_return read_answer(*answer, origin_.host, tools.now);
  }

 private:
  net::Origin origin_;
};

// The members of a credentials file, with messages that name it.
class File {
 public:
  File(const Members& members, const std::string& name) : members_(members), name_(name) {}

  Failure mistake(std::string_view member, std::string_view what) const {
    return fail(FaultKind::kInvalidConfig, fmt::format("{}: {}: {}.", name_, member, what));
  }
  Result<std::string> need(std::string_view member) const {
    auto value = members_.get(member);
    if (value.empty()) return mistake(member, "a text is expected");
    return std::string(value);
  }
  Result<TokenEnd> token_end(const Surroundings& surroundings) const {
    auto uri = members_.get("token_uri");
    if (uri.empty()) uri = kTokenUri;
    auto url = http::parse_url(uri);
    if (!url) return mistake("token_uri", "an absolute URL is expected");
    auto origin = surroundings.origin(*url);
    if (!origin) return fail_from(origin);
    return TokenEnd{std::move(*origin), url->path.empty() ? "/" : url->path, std::string(uri)};
  }

 private:
  const Members& members_;
  const std::string& name_;
};

Result<std::unique_ptr<const CredentialSource>> service_account(const Members& members, const File& file,
                                                                TokenEnd end) {
  auto email = file.need("client_email");
  if (!email) return fail_from(email);
  auto pem = file.need("private_key");
  if (!pem) return fail_from(pem);
  const Secret whole(std::move(*pem));
  auto key = RsaKey::from_pem(whole.reveal());
  if (!key) return file.mistake("private_key", "an RSA key in PEM form is expected");
  return std::make_unique<const ServiceAccount>(std::move(end), std::move(*email),
                                                std::string(members.get("private_key_id")), std::move(key));
}

Result<std::unique_ptr<const CredentialSource>> authorized_user(const File& file, TokenEnd end) {
  auto client_id = file.need("client_id");
  if (!client_id) return fail_from(client_id);
  auto client_secret = file.need("client_secret");
  if (!client_secret) return fail_from(client_secret);
  auto refresh_token = file.need("refresh_token");
  if (!refresh_token) return fail_from(refresh_token);
  return std::make_unique<const AuthorizedUser>(std::move(end), std::move(*client_id),
                                                Secret(std::move(*client_secret)), Secret(std::move(*refresh_token)));
}

Result<GoogleCredentials> load_google_file(const std::string& path, const Surroundings& surroundings,
                                           RenewRules rules) {
  auto text = read_file(path);
  if (!text) return fail(FaultKind::kInvalidConfig, path + " cannot be read, or is larger than 1 MiB.");
  const Secret whole(std::move(*text));
  return read_google_file(whole.reveal(), path, surroundings, rules);
}

// Where gcloud leaves what a user logged in with; empty when there is none.
std::string gcloud_file(const Surroundings& surroundings) {
  auto folder = variable(surroundings, "CLOUDSDK_CONFIG");
  const auto home = variable(surroundings, "HOME");
  if (folder.empty() && !home.empty()) folder = home + "/.config/gcloud";
  if (folder.empty()) return {};
  auto path = folder + "/application_default_credentials.json";
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? path : std::string{};
}

Result<GoogleCredentials> of_metadata(const Surroundings& surroundings, RenewRules rules) {
  auto host = variable(surroundings, "GCE_METADATA_HOST");
  if (host.empty()) host = "metadata.google.internal";
  const auto url = http::parse_url("http://" + host);
  if (!url || !url->path.empty()) return fail(FaultKind::kInvalidConfig, "GCE_METADATA_HOST is no host or host:port.");
  net::Origin origin;  // never through a proxy
  origin.host = url->host;
  origin.port = url->port;
  return GoogleCredentials{
      std::make_unique<Renewed>(std::make_unique<const MetadataServer>(std::move(origin)), rules), {}, {}};
}

}  // namespace

std::optional<Credentials> read_token_answer(std::string_view json, WallTime now) {
  const auto members = Members::read(json);
  if (!members) return std::nullopt;
  const auto written = members->get("expires_in");
  const auto life = written.empty() ? kUnwrittenLife.count() : to_number<std::int64_t>(written).value_or(0);
  Credentials token;
  token.bearer = Secret(std::string(members->get("access_token")));
  // Tokens are padded with dots by some; they may be anything that a header field holds.
  if (!is_token(token.bearer.reveal()) || life <= 0) return std::nullopt;
  token.ends = now + std::chrono::seconds(std::min(life, kLongestLife));
  return token;
}

Result<GoogleCredentials> read_google_file(std::string_view text, const std::string& file,
                                           const Surroundings& surroundings, RenewRules rules) {
  const auto members = Members::read(text);
  if (!members) {
    const auto& [offset, why] = members.error();
    return fail(FaultKind::kInvalidConfig,
                fmt::format("{}:{}: this is not JSON: {}.", file, json::line_of(text, offset), why));
  }
  const File named(*members, file);
  const auto type = members->get("type");
  if (type != "service_account" && type != "authorized_user") {
    return named.mistake("type", "service_account or authorized_user is expected" +
                                     (type.empty() ? "" : ", found '" + printable(type, 40) + "'"));
  }
  auto end = named.token_end(surroundings);
  if (!end) return fail_from(end);
  auto source = type == "service_account" ? service_account(*members, named, std::move(*end))
                                          : authorized_user(named, std::move(*end));
  if (!source) return fail_from(source);
  const bool user = type == "authorized_user";
  return GoogleCredentials{std::make_unique<Renewed>(std::move(*source), rules),
                           std::string(members->get("project_id")),
                           std::string(user ? members->get("quota_project_id") : std::string_view{})};
}

Result<GoogleCredentials> find_google_credentials(const GoogleSettings& settings, const Surroundings& surroundings,
                                                  RenewRules rules) {
  if (!settings.access_token.empty()) {
    if (!is_token(settings.access_token.reveal()))
      return fail(FaultKind::kInvalidConfig, "The provider's api_key cannot stand in a header.");
    Credentials fixed;
    fixed.bearer = settings.access_token;
    return GoogleCredentials{std::make_unique<Renewed>(std::move(fixed)), {}, {}};
  }
  auto path = settings.credentials_file;
  if (path.empty()) path = variable(surroundings, "GOOGLE_APPLICATION_CREDENTIALS");
  if (path.empty()) path = gcloud_file(surroundings);
  if (path.empty()) return of_metadata(surroundings, rules);
  return load_google_file(path, surroundings, rules);
}

}  // namespace sluice::provider
