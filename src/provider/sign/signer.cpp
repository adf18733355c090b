#include "provider/sign/signer.h"

#include <chrono>
#include <utility>

#include "base/text.h"
#include "json/fwd.h"
#include "provider/sign/crypto.h"
#include "provider/sign/sigv4.h"

namespace sluice::provider {

namespace {

void mask_credentials(std::string& text, const Renewed::Held& held) {
  if (!held) return;
  for (const Secret* secret : {&held->bearer, &held->secret_key, &held->session_token})
    mask_secret(text, secret->reveal());
}

void set_bearer(http::RequestHead& head, const Credentials& credentials) {
  const auto token = credentials.bearer.reveal();
  std::string value;
  value.reserve(token.size() + 7);
  value += "Bearer ";
  value += token;
  const Secret whole(std::move(value));
  head.headers.set("authorization", whole.reveal());
}

// A provider refused the credentials that the request was signed with: others may be there by now, or can be fetched.
Signer::Again renew(Renewed& credentials, const http::RequestHead& sent, WallTime now) {
  const auto held = credentials.held();
  const auto shown = sent.headers.get("authorization").value_or("");
  const bool others = !held || !shown.contains(held->bearer.empty() ? held->key_id : held->bearer.reveal());
  return others || credentials.distrust(now) ? Signer::Again::kSignAgain : Signer::Again::kNo;
}

class HeaderSigner final : public Signer {
 public:
  HeaderSigner(std::string name, std::string_view before_key, Secret key)
      : name_(std::move(name)), value_(std::string(before_key) + std::string(key.reveal())), key_(std::move(key)) {}

  void mask(std::string& text) const override { mask_secret(text, key_.reveal()); }

  Task<Status> sign(http::RequestHead& head, std::span<const std::string_view>, SignTools&) const override {
    head.headers.set(name_, value_.reveal());
    return Task<Status>::ready({});
  }

 private:
  std::string name_;
  Secret value_;
  Secret key_;
};

std::size_t size_of(std::span<const std::string_view> pieces) {
  std::size_t size = 0;
  for (auto piece : pieces) size += piece.size();
  return size;
}

class AwsSigner final : public Signer {
 public:
  AwsSigner(std::unique_ptr<Renewed> credentials, std::string host, std::string region, std::string service)
      : credentials_(std::move(credentials)),
        host_(std::move(host)),
        region_(std::move(region)),
        service_(std::move(service)) {}

  Again learn(const http::RequestHead& sent, const http::ResponseHead& answer, WallTime now) const override {
    skew_.learn(answer.headers, now);
    if (answer.status != 400 && answer.status != 401 && answer.status != 403) return Again::kNo;
    const auto date = parse_amz_date(sent.headers.get("x-amz-date").value_or(""));
    if (date && std::chrono::abs(skew_.corrected(now) - *date) > kAcceptedSkew) return Again::kSignAgain;
    const auto error = answer.headers.get("x-amzn-errortype").value_or("");
    const bool stale = error.contains("ExpiredToken") || error.contains("UnrecognizedClient");
    return stale ? renew(*credentials_, sent, now) : Again::kNo;
  }

  void mask(std::string& text) const override { mask_credentials(text, credentials_->held()); }

  Task<Status> sign(http::RequestHead& head, std::span<const std::string_view> body, SignTools& tools) const override {
    const auto held = credentials_->ready(tools.now);
    if (!held || (held->bearer.empty() && size_of(body) > json::kLoopLimit)) return sign_later(head, body, tools);
    if (!held->bearer.empty()) {
      set_bearer(head, *held);
    } else {
      add_signature(head, sha256_of(body), *held, tools.now);
    }
    return Task<Status>::ready({});
  }

 private:
  Task<Status> sign_later(http::RequestHead& head, std::span<const std::string_view> body, SignTools& tools) const {
    auto held = co_await credentials_->get(tools);
    if (!held) co_return fail_from(held);
    if (!(*held)->bearer.empty()) {
      set_bearer(head, **held);
      co_return Status{};
    }
    Sha256 hash{};
    if (size_of(body) > json::kLoopLimit) {
      co_await net::offload(tools.loop, tools.workers, [&] { hash = sha256_of(body); });
    } else {
      hash = sha256_of(body);
    }
    add_signature(head, hash, **held, tools.now);
    co_return Status{};
  }

  void add_signature(http::RequestHead& head, const Sha256& hash, const Credentials& key, WallTime now) const {
    sign_sigv4(head, hash, {.host = host_, .region = region_, .service = service_}, key, skew_.corrected(now));
  }

  std::unique_ptr<Renewed> credentials_;
  std::string host_;
  std::string region_;
  std::string service_;
  mutable ClockSkew skew_;
};

class GoogleSigner final : public Signer {
 public:
  explicit GoogleSigner(GoogleCredentials credentials)
      : token_(std::move(credentials.token)), quota_project_(std::move(credentials.quota_project)) {}

  Again learn(const http::RequestHead& sent, const http::ResponseHead& answer, WallTime now) const override {
    return answer.status == 401 ? renew(*token_, sent, now) : Again::kNo;
  }

  void mask(std::string& text) const override { mask_credentials(text, token_->held()); }

  Task<Status> sign(http::RequestHead& head, std::span<const std::string_view>, SignTools& tools) const override {
    const auto held = token_->ready(tools.now);
    if (!held) return sign_later(head, tools);
    add_token(head, *held);
    return Task<Status>::ready({});
  }

 private:
  Task<Status> sign_later(http::RequestHead& head, SignTools& tools) const {
    auto held = co_await token_->get(tools);
    if (!held) co_return fail_from(held);
    add_token(head, **held);
    co_return Status{};
  }

  void add_token(http::RequestHead& head, const Credentials& token) const {
    set_bearer(head, token);
    if (!quota_project_.empty()) head.headers.set("x-goog-user-project", quota_project_);
  }

  std::unique_ptr<Renewed> token_;
  std::string quota_project_;
};

}  // namespace

Signer::Again Signer::learn(const http::RequestHead&, const http::ResponseHead&, WallTime) const {
  return Again::kNo;
}

std::unique_ptr<const Signer> header_signer(std::string name, std::string_view before_key, Secret key) {
  return std::make_unique<const HeaderSigner>(std::move(name), before_key, std::move(key));
}

Result<std::unique_ptr<const Signer>> aws_signer(const AwsSettings& settings, const net::Origin& origin,
                                                 std::string service, const Surroundings& surroundings,
                                                 RenewRules rules) {
  auto region = find_aws_region(settings, surroundings);
  if (!region) return fail_from(region);
  auto credentials = find_aws_credentials(settings, surroundings, rules);
  if (!credentials) return fail_from(credentials);
  const auto held = (*credentials)->held();
  const bool bearer = held && !held->bearer.empty();
  if (region->empty() && !bearer) {
    return fail(FaultKind::kInvalidConfig, "AWS requests are signed for a region: set region, or AWS_REGION.");
  }
  return std::make_unique<const AwsSigner>(std::move(*credentials), host_field(origin), std::move(*region),
                                           std::move(service));
}

Result<std::unique_ptr<const Signer>> google_signer(const GoogleSettings& settings, const Surroundings& surroundings,
                                                    RenewRules rules) {
  auto credentials = find_google_credentials(settings, surroundings, rules);
  if (!credentials) return fail_from(credentials);
  return google_signer(std::move(*credentials));
}

std::unique_ptr<const Signer> google_signer(GoogleCredentials credentials) {
  return std::make_unique<const GoogleSigner>(std::move(credentials));
}

void mask_secret(std::string& text, std::string_view secret) {
  constexpr std::string_view kMask = "***";
  constexpr std::size_t kShortest = 8;
  if (secret.size() < kShortest) return;
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + kMask.size()))
    text.replace(at, secret.size(), kMask);
}

std::string host_field(const net::Origin& origin) {
  const bool usual_port = origin.port == (origin.tls ? 443 : 80);
  auto host = origin.host.contains(':') ? "[" + origin.host + "]" : origin.host;
  return usual_port ? host : host + ":" + std::to_string(origin.port);
}

}  // namespace sluice::provider
