// check: allow file-sizes because it is tables of keys
#include "app/config_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <type_traits>

#include "admin/members.h"
#include "admin/terms.h"
#include "base/text.h"
#include "exchange/caller.h"
#include "provider/group.h"

namespace sluice::app {

namespace {

using Type = FieldType;

template <auto M>
struct Member;
template <class Struct, class T, T Struct::* M>
struct Member<M> {
  using Owner = Struct;
  using Value = T;
  static void* at(void* owner) { return &(static_cast<Owner*>(owner)->*M); }
};

void* same(void* owner) {
  return owner;
}

template <auto M, class Expected>
constexpr Field plain(std::string_view name, Type type, std::string_view about) {
  static_assert(std::is_same_v<typename Member<M>::Value, Expected>);
  return {.name = name, .type = type, .about = about, .at = Member<M>::at};
}

template <auto M>
constexpr Field text(std::string_view name, std::string_view about) {
  return plain<M, std::string>(name, Type::kText, about);
}
template <auto M>
constexpr Field secret(std::string_view name, std::string_view about) {
  return plain<M, Secret>(name, Type::kSecret, about);
}
template <auto M>
constexpr Field texts(std::string_view name, std::string_view about) {
  return plain<M, std::vector<std::string>>(name, Type::kTexts, about);
}
template <auto M>
constexpr Field text_map(std::string_view name, std::string_view about) {
  return plain<M, std::map<std::string, std::string>>(name, Type::kTextMap, about);
}

constexpr Field ranged(Field field, std::int64_t least, std::int64_t most) {
  field.least = least;
  field.most = most;
  return field;
}
template <auto M>
constexpr Field number(std::string_view name, std::int64_t least, std::int64_t most, std::string_view about) {
  return ranged(plain<M, std::uint32_t>(name, Type::kNumber, about), least, most);
}
template <auto M>
constexpr Field count(std::string_view name, std::int64_t most, std::string_view about) {
  return ranged(plain<M, std::uint64_t>(name, Type::kCount, about), 0, most);
}
template <auto M>
constexpr Field percent(std::string_view name, std::string_view about) {
  return ranged(plain<M, std::optional<std::uint32_t>>(name, Type::kPercent, about), 0, 100);
}
constexpr std::int64_t kDay = 24 * 3'600'000;
template <auto M>
constexpr Field duration(std::string_view name, std::string_view about, std::int64_t least = 1,
                         std::int64_t most = kDay) {
  return ranged(plain<M, Ms>(name, Type::kDuration, about), least, most);
}
constexpr std::int64_t kMost = std::int64_t{4} << 30;
template <auto M>
constexpr Field size(std::string_view name, std::int64_t least, std::string_view about, std::int64_t most = kMost) {
  return ranged(plain<M, std::uint64_t>(name, Type::kSize, about), least, most);
}

template <auto M>
constexpr Field money(std::string_view name, std::string_view about, std::int64_t most = 1'000'000) {
  return ranged(plain<M, std::optional<Money>>(name, Type::kMoney, about), 0, most);
}

constexpr Field chosen(Field field, std::span<const std::string_view> choices) {
  field.choices = choices;
  return field;
}
constexpr Field required(Field field) {
  field.required = true;
  return field;
}
constexpr Field section(std::string_view name, void* (*at)(void*), const Section& fields) {
  return {.name = name, .type = Type::kSection, .about = fields.about, .at = at, .section = &fields};
}

constexpr Field kTlsFields[] = {
    text<&Config::tls_cert>("cert", "PEM file with the certificate and its chain."),
    text<&Config::tls_key>("key", "PEM file with the certificate's private key."),
};
constexpr Section kTls{.about = "Serve HTTPS instead of HTTP.", .fields = kTlsFields};

constexpr std::string_view kLevels[] = {"trace", "debug", "info", "warn", "error"};
constexpr std::string_view kFormats[] = {"json", "text"};
constexpr Field kLogFields[] = {
    chosen(plain<&Config::log_level, std::string>("level", Type::kChoice, "The least level that is logged."), kLevels),
    chosen(plain<&Config::log_format, std::string>("format", Type::kChoice, "One JSON object or plain text a line."),
           kFormats),
};
constexpr Section kLog{.about = "What is logged, on standard error.", .fields = kLogFields};

constexpr std::string_view kMetricsAuth[] = {"key", "none"};
constexpr Field kMetricsFields[] = {
    chosen(plain<&Config::metrics_open, bool>("auth", Type::kSwitch,
                                              "key: the master key, or one that may see metrics (keys.md), is needed "
                                              "to read /metrics; none: it is open."),
           kMetricsAuth),
};
constexpr Section kMetrics{.about = "The metrics endpoint.", .fields = kMetricsFields};

constexpr Field kCorsFields[] = {
    plain<&Config::cors_origins, std::vector<std::string>>(
        "origins", Type::kOrigins,
        "Web origins that may call from a browser, as it says them: https://app.example.com; '*' is any. None: no "
        "CORS."),
    duration<&Config::cors_max_age>("max_age", "How long a browser may keep a preflight answer.", 0),
};
constexpr Section kCors{.about = "Calls from web pages of other origins.", .fields = kCorsFields};

constexpr std::int64_t kLargestHead = 16 << 20;  // what parses heads counts in 32 bits
constexpr Field kLimitFields[] = {
    size<&Config::header_bytes>("header_bytes", 1024, "Largest head of a request; at most 16MiB.", kLargestHead),
    number<&Config::header_count>("header_count", 10, 10'000, "Most header fields of a request."),
    size<&Config::body_bytes>("body", 1024, "Largest body of a request, also once decompressed."),
    number<&Config::connections>("connections", 1, 1'000'000,
                                 "Most client connections at once; each core takes its share of them."),
    number<&Config::in_flight>("in_flight", 0, 1'000'000, "Most requests being served at once; 0: any number."),
    duration<&Config::header_timeout>("header_timeout", "How long a client may take to send a request's head."),
    duration<&Config::body_timeout>("body_timeout", "How long a client may pause while it sends a body."),
    size<&Config::body_rate>("body_rate", 0,
                             "How many bytes of a body a client sends a second at least, on average, once body_timeout "
                             "has passed; 0: any number."),
    duration<&Config::idle_timeout>("idle_timeout", "How long a client connection may idle between requests."),
    duration<&Config::write_timeout>("write_timeout", "How long a client may take no bytes of its answer."),
    size<&Config::event_bytes>("event", 1024, "Largest single event of a provider's stream."),
    size<&Config::answer_bytes>("answer", 1024, "Largest whole answer of a provider, and largest body of an error."),
    number<&Config::recent>("recent", 0, 1'000'000,
                            "How many of the requests that ended last are kept in memory for sluice why."),
};
constexpr Section kLimits{.about = "Limits on clients' requests and providers' answers.", .fields = kLimitFields};

constexpr std::string_view kOffOn[] = {"off", "on"};
constexpr Field kFetchFields[] = {
    chosen(
        plain<&Config::fetch_media, bool>("media", Type::kSwitch,
                                          "on: images and PDFs by URL are fetched for providers that take only their "
                                          "bytes; off: such requests are refused."),
        kOffOn),
    plain<&Config::fetch_hosts, std::vector<std::string>>("hosts", Type::kHosts,
                                                          "Hosts to fetch from, with a port where it is not 80 or 443; "
                                                          "'*' stands for any text. None: every public host."),
    plain<&Config::fetch_allow_private, std::vector<std::string>>(
        "allow_private", Type::kNetworks,
        "Networks that are not public and may be fetched from all the same: 10.1.2.0/24."),
    size<&Config::fetch_bytes>("max_bytes", 1024, "Most bytes that are fetched for one request."),
    duration<&Config::fetch_timeout>("timeout", "How long all fetching for one request may take."),
};
constexpr Section kFetch{.about = "Images and PDFs that requests name by URL.", .fields = kFetchFields};

constexpr Field kPoolFields[] = {
    number<&Config::pool_connections>("connections", 1, 100'000, "Most connections to one provider, per core."),
    number<&Config::pool_idle>("idle", 0, 100'000, "Most idle connections kept to one provider, per core."),
    duration<&Config::pool_idle_timeout>("idle_timeout", "How long an idle connection is kept."),
};
constexpr Section kPool{.about = "Connections to providers.", .fields = kPoolFields};

constexpr Field kRetryBudgetFields[] = {
    number<&Config::retry_percent>("percent", 0, 100, "Further tries, as a share of the requests of ten seconds."),
    number<&Config::retry_min_per_second>("min_per_second", 0, 100'000,
                                          "Further tries a second that are always allowed."),
};
constexpr Section kRetryBudget{
    .about = "Bounds how often the same deployments are tried again, so that retries never become the outage.",
    .fields = kRetryBudgetFields};

constexpr std::string_view kNoYes[] = {"false", "true"};
constexpr Field kRateFields[] = {
    count<&RateConfig::rpm>("rpm", admin::kMostAMinute, "Requests in any minute; 0: any number."),
    count<&RateConfig::tpm>("tpm", admin::kMostAMinute,
                            "Tokens in any minute, by an estimate until it is known what was used; 0: any number."),
    number<&RateConfig::concurrency>("concurrency", 0, admin::kMostAtOnce,
                                     "Requests under way at once; 0: any number."),
};
constexpr Section kRates{.about = "What may be sent and used in any minute, and at once.", .fields = kRateFields};

constexpr std::string_view kYesNo[] = {"false", "true"};
constexpr std::string_view kUnpriced[] = {"block", "estimate_high", "allow_and_alert"};
constexpr Field kBudgetFields[] = {
    required(money<&BudgetConfig::usd>("usd", "US dollars, in quotes; at most 1000000000.", admin::kMostDollars)),
    text<&BudgetConfig::window>("window",
                                "total, day, week or month of the calendar, or a duration: the time just past."),
    text<&BudgetConfig::zone>("zone", "The time zone of days, weeks and months: Europe/Berlin."),
    chosen(plain<&BudgetConfig::hard, bool>("hard", Type::kSwitch,
                                            "true: what there is no room for is refused. false: it is only counted."),
           kYesNo),
    chosen(plain<&BudgetConfig::strict, bool>(
               "strict", Type::kSwitch,
               "true: where what is left cannot pay as long an answer as is asked for, a shorter one is asked for."),
           kYesNo),
    texts<&BudgetConfig::alerts>("alerts", "Percentages: each is told once a window, when so much is spent."),
    chosen(plain<&BudgetConfig::unpriced, std::string>(
               "unpriced", Type::kChoice,
               "What becomes of a request whose worst case is not known: of all budgets it would be charged to the "
               "strictest says it; left out: prices.unpriced."),
           kUnpriced),
};
constexpr Section kBudget{
    .about = "Money over a window of time, or several such.", .fields = kBudgetFields, .alone = true};

template <auto M>
void* add_budget(void* owner, std::string) {
  auto& budget = (static_cast<typename Member<M>::Owner*>(owner)->*M).emplace_back();
  return &budget;
}
template <auto M>
constexpr Field budgets() {
  return {.name = "budget",
          .type = Type::kList,
          .about = "What may be spent: one budget, or a list of them.",
          .add = add_budget<M>,
          .section = &kBudget};
}
constexpr Field kAllowanceFields[] = {
    section("limits", Member<&AllowanceConfig::limits>::at, kRates),
    budgets<&AllowanceConfig::budgets>(),
};

// The fields of an allowance within another struct.
template <auto M>
void* limits_in(void* owner) {
  return &static_cast<AllowanceConfig*>(Member<M>::at(owner))->limits;
}
template <auto M>
void* add_budget_in(void* owner, std::string name) {
  return add_budget<&AllowanceConfig::budgets>(Member<M>::at(owner), std::move(name));
}
template <auto M>
constexpr Field limits_of() {
  return section("limits", limits_in<M>, kRates);
}
template <auto M>
constexpr Field budgets_of() {
  auto field = budgets<&AllowanceConfig::budgets>();
  field.add = add_budget_in<M>;
  return field;
}

constexpr Field kRoomFields[] = {
    number<&RoomConfig::concurrency>("concurrency", 0, 1'000'000, "Most requests at once; 0: any number."),
    chosen(plain<&RoomConfig::adaptive, bool>("adaptive", Type::kSwitch,
                                              "true: the limit is found from how long answers take; concurrency is the "
                                              "most it may become."),
           kNoYes),
    number<&RoomConfig::queue>("queue", 0, 10'000, "Most requests that may wait for room."),
    duration<&RoomConfig::queue_timeout>("queue_timeout", "How long a request may wait for room."),
    count<&RoomConfig::rpm>("rpm", admin::kMostAMinute, "Tries in any minute; 0: any number."),
    count<&RoomConfig::tpm>("tpm", admin::kMostAMinute, "Tokens in any minute, by estimate at first; 0: any number."),
};
constexpr Section kRoom{.about = "How many requests at once, and how many may wait for room.", .fields = kRoomFields};

constexpr Field kBreakerFields[] = {
    number<&provider::BreakerPolicy::consecutive>("consecutive", 0, 10'000,
                                                  "Failures in a row that open it; 0: never by this."),
    number<&provider::BreakerPolicy::failure_percent>(
        "failure_percent", 0, 100, "Share of failures among the calls in the window that opens it; 0: never by this."),
    number<&provider::BreakerPolicy::slow_percent>(
        "slow_percent", 0, 100, "Share of slow calls in the window that opens it; 0: never by this."),
    duration<&provider::BreakerPolicy::slow_after>("slow_after", "To the first piece of an answer that is slow."),
    number<&provider::BreakerPolicy::least_calls>("least_calls", 1, 10'000,
                                                  "Calls in the window without which no share counts."),
    duration<&provider::BreakerPolicy::window>("window", "How far back shares look.", 1'000, 60'000),
    duration<&provider::BreakerPolicy::cool_down>(
        "cool_down", "How long nothing is sent once it opened; doubles with each probe that fails."),
    duration<&provider::BreakerPolicy::max_cool_down>("max_cool_down", "The longest that it grows to."),
    number<&provider::BreakerPolicy::probes>(
        "probes", 1, 15, "Requests let through at a time after the cool-down; as many must succeed."),
};
constexpr Section kBreaker{.about = "When what keeps failing is left alone, and for how long.",
                           .fields = kBreakerFields};

constexpr Field kProviderKeyFields[] = {
    required(secret<&ProviderKeyConfig::key>("key", "The key.")),
    text<&ProviderKeyConfig::name>("name", "By which metrics and sluice why tell it from others; else by its digest."),
    section("limits", Member<&ProviderKeyConfig::limits>::at, kRates),
};
constexpr Section kProviderKey{.about = "One key: alone, or a map.", .fields = kProviderKeyFields, .shorthand = "key"};
void* add_provider_key(void* owner, std::string) {
  auto& key = static_cast<ProviderConfig*>(owner)->api_keys.emplace_back();
  return &key;
}

constexpr std::string_view kProbeMethods[] = {"GET", "HEAD"};
constexpr Field kProbeFields[] = {
    duration<&ProbeConfig::interval>("interval", "How often one is sent, with jitter; 0: never.", 0),
    duration<&ProbeConfig::timeout>("timeout", "How long its answer may take."),
    text<&ProbeConfig::path>("path",
                             "What is asked for, below the base URL: /models. A deployment without it is sent a chat "
                             "of one word, which costs what a request costs."),
    chosen(plain<&ProbeConfig::method, std::string>("method", Type::kChoice, "With a path: how it is asked for."),
           kProbeMethods),
    number<&ProbeConfig::failures>("failures", 1, 1'000, "Failures in a row that open the breaker."),
};
constexpr Section kProbe{.about = "Requests of our own that find out whether it answers.", .fields = kProbeFields};

constexpr Field kProviderFields[] = {
    text<&ProviderConfig::type>("type",
                                "A known provider, such as openai or azure; the provider's name if not given. "
                                "Any OpenAI-compatible server is of type openai."),
    plain<&ProviderConfig::base_url, std::string>(
        "base_url", Type::kUrl, "Where its API is, version included; the known provider's own address if not given."),
    secret<&ProviderConfig::api_key>("api_key",
                                     "Its key. If neither this nor base_url is given, the provider's usual "
                                     "environment variable is used."),
    {.name = "api_keys",
     .type = Type::kList,
     .about = "Several keys instead of one, in turn: one that is refused, limited or failing rests while the others go "
              "on.",
     .add = add_provider_key,
     .section = &kProviderKey},
    section("key_breaker", Member<&ProviderConfig::key_breaker>::at, kBreaker),
    text<&ProviderConfig::dialect>("dialect",
                                   "The one API to speak with it, where its type has several: openai, responses …"),
    text<&ProviderConfig::api_version>("api_version", "The API version that Azure asks for."),
    text<&ProviderConfig::region>("region", "Where it is: us-east-1 for AWS, global for Vertex; else your own word."),
    text<&ProviderConfig::project>("project", "The Google Cloud project of Vertex."),
    text<&ProviderConfig::credentials_file>("credentials_file",
                                            "A service account's JSON file for Vertex; else "
                                            "GOOGLE_APPLICATION_CREDENTIALS, else the metadata server."),
    text<&ProviderConfig::profile>("profile", "The profile in the AWS files, where no keys are given."),
    text<&ProviderConfig::access_key_id>("access_key_id",
                                         "AWS keys for Bedrock; else the environment, the AWS files, or "
                                         "the container's or machine's role."),
    secret<&ProviderConfig::secret_access_key>("secret_access_key", "Goes with access_key_id."),
    secret<&ProviderConfig::session_token>("session_token", "Goes with temporary AWS keys."),
    text<&ProviderConfig::ca_file>("ca_file", "PEM file of authorities to trust instead of the system's."),
    plain<&ProviderConfig::proxy, Secret>("proxy", Type::kProxy,
                                          "http://[user:password@]host:port, or none to ignore HTTP_PROXY and "
                                          "HTTPS_PROXY, which are followed if not given."),
    text_map<&ProviderConfig::headers>("headers", "Header fields sent with each request."),
    text_map<&ProviderConfig::quirks>("quirks",
                                      "How it differs from the OpenAI API: true or false by name. translation.md "
                                      "says which there are."),
    text_map<&ProviderConfig::betas>("betas",
                                     "Betas of the Anthropic API that it takes, by name ('*' stands for any text): "
                                     "true, false, or what it calls them. Goes before what is known of it."),
    section("probe", Member<&ProviderConfig::probe>::at, kProbe),
    section("limits", Member<&ProviderConfig::limits>::at, kRoom),
    budgets<&ProviderConfig::budgets>(),
};
constexpr Section kProvider{.about = "One provider.", .fields = kProviderFields};

constexpr Field kTimeoutFields[] = {
    duration<&TimeoutConfig::connect>("connect", "To reach the provider: name, TCP, TLS."),
    duration<&TimeoutConfig::first_byte>("first_byte", "From the request to the first byte of the answer."),
    duration<&TimeoutConfig::idle>("idle", "Between two bytes of the answer."),
    duration<&TimeoutConfig::total>("total", "For the whole answer, all attempts together."),
};
constexpr Section kTimeout{.about = "How long each phase may take.", .fields = kTimeoutFields};

constexpr std::string_view kSwitchWords[] = {"false", "true"};
constexpr Field kHedgeFields[] = {
    text<&HedgeConfig::after>(
        "after",
        "When the answer is late: p50 to p99 of the times that the route's answers took lately, or a "
        "duration. Not given: no hedging."),
    number<&HedgeConfig::max_extra_percent>("max_extra_percent", 1, 100,
                                            "Most second requests, as a share of the route's requests."),
    chosen(
        plain<&HedgeConfig::tools, bool>("tools", Type::kSwitch, "Also of requests whose model may act through tools."),
        kSwitchWords),
};
constexpr Section kHedge{
    .about = "Asks a second deployment when the first one's answer is late; the first to begin answers.",
    .fields = kHedgeFields};

constexpr Field kPriceFields[] = {
    money<&PriceConfig::input>("input", "A million tokens of input."),
    money<&PriceConfig::output>("output", "A million tokens of output."),
    money<&PriceConfig::cache_read>("cache_read", "A million tokens read from the cache; as input if not given."),
    money<&PriceConfig::cache_write_5m>("cache_write_5m", "A million tokens written to the cache for five minutes."),
    money<&PriceConfig::cache_write_30m>("cache_write_30m", "The same for half an hour."),
    money<&PriceConfig::cache_write_1h>("cache_write_1h", "The same for an hour or longer."),
    money<&PriceConfig::reasoning>("reasoning", "A million tokens of reasoning; as output if not given."),
    money<&PriceConfig::audio_input>("audio_input", "A million tokens of audio in the input."),
    money<&PriceConfig::audio_output>("audio_output", "A million tokens of audio in the output."),
    money<&PriceConfig::web_search>("web_search", "One web search."),
    money<&PriceConfig::file_search>("file_search", "One search of files that the provider keeps."),
    money<&PriceConfig::tool_call>("tool_call",
                                   "One call of another tool at the provider that it charges: running code, drawing."),
    money<&PriceConfig::request>("request", "One request, whatever it holds."),
};
constexpr Section kPrice{.about = "What the deployment costs, in USD as text (\"0.15\"); else what the catalogue says.",
                         .fields = kPriceFields};

constexpr Field kWhenFields[] = {
    text_map<&WhenConfig::tags>("tags", "Tags of the request and what they must be; '*' stands for any text."),
    text_map<&WhenConfig::headers>("headers", "Header fields and what they must be; '*' stands for any text."),
    texts<&WhenConfig::teams>("teams", "The teams whose requests count; '*' stands for any text."),
    texts<&WhenConfig::needs>("needs",
                              "What the request needs, all of it: tools, vision, audio, pdf, structured_output, "
                              "reasoning."),
    number<&WhenConfig::min_tokens>("min_tokens", 0, 100'000'000, "Least length of the prompt, as estimated."),
    number<&WhenConfig::max_tokens>("max_tokens", 0, 100'000'000, "Most; 0: any length."),
    text<&WhenConfig::stream>("stream", "true: streamed answers only; false: whole ones only."),
};
constexpr Section kWhen{.about = "When it counts: all that is given has to hold. It goes before those that always do.",
                        .fields = kWhenFields};

constexpr Field strategy(Field field) {
  return chosen(field, provider::kStrategyNames);
}

void* add_inner_deployment(void* owner, std::string) {
  auto& deployment = static_cast<DeploymentConfig*>(owner)->deployments.emplace_back();
  return &deployment;
}

extern const Section kDeployment;
constexpr Field kDeploymentFields[] = {
    text<&DeploymentConfig::model>("model", "provider/model; the provider by its name under providers."),
    number<&DeploymentConfig::weight>("weight", 0, 1'000'000, "Its share; 0: none, only after all others."),
    percent<&DeploymentConfig::percent>("percent", "Share of all requests, before the strategy is asked for the rest."),
    section("when", Member<&DeploymentConfig::when>::at, kWhen),
    text<&DeploymentConfig::region>("region", "Where it is, if not where its provider is."),
    text_map<&DeploymentConfig::capabilities>(
        "capabilities", "What it cannot do: vision: false. Also tools, audio, pdf, structured_output, reasoning."),
    number<&DeploymentConfig::max_output>(
        "max_output", 0, 100'000'000,
        "Output tokens the model can make: asked for where a client sets no limit and "
        "the provider wants one."),
    number<&DeploymentConfig::context_window>(
        "context_window", 0, 100'000'000,
        "Tokens of a prompt and its answer; longer prompts go elsewhere first. 0: what the "
        "catalogue says."),
    section("price", Member<&DeploymentConfig::price>::at, kPrice),
    section("probe", Member<&DeploymentConfig::probe>::at, kProbe),
    section("limits", Member<&DeploymentConfig::limits>::at, kRoom),
    budgets<&DeploymentConfig::budgets>(),
    {.name = "deployments",
     .type = Type::kList,
     .about = "Makes it a group: what it chooses from, as above.",
     .add = add_inner_deployment,
     .section = &kDeployment},
    strategy(plain<&DeploymentConfig::strategy, std::string>("strategy", Type::kChoice,
                                                             "Of a group: as a model's; priority if not given.")),
};
constexpr Section kDeployment{.about = "Where requests go: provider/model, or a group of deployments.",
                              .fields = kDeploymentFields,
                              .shorthand = "model"};

void* add_deployment(void* owner, std::string) {
  auto& deployment = static_cast<ModelConfig*>(owner)->deployments.emplace_back();
  return &deployment;
}

constexpr Field kFallbackFields[] = {
    texts<&FallbackConfig::context_window>("context_window", "Where the prompt is too long for all deployments."),
    texts<&FallbackConfig::content_policy>("content_policy", "Where the prompt was refused."),
    texts<&FallbackConfig::any>("any", "After any other failure of all deployments."),
};
constexpr Section kFallbacks{.about = "Names of other models to go to when all deployments of this one have failed.",
                             .fields = kFallbackFields};

constexpr std::string_view kDrops[] = {"report", "refuse"};
constexpr std::string_view kUntagged[] = {"refuse", "mark"};
constexpr Field kModelFields[] = {
    {.name = "deployments",
     .type = Type::kList,
     .about = "Where requests go, in order of priority.",
     .add = add_deployment,
     .section = &kDeployment,
     .required = true},
    strategy(plain<&ModelConfig::strategy, std::string>(
        "strategy", Type::kChoice, "How one of the deployments is chosen; the others follow. routing.md says more.")),
    duration<&ModelConfig::sticky_for>("sticky_for",
                                       "With the strategy sticky: how long a conversation that had to move stays "
                                       "where it went.",
                                       1'000),
    texts<&ModelConfig::require_tags>("require_tags",
                                      "Tags that each request must have, by name; 'team' and 'user' may be the key's."),
    chosen(plain<&ModelConfig::untagged, std::string>(
               "untagged", Type::kChoice,
               "A request that lacks one is refused, or served and marked with the tag 'untagged'."),
           kUntagged),
    texts<&ModelConfig::residency>("residency",
                                   "Regions that requests never leave, not in fallbacks either; '*' stands for any "
                                   "text. None: any region."),
    section("fallbacks", Member<&ModelConfig::fallbacks>::at, kFallbacks),
    chosen(plain<&ModelConfig::drop, std::string>("drop", Type::kChoice,
                                                  "What becomes of fields that the provider's API has no place for: "
                                                  "listed in x-sluice-dropped, or the request is refused."),
           kDrops),
    number<&ModelConfig::retries>("retries", 0, 20, "Further attempts on the same deployment."),
    number<&ModelConfig::max_attempts>("max_attempts", 1, 100, "Most attempts over all deployments."),
    duration<&ModelConfig::backoff>("backoff", "Wait before the first retry; doubles, with jitter."),
    duration<&ModelConfig::max_backoff>("max_backoff", "Longest wait before a retry, also when a provider asks."),
    section("timeout", Member<&ModelConfig::timeout>::at, kTimeout),
    text_map<&ModelConfig::on_failure>("on_failure",
                                       "What follows a failure, by its class: next, retry, next_only or give_up. "
                                       "reliability.md says which classes there are."),
    section("hedge", Member<&ModelConfig::hedge>::at, kHedge),
    section("breaker", Member<&ModelConfig::breaker>::at, kBreaker),
    chosen(plain<&ModelConfig::continue_streams, bool>(
               "continue", Type::kSwitch,
               "A stream that breaks off in the middle of text is continued by the next deployment that can."),
           kSwitchWords),
    section("limits", Member<&ModelConfig::limits>::at, kRates),
};
constexpr Section kModel{.about = "A public model name; its deployments alone, or a map.",
                         .fields = kModelFields,
                         .shorthand = "deployments"};

constexpr std::string_view kSyncs[] = {"write", "interval", "always"};
constexpr Field kLedgerFields[] = {
    chosen(plain<&Config::ledger_sync, std::string>(
               "sync", Type::kChoice,
               "What an answer waits for: write: its row survives the end of this process; always: also that of the "
               "machine; interval: as write, and at most a second of rows is lost with the machine."),
           kSyncs),
    size<&Config::ledger_spool>("spool", 1 << 20, "Most bytes of rows that wait on the disk while the store is away."),
    duration<&Config::ledger_retention>(
        "retention", "How long rows are kept; 0s: for ever. Sums, which reports are made of, stay.", 0, 3650 * kDay),
    duration<&Config::ledger_patience>("patience",
                                       "How long an answer waits for its row to be written; a disk that takes longer "
                                       "holds nobody up then."),
};
constexpr Section kLedger{.about = "The record of all requests.", .fields = kLedgerFields};

constexpr Field kPricesFields[] = {
    text<&Config::prices_file>("file", "A file of models and their prices that stands over the built-in catalogue."),
    chosen(plain<&Config::unpriced, std::string>(
               "unpriced", Type::kChoice,
               "What becomes of a request under a budget whose worst case is not known: it is refused, counted at the "
               "dearest prices there are, or let through, counted and told."),
           kUnpriced),
};
constexpr Section kPrices{.about = "Where prices come from, beside the built-in catalogue.", .fields = kPricesFields};

constexpr Field kAlertsFields[] = {
    secret<&Config::alerts_webhook>("webhook", "Where alerts of budgets are posted: an http or https URL."),
    secret<&Config::alerts_secret>("secret",
                                   "What they are signed with; whsec_ and Base64 stand for the bytes coded so."),
    duration<&Config::alerts_timeout>("timeout", "How long a try may take.", 100),
    duration<&Config::alerts_give_up>("give_up", "How long an alert is tried again, from when it was due.", 100),
    number<&Config::alerts_queue>("queue", 1, 100'000, "How many may wait; further ones are dropped and counted."),
    text<&Config::alerts_ca_file>("ca_file", "PEM file of authorities to trust instead of the system's."),
    plain<&Config::alerts_proxy, Secret>(
        "proxy", Type::kProxy, "http://[user:password@]host:port, or none to ignore HTTP_PROXY and HTTPS_PROXY."),
};
constexpr Section kAlerts{.about = "Thresholds of budgets that were passed, told to a webhook.",
                          .fields = kAlertsFields};

constexpr Field kTeamFields[] = {
    number<&TeamConfig::weight>("weight", 1, 1'000,
                                "Its share, beside the other teams', where requests wait for room."),
    texts<&TeamConfig::models>("models", "Public model names its keys may use; '*' stands for any text. None: all."),
    text_map<&TeamConfig::aliases>("aliases", "Names its keys may ask for, and the public model name each stands for."),
    limits_of<&TeamConfig::allowance>(),
    budgets_of<&TeamConfig::allowance>(),
};
constexpr Section kTeam{.about = "A team.", .fields = kTeamFields};

constexpr Field kUserFields[] = {
    limits_of<&UserConfig::allowance>(),
    budgets_of<&UserConfig::allowance>(),
};
constexpr Section kUser{.about = "A user.", .fields = kUserFields};

constexpr Section kAllowance{.about = "What they may use together.", .fields = kAllowanceFields};
constexpr Section kEachAllowance{.about = "What each of them may use.", .fields = kAllowanceFields};
constexpr Field kTagValueFields[] = {
    limits_of<&TagValueConfig::allowance>(),
    budgets_of<&TagValueConfig::allowance>(),
};
constexpr Section kTagValue{.about = "What requests with this value may use together.", .fields = kTagValueFields};
void* add_tag_value(void* owner, std::string name) {
  auto& value = static_cast<TagConfig*>(owner)->values.emplace_back();
  value.name = std::move(name);
  return &value;
}
constexpr Field kTagFields[] = {
    section("each", Member<&TagConfig::each>::at, kEachAllowance),
    {.name = "values",
     .type = Type::kNamed,
     .about = "Values that differ from the others.",
     .add = add_tag_value,
     .section = &kTagValue},
};
constexpr Section kTag{.about = "Limits and budgets of requests by the values of a tag.", .fields = kTagFields};

constexpr std::string_view kPriorities[] = {"high", "normal", "low"};
constexpr Field kKeyFields[] = {
    required(text<&KeyConfig::name>("name", "Who it is, in logs and reports.")),
    required(secret<&KeyConfig::key>("key", "What the caller sends, at least 8 characters.")),
    text<&KeyConfig::team>("team", "The team it belongs to."),
    text<&KeyConfig::user>("user", "The user it belongs to."),
    limits_of<&KeyConfig::allowance>(),
    budgets_of<&KeyConfig::allowance>(),
    chosen(plain<&KeyConfig::priority, std::string>("priority", Type::kChoice,
                                                    "Who goes first where requests wait for room."),
           kPriorities),
    chosen(plain<&KeyConfig::role, std::string>("role", Type::kChoice,
                                                "What it may do on the administrator's side; keys.md has the table."),
           std::span<const std::string_view>(kRoleNames).first(5)),
    texts<&KeyConfig::models>("models", "Public model names it may use; '*' stands for any text. None: all."),
    texts<&KeyConfig::endpoints>("endpoints", "What it may be used for, such as chat or embeddings. None: everything."),
    plain<&KeyConfig::ip_ranges, std::vector<std::string>>(
        "ip_ranges", Type::kNetworks, "Networks it may be used from, such as 10.1.2.0/24. None: anywhere."),
    text<&KeyConfig::expires_at>("expires_at", "When it ends, such as 2026-12-31T23:59:59Z."),
    text_map<&KeyConfig::tags>("tags", "Tags given to each of its requests."),
};
constexpr Section kKey{.about = "A caller.", .fields = kKeyFields};

template <auto M>
void* add_item(void* owner, std::string name) {
  auto& item = (static_cast<Config*>(owner)->*M).emplace_back();
  item.name = std::move(name);
  return &item;
}

constexpr Field kDrillFields[] = {
    chosen(plain<&Config::drills, bool>("enabled", Type::kSwitch,
                                        "true: the master key may inject faults. For staging, never for production."),
           kSwitchWords),
};
constexpr Section kDrill{.about = "Faults injected on purpose, to see what applications notice.",
                         .fields = kDrillFields};

constexpr Field kConfigFields[] = {
    plain<&Config::listen, Address>("listen", Type::kAddress, "ADDRESS:PORT to serve on."),
    section("tls", same, kTls),
    secret<&Config::master_key>("master_key", "The key of the administrator; made on first start if not given."),
    number<&Config::threads>("threads", 0, 1024, "Threads that serve; 0: one per core."),
    section("log", same, kLog),
    section("metrics", same, kMetrics),
    section("cors", same, kCors),
    section("limits", same, kLimits),
    duration<&Config::keep_alive>("keep_alive",
                                  "A waiting streaming client gets a comment after so much silence; 0: "
                                  "never.",
                                  0),
    duration<&Config::drain>("drain", "How long requests in flight may go on after SIGTERM.", 0),
    section("fetch", same, kFetch),
    section("pool", same, kPool),
    section("retry_budget", same, kRetryBudget),
    section("ledger", same, kLedger),
    section("prices", same, kPrices),
    section("alerts", same, kAlerts),
    section("drill", same, kDrill),
    {.name = "providers",
     .type = Type::kNamed,
     .about = "Providers by name. Without this key: every known provider whose usual environment variable is set.",
     .add = add_item<&Config::providers>,
     .section = &kProvider},
    {.name = "models",
     .type = Type::kNamed,
     .about = "Public model names and where they go. A name may end in '*', and so must its deployments then. "
              "provider/model works without being listed.",
     .add = add_item<&Config::models>,
     .section = &kModel},
    {.name = "teams",
     .type = Type::kNamed,
     .about = "Teams by name, where one is to differ from the others, or has limits or a budget.",
     .add = add_item<&Config::teams>,
     .section = &kTeam},
    {.name = "users",
     .type = Type::kNamed,
     .about = "Users by name, where one has limits or a budget.",
     .add = add_item<&Config::users>,
     .section = &kUser},
    section("organisation", Member<&Config::organisation>::at, kAllowance),
    {.name = "tags",
     .type = Type::kNamed,
     .about = "Tags by name, where their values have limits or budgets.",
     .add = add_item<&Config::tags>,
     .section = &kTag},
    section("sessions", Member<&Config::sessions>::at, kEachAllowance),
    {.name = "keys",
     .type = Type::kList,
     .about = "Callers and their keys.",
     .add = add_item<&Config::keys>,
     .section = &kKey},
};
constexpr Section kConfig{.about = "The configuration of Sluice.", .fields = kConfigFields};

template <class T>
T& as(void* member) {
  return *static_cast<T*>(member);
}

}  // namespace

const Field* Section::find(std::string_view name) const {
  auto field = std::ranges::find(fields, name, &Field::name);
  return field == fields.end() ? nullptr : &*field;
}

const Section& config_section() {
  return kConfig;
}

std::string current_text(const Field& field, void* owner) {
  void* member = field.at == nullptr ? nullptr : field.at(owner);
  switch (field.type) {
    case Type::kText:
    case Type::kChoice:
    case Type::kUrl:
      return as<std::string>(member);
    case Type::kNumber:
      return std::to_string(as<std::uint32_t>(member));
    case Type::kCount:
      return std::to_string(as<std::uint64_t>(member));
    case Type::kDuration:
      return format_duration(as<Ms>(member).count());
    case Type::kSize:
      return format_size(as<std::uint64_t>(member));
    case Type::kMoney:
      return as<std::optional<Money>>(member) ? to_text(*as<std::optional<Money>>(member)) : std::string();
    case Type::kSwitch:
      return std::string(field.choices[as<bool>(member) ? 1 : 0]);
    case Type::kAddress:
      return fmt::format("{}:{}", as<Address>(member).host, as<Address>(member).port);
    default:
      return {};
  }
}

std::string range_text(const Field& field) {
  switch (field.type) {
    case Type::kDuration:
      return fmt::format("from {} to {}", format_duration(field.least), format_duration(field.most));
    case Type::kSize:
      return fmt::format("from {} to {}", format_size(static_cast<std::uint64_t>(field.least)),
                         format_size(static_cast<std::uint64_t>(field.most)));
    default:
      return fmt::format("from {} to {}", field.least, field.most);
  }
}

}  // namespace sluice::app
