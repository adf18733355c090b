// The configuration file as values: what the YAML says, with every default filled in and every reference checked.
//
// load_config() reads YAML, replaces ${ENV} references, checks each key and value against the declared schema and the
// references between them. A mistake is a Problem with file, line, field, what was expected and the nearest valid name;
// all mistakes of a file are reported together, and a file with one changes nothing.
//
// Thread rule: plain values; functions are pure but for reading the file and the environment they are given.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/watch.h"
#include "base/clock.h"
#include "base/money.h"
#include "base/secret.h"
#include "provider/health/breaker.h"

namespace sluice::app {

struct Address {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
};

struct TimeoutConfig {
  Ms connect{5'000};
  Ms first_byte{60'000};
  Ms idle{60'000};
  Ms total{600'000};
};

// What a caller, a team … may send and use in any minute; 0: no limit.
struct RateConfig {
  std::uint64_t rpm = 0;
  std::uint64_t tpm = 0;
  std::uint32_t concurrency = 0;
  bool operator==(const RateConfig&) const = default;
};

// Money over a window of time.
struct BudgetConfig {
  std::optional<Money> usd;
  std::string window = "total";     // total | day | week | month, or a duration: the time just past
  std::string zone = "UTC";         // of days, weeks and months
  bool hard = true;                 // what there is no room for is refused; else it is only counted
  bool strict = false;              // answers are made as short as what is left can pay
  std::vector<std::string> alerts;  // percentages
  std::string unpriced;             // as Config::unpriced; empty: as there
};

// What one account may use.
struct AllowanceConfig {
  RateConfig limits;
  std::vector<BudgetConfig> budgets;
};

// How many requests at once, and how many may wait for room.
struct RoomConfig {
  std::uint32_t concurrency = 0;  // 0: any number; of an adaptive limit the most
  bool adaptive = false;          // the limit is found from how long answers take
  std::uint32_t queue = 100;
  Ms queue_timeout{5'000};
  std::uint64_t rpm = 0;  // requests and tokens in any minute; 0: any number
  std::uint64_t tpm = 0;

  bool is_limited() const { return concurrency > 0 || adaptive; }
};

// One of the several keys of a provider.
struct ProviderKeyConfig {
  Secret key;
  std::string name;   // by which logs and metrics tell it from others; empty: by its digest
  RateConfig limits;  // of its use
};

// Requests of our own that find out whether a provider or deployment answers.
struct ProbeConfig {
  Ms interval{0};  // 0: none are sent
  Ms timeout{5'000};
  std::string path;            // below the base URL: "/models"; empty: a minimal chat, of a deployment
  std::string method = "GET";  // "GET" | "HEAD"
  std::uint32_t failures = 3;  // in a row that open the breaker
  bool operator==(const ProbeConfig&) const = default;
};

struct ProviderConfig {
  std::string name;
  std::string type;                         // a known provider ("openai", "azure", "groq" …); default: the name
  std::string base_url;                     // empty: the known provider's
  Secret api_key;                           // empty: none is sent
  std::vector<ProviderKeyConfig> api_keys;  // several instead of one
  provider::BreakerPolicy key_breaker;      // of each of the several
  std::string dialect;                      // empty: the type's own choice
  std::string api_version;                  // azure
  std::string region;                       // AWS, Google: part of the address; else your own word
  std::string project;                      // Google Cloud
  std::string credentials_file;             // Google: a service account's JSON file
  std::string profile;                      // AWS: of the shared files
  std::string access_key_id;                // AWS: these three go before all other sources
  Secret secret_access_key;
  Secret session_token;
  std::string ca_file;  // trust these authorities instead of the system's
  Secret proxy;         // "http://user:password@host:port"; "none" ignores HTTP(S)_PROXY; empty follows them
  std::map<std::string, std::string> headers;  // sent with each request
  std::map<std::string, std::string> quirks;   // overrides of the known provider's: "stream_options": "false"
  std::map<std::string, std::string> betas;    // likewise: true, false or its own name, by globs
  ProbeConfig probe;
  RoomConfig limits;                  // over all its deployments
  std::vector<BudgetConfig> budgets;  // likewise
};

// In USD: of tokens for a million, of calls for each. What is not given has no price, but for two: tokens read from the
// cache are charged as input then, and reasoning as output.
struct PriceConfig {
  std::optional<Money> input, output;
  std::optional<Money> cache_read, cache_write_5m, cache_write_30m, cache_write_1h;
  std::optional<Money> reasoning, audio_input, audio_output;
  std::optional<Money> web_search, file_search, tool_call, request;
  bool operator==(const PriceConfig&) const = default;
};

// When a choice counts: all that is given has to hold.
struct WhenConfig {
  std::map<std::string, std::string> tags;     // globs by name
  std::map<std::string, std::string> headers;  // globs by name
  std::vector<std::string> teams;              // globs
  std::vector<std::string> needs;              // "vision"
  std::uint32_t min_tokens = 0;
  std::uint32_t max_tokens = 0;  // 0: any
  std::string stream;            // "true" | "false"; empty: both

  bool empty() const;
};

// A deployment, or a group of further ones.
struct DeploymentConfig {
  std::string model;  // "provider/model", checked; the provider part names a ProviderConfig; empty: a group
  std::uint32_t weight = 1;
  std::optional<std::uint32_t> percent;
  WhenConfig when;
  // of a deployment
  std::uint32_t max_output = 0;      // output tokens the model can make; 0: not known
  std::uint32_t context_window = 0;  // tokens of a prompt and its answer; 0: what the catalogue says
  PriceConfig price;                 // nothing given: what the catalogue says
  RoomConfig limits;
  std::vector<BudgetConfig> budgets;
  ProbeConfig probe;
  std::string region;                               // empty: the provider's
  std::map<std::string, std::string> capabilities;  // "vision": "false"
  // of a group
  std::vector<DeploymentConfig> deployments;
  std::string strategy;  // empty: priority
};

struct HedgeConfig {
  std::string after;                    // "p95", or a duration; empty: no hedging
  std::uint32_t max_extra_percent = 5;  // of the route's requests
  bool tools = false;                   // also requests whose model may act through tools
};

// Names of other models, by what a request to this one failed with.
struct FallbackConfig {
  std::vector<std::string> context_window;
  std::vector<std::string> content_policy;
  std::vector<std::string> any;
};

struct ModelConfig {
  std::string name;  // what clients ask for; may hold one '*' at its end
  std::vector<DeploymentConfig> deployments;
  std::string strategy = "priority";   // one of provider::kStrategyNames
  Ms sticky_for{600'000};              // how long a conversation that had to move stays where it went
  std::vector<std::string> residency;  // globs over regions; empty: any
  FallbackConfig fallbacks;
  std::vector<std::string> require_tags;  // names
  std::string untagged = "refuse";        // "refuse" | "mark"
  std::string drop = "report";            // "report" | "refuse"
  std::uint32_t retries = 2;              // further attempts on the same deployment
  std::uint32_t max_attempts = 6;         // over all deployments
  Ms backoff{250};                        // first wait; doubles, jittered
  Ms max_backoff{8'000};                  // also the longest Retry-After that is waited for
  TimeoutConfig timeout;
  std::map<std::string, std::string> on_failure;  // class of failure: remedy (provider/failure.h)
  HedgeConfig hedge;
  provider::BreakerPolicy breaker;
  bool continue_streams = false;  // a stream that breaks off is continued by another deployment
  RateConfig limits;              // of all its callers together
};

struct KeyConfig {
  std::string name;
  Secret key;
  std::string team;
  std::string user;
  AllowanceConfig allowance;
  std::string priority = "normal";     // high | normal | low: where requests wait for room
  std::string role = "member";         // on the administrator's side (exchange/caller.h)
  std::vector<std::string> models;     // globs over public names; empty: all
  std::vector<std::string> endpoints;  // operations: "chat"; empty: all
  std::vector<std::string> ip_ranges;  // networks it may ask from; empty: anywhere
  std::string expires_at;              // "2026-12-31T23:59:59Z"; empty: never
  std::map<std::string, std::string> tags;
};

struct TeamConfig {
  std::string name;
  std::uint32_t weight = 1;                    // its share where requests wait for room
  std::vector<std::string> models;             // globs over public names its keys may use; empty: all
  std::map<std::string, std::string> aliases;  // what its keys may ask for: a public name
  AllowanceConfig allowance;
};

struct UserConfig {
  std::string name;
  AllowanceConfig allowance;
};

// What requests with a tag may use: each value of it, and some values by name.
struct TagValueConfig {
  std::string name;
  AllowanceConfig allowance;
};
struct TagConfig {
  std::string name;
  AllowanceConfig each;
  std::vector<TagValueConfig> values;
};

struct Config {
  std::string file;  // empty: none was read
  Address listen;
  std::string tls_cert;  // PEM files; both or none
  std::string tls_key;
  Secret master_key;                      // empty: generated on first start
  std::uint32_t threads = 0;              // 0: one per core
  std::string log_level = "info";         // trace | debug | info | warn | error
  std::string log_format = "json";        // json | text
  bool metrics_open = false;              // metrics: { auth: none }
  std::vector<std::string> cors_origins;  // empty: no CORS; "*" any
  Ms cors_max_age{600'000};
  bool drills = false;  // drill: { enabled: true }
  // limits:
  std::uint64_t header_bytes = 64 << 10;
  std::uint32_t header_count = 200;
  std::uint64_t body_bytes = 64 << 20;
  std::uint32_t connections = 20'000;
  std::uint32_t in_flight = 0;  // requests being served at once; 0: as many as there are connections
  Ms header_timeout{10'000};
  Ms body_timeout{30'000};
  std::uint64_t body_rate = 240;  // bytes a second; 0: any
  Ms idle_timeout{75'000};
  Ms write_timeout{60'000};
  std::uint64_t event_bytes = 16 << 20;   // the largest single event of a provider's stream
  std::uint64_t answer_bytes = 64 << 20;  // the largest whole JSON answer of a provider
  std::uint32_t recent = 1'000;           // exchanges that ended and are still known
  Ms keep_alive{15'000};                  // a streaming client gets a comment after so much silence; 0: never
  Ms drain{30'000};                       // how long requests in flight may go on after SIGTERM
  // fetch:
  bool fetch_media = false;
  std::vector<std::string> fetch_hosts;          // globs; empty: all
  std::vector<std::string> fetch_allow_private;  // networks: "10.0.0.0/8"
  std::uint64_t fetch_bytes = 20 << 20;
  Ms fetch_timeout{10'000};
  // pool:
  std::uint32_t pool_connections = 1024;
  std::uint32_t pool_idle = 128;
  Ms pool_idle_timeout{60'000};
  // retry_budget:
  std::uint32_t retry_percent = 20;         // further tries at the same deployments, of all requests
  std::uint32_t retry_min_per_second = 10;  // so that little traffic may be retried too
  // ledger:
  std::string ledger_sync = "interval";        // write | interval | always (base/journal/writer.h)
  std::uint64_t ledger_spool = 4ULL << 30;     // of rows that wait on the disk for the store
  Ms ledger_retention{Ms(90LL * 86'400'000)};  // rows are kept so long; 0: for ever
  Ms ledger_patience{250};                     // an answer waits so long for its row to be written
  // prices:
  std::string prices_file;         // a catalogue that stands over ours; empty: none
  std::string unpriced = "block";  // block | estimate_high | allow_and_alert
  // alerts:
  Secret alerts_webhook;       // a URL; empty: none are sent
  Secret alerts_secret;        // what they are signed with; empty: they are not
  std::string alerts_ca_file;  // as a provider's
  Secret alerts_proxy;         // as a provider's
  Ms alerts_timeout{10'000};   // of each try
  Ms alerts_give_up{600'000};  // of all tries
  std::uint32_t alerts_queue = 1'000;
  // budgets and limits of all callers together, and of each session:
  AllowanceConfig organisation;
  AllowanceConfig sessions;

  std::vector<ProviderConfig> providers;  // in the file's order
  std::vector<ModelConfig> models;
  std::vector<TeamConfig> teams;
  std::vector<UserConfig> users;
  std::vector<TagConfig> tags;
  std::deque<KeyConfig> keys;  // there may be very many: they stay where they are

  std::vector<std::string> secrets;                        // names of the ${secret:NAME} it refers to
  std::multimap<std::string, std::string> secret_holders;  // of these: names of the keys that are told with them
  std::map<std::string, std::uint64_t> parts;              // of the file (config_parts.h)
};

struct Problem {
  std::string file;
  int line = 0;         // 1-based; 0: no line (a missing key, the environment)
  std::string field;    // "models.fast.timeout.connect"
  std::string message;  // "expected a duration such as 250ms, 2s or 10m, found '2 sec'"
};
std::string to_text(const Problem& problem);  // "sluice.yaml:12: models.fast.…: expected …"

using Environment = std::function<std::optional<std::string>(std::string_view name)>;
Environment process_environment();

// The text of a secret that was put into the gateway's store. Nothing: there is none; an error: what a problem about it
// says.
using SecretSource = std::function<std::expected<std::optional<Secret>, std::string>(const std::string& name)>;

struct Loaded {
  Config config;  // meaningful only when there are no problems
  std::vector<Problem> problems;
  FileWatches files;  // of its ${file:PATH}: they looked before they were read; also where there are problems
};

// Reads and checks a file. Never throws for its content. Without `secrets` there are none.
Loaded load_config(const std::string& file, const Environment& environment, const SecretSource& secrets = {});
// The same for text already read; `file` is used in messages.
Loaded parse_config(std::string_view yaml, const std::string& file, const Environment& environment,
                    const SecretSource& secrets = {});
// Without a file: every known provider whose usual variable is set (OPENAI_API_KEY …), no keys. Bare model names go to
// openai where it is there, or to the only provider.
Config config_from_environment(const Environment& environment);

// The JSON Schema (draft 2020-12) of the file, for editors; generated from the same tables that check it.
std::string json_schema();
// A commented example that passes the check, for `sluice init`; `file`: where it will be.
std::string example_config(std::string_view file = "sluice.yaml");

}  // namespace sluice::app
