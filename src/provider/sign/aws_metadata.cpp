#include "provider/sign/aws_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "provider/sign/ask.h"

namespace sluice::provider {

namespace {

constexpr std::string_view kWhat = "AWS credentials";
// A key without a written end is asked for again after it.
constexpr Ms kUnwrittenLife = std::chrono::minutes(15);

bool is_safe_in_clear(std::string_view host) {
  constexpr std::array<std::string_view, 5> kHosts{"localhost", "::1", "169.254.170.2", "169.254.170.23",
                                                   "fd00:ec2::23"};
  const bool loopback = host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
  return loopback || std::ranges::find(kHosts, host) != kHosts.end();
}

Result<Credentials> read_answer(const Asked& answer, std::string_view host, WallTime now) {
  if (answer.status != 200) return fail(refused(kWhat, host, answer));
  auto key = read_temporary_key(answer.body.reveal(), now);
  if (!key) return fail(not_understood(kWhat, host, "is not a JSON object with a key"));
  return std::move(*key);
}

class ContainerSource final : public CredentialSource {
 public:
  ContainerSource(net::Origin origin, std::string path, Secret token, std::string token_file)
      : origin_(std::move(origin)),
        path_(std::move(path)),
        token_(std::move(token)),
        token_file_(std::move(token_file)) {}

  Ms limit() const override { return kMetadataLimit; }

  Task<Result<Credentials>> fetch(SignTools& tools, Ms limit) const override {
    Secret token = token_;
    if (!token_file_.empty()) {
      auto text = co_await read_on_worker(tools, token_file_);
      if (!text) co_return fail(not_fetched(FaultKind::kInvalidConfig, kWhat, origin_.host, unreadable()));
      token = Secret(std::string(trim_lines(*text)));
    }
    http::RequestHead head{"GET", path_, {{"accept", "application/json"}}};
    if (!token.empty()) {
      const bool clean = std::ranges::all_of(token.reveal(), [](char c) { return c >= 0x20 && c < 0x7f; });
      if (!clean)
        co_return fail(not_fetched(FaultKind::kInvalidConfig, kWhat, origin_.host, "its token has two lines"));
      head.headers.add("authorization", token.reveal());
    }
    auto answer = co_await ask(tools, origin_, head, {}, limit, kWhat);
    if (!answer) co_return fail_from(answer);
    co_return read_answer(*answer, origin_.host, tools.now);
  }

 private:
  static std::string_view trim_lines(std::string_view text) {
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    return trim(text);
  }
  std::string unreadable() const {
    return fmt::format("{} (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE) cannot be read", token_file_);
  }

  net::Origin origin_;
  std::string path_;
  Secret token_;
  std::string token_file_;  // read for each fetch: it changes
};

class InstanceSource final : public CredentialSource {
 public:
  InstanceSource(net::Origin origin, std::string path) : origin_(std::move(origin)), path_(std::move(path)) {}

  // Three requests.
  Ms limit() const override { return kMetadataLimit; }

  Task<Result<Credentials>> fetch(SignTools& tools, Ms limit) const override {
    const auto until = now() + limit;
    auto left = [&] { return std::max(ms_until(until), Ms(1)); };
    http::RequestHead begin{"PUT", path_ + "/latest/api/token", {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}}};
    auto token = co_await get(tools, begin, left());
    if (!token) co_return fail_from(token);
    http::RequestHead head{"GET", path_ + "/latest/meta-data/iam/security-credentials/", {}};
    head.headers.add("x-aws-ec2-metadata-token", trim(token->body.reveal()));
    auto role = co_await get(tools, head, left());
    if (!role) co_return fail_from(role);
    auto name = role->body.reveal();
    name = trim(name.substr(0, name.find_first_of("\r\n")));
    if (!is_token(name)) co_return fail(not_understood(kWhat, origin_.host, "names no role of the instance"));
    head.target += http::percent_encode(name);
    auto answer = co_await ask(tools, origin_, head, {}, left(), kWhat);
    if (!answer) co_return fail_from(answer);
    co_return read_answer(*answer, origin_.host, tools.now);
  }

 private:
  // A 200 with something in it that may stand in a header field or path.
  Task<Result<Asked>> get(SignTools& tools, const http::RequestHead& head, Ms limit) const {
    auto answer = co_await ask(tools, origin_, head, {}, limit, kWhat);
    if (!answer) co_return answer;
    if (answer->status != 200) co_return fail(refused(kWhat, origin_.host, *answer));
    if (answer->body.empty()) co_return fail(not_understood(kWhat, origin_.host, "is empty"));
    co_return answer;
  }

  net::Origin origin_;
  std::string path_;
};

// "http://host:port/path" without TLS: never through a proxy.
net::Origin plain_origin(const http::Url& url) {
  net::Origin origin;
  origin.host = url.host;
  origin.port = url.port;
  return origin;
}

}  // namespace

std::optional<WallTime> parse_iso_time(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      !text.ends_with('Z')) {
    return std::nullopt;
  }
  const auto fraction = text.substr(19, text.size() - 20);
  if (!fraction.empty() && (fraction[0] != '.' || fraction.find_first_not_of("0123456789", 1) != std::string::npos))
    return std::nullopt;
  const auto year = to_number<int>(text.substr(0, 4));
  const auto month = to_number<unsigned>(text.substr(5, 2));
  const auto day = to_number<unsigned>(text.substr(8, 2));
  const auto hour = to_number<unsigned>(text.substr(11, 2));
  const auto minute = to_number<unsigned>(text.substr(14, 2));
  const auto second = to_number<unsigned>(text.substr(17, 2));
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month), std::chrono::day(*day)};
  // What the clock's nanoseconds can hold.
  if (!date.ok() || *year < 1970 || *year > 2200 || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

std::optional<Credentials> read_temporary_key(std::string_view json, WallTime now) {
  const auto members = Members::read(json);
  if (!members) return std::nullopt;
  const auto code = members->get("Code");
  const auto end = members->get("Expiration");
  if (!code.empty() && code != "Success") return std::nullopt;
  Credentials key;
  key.key_id = members->get("AccessKeyId");
  key.secret_key = Secret(std::string(members->get("SecretAccessKey")));
  key.session_token = Secret(std::string(members->get("Token")));
  key.ends = end.empty() ? now + kUnwrittenLife : parse_iso_time(end);
  const bool whole = is_token(key.key_id) && !key.secret_key.empty() && key.ends && *key.ends > now &&
                     (key.session_token.empty() || is_token(key.session_token.reveal()));
  if (!whole) return std::nullopt;
  return key;
}

Result<std::unique_ptr<const CredentialSource>> container_source(const Surroundings& surroundings) {
  constexpr std::string_view kRelative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
  constexpr std::string_view kFull = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
  const auto relative = variable(surroundings, kRelative);
  const auto full = variable(surroundings, kFull);
  if (relative.empty() && full.empty()) return nullptr;
  const auto name = relative.empty() ? kFull : kRelative;
  const auto url = http::parse_url(relative.empty() ? full : "http://169.254.170.2" + relative);
  if (!url || (!relative.empty() && !relative.starts_with('/')))
    return fail(FaultKind::kInvalidConfig, fmt::format("{} is no usable URI.", name));
  if (!url->tls && !is_safe_in_clear(url->host)) {
    return fail(FaultKind::kInvalidConfig,
                fmt::format("{} must be https: {} is neither this machine nor a metadata server.", name, url->host));
  }
  auto origin = url->tls ? surroundings.origin(*url) : Result<net::Origin>(plain_origin(*url));
  if (!origin) return fail_from(origin);
  return std::make_unique<const ContainerSource>(std::move(*origin), url->path.empty() ? "/" : url->path,
                                                 Secret(variable(surroundings, "AWS_CONTAINER_AUTHORIZATION_TOKEN")),
                                                 variable(surroundings, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"));
}

Result<std::unique_ptr<const CredentialSource>> instance_source(const Surroundings& surroundings) {
  if (iequals(variable(surroundings, "AWS_EC2_METADATA_DISABLED"), "true")) return nullptr;
  auto endpoint = variable(surroundings, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
  const bool ipv6 = iequals(variable(surroundings, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"), "ipv6");
  if (endpoint.empty()) endpoint = ipv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
  const auto url = http::parse_url(endpoint);
  if (!url) return fail(FaultKind::kInvalidConfig, "AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL.");
  auto origin = url->tls ? surroundings.origin(*url) : Result<net::Origin>(plain_origin(*url));
  if (!origin) return fail_from(origin);
  return std::make_unique<const InstanceSource>(std::move(*origin), url->path);
}

}  // namespace sluice::provider
