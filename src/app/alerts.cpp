#include "app/alerts.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/proxy.h"
#include "app/snapshot.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/text.h"
#include "base/thread.h"
#include "base/time_text.h"
#include "http/url.h"
#include "net/loop.h"

namespace sluice::app {

namespace {

constexpr Ms kFirstPause{500}, kLongestPause{30'000};
constexpr Ms kLastWait{2'000};
constexpr std::size_t kMostOfAnswer = 64 << 10;  // what is read of it, so that its connection can be used again

void write(log::Level level, std::string_view message, const AlertSubject& about, std::string_view why) {
  log::write(level, message,
             {{"scope", name(about.scope)},
              {"account", about.account},
              {"window", about.window},
              {"percent", std::int64_t{about.percent}},
              {"model", about.model},
              {"reason", why}});
}

}  // namespace

Result<std::shared_ptr<const Webhook>> webhook_of(const Config& config, const Environment& environment,
                                                  ClientTlsCache& client_tls) {
  if (config.alerts_webhook.empty()) return nullptr;
  auto webhook = std::make_shared<Webhook>();
  auto link = http::parse_link(config.alerts_webhook.reveal());
  if (!link) return fail(FaultKind::kInvalidConfig, fmt::format("alerts.webhook {}.", link.error()));
  webhook->origin.host = link->host;
  webhook->origin.port = link->port;
  webhook->target = link->target;
  // A file that is named is looked at, be it needed or not.
  if (link->tls || !config.alerts_ca_file.empty()) {
    auto tls = client_tls.get(config.alerts_ca_file);
    if (!tls) return fail_from(tls);
    if (link->tls) webhook->origin.tls = std::move(*tls);
  }
  if (auto proxied = set_proxy(webhook->origin, config.alerts_proxy, environment); !proxied) return fail_from(proxied);
  if (auto key = webhook_key(config.alerts_secret)) webhook->key = std::move(*key);  // it was checked
  webhook->timeout = config.alerts_timeout;
  webhook->give_up = config.alerts_give_up;
  webhook->queue = config.alerts_queue;
  return webhook;
}

struct Alerts::Post {
  net::Loop loop;
  Workers workers{1};
  Workers resolvers{1, Workers::AtEnd::kDrop};
  net::Client client{loop, resolvers, {.connections_per_origin = 1, .idle_per_origin = 1}};
  TaskGroup tasks;
  Cancel pauses;  // at the end
  Cancel tries;   // a little later
  net::Timer last{loop, [this] { tries.cancel({.kind = FaultKind::kShuttingDown, .told = "The gateway ends."}); }};
  bool ending = false;
};

Alerts::Alerts(Metrics& metrics, store::Directory& told)
    : told_(told),
      results_(metrics.counter("sluice_alerts", "Alerts for the webhook, by what became of them.", {"result"})),
      sent_(results_.find({"sent"})),
      failed_(results_.find({"failed"})),
      dropped_(results_.find({"dropped"})) {}

Alerts::~Alerts() {
  if (!thread_.joinable()) return;
  post_->loop.post([this] {
    post_->ending = true;
    post_->pauses.cancel({.kind = FaultKind::kShuttingDown, .told = "The gateway ends."});
    post_->last.arm(kLastWait);
    std::lock_guard lock(mutex_);
    if (!working_) end();
  });
  thread_.join();
}

// What closing has queued runs before the loop stops.
void Alerts::end() {
  post_->last.disarm();
  post_->client.close_idle();
  post_->loop.post([this] { post_->loop.post([this] { post_->loop.stop(); }); });
}

void Alerts::use(std::shared_ptr<const Webhook> webhook) {
  if (webhook && !post_) {
    post_ = std::make_unique<Post>();
    thread_ = named_thread("alerts", [this] { post_->loop.run(); });
  }
  std::lock_guard lock(mutex_);
  webhook_ = std::move(webhook);
}

void Alerts::tell(const quota::Alert& alert) {
  const auto& [budget, period, percent, spent] = alert.passing;
  tell({.body = alert_body(alert, wall_us()),
        .place = place_of(alert),
        .about = {.scope = alert.scope, .account = alert.name, .window = to_text(budget.window), .percent = percent},
        .until = {},
        .webhook = nullptr});
}

void Alerts::tell(const quota::UnpricedUse& use) {
  tell({.body = alert_body(use, wall_us()),
        .place = place_of(use, wall_us()),
        .about = {.scope = use.scope, .account = use.name, .model = use.model},
        .until = {},
        .webhook = nullptr});
}

void Alerts::tell(Waiting waiting) {
  std::lock_guard lock(mutex_);
  if (!webhook_) return;
  if (waiting_.size() >= webhook_->queue) {
    dropped_.add();
    return write(log::Level::kError, "alert not sent", waiting.about, "too many wait before it");
  }
  waiting.until = now() + webhook_->give_up;
  waiting.webhook = webhook_;
  waiting_.push_back(std::move(waiting));
  if (std::exchange(working_, true)) return;
  post_->loop.post([this] { spawn(work(), post_->tasks); });
}

std::optional<Alerts::Waiting> Alerts::next() {
  std::lock_guard lock(mutex_);
  if (waiting_.empty()) {
    working_ = false;
    return std::nullopt;
  }
  std::optional<Waiting> first(std::move(waiting_.front()));
  waiting_.pop_front();
  return first;
}

Task<void> Alerts::work() {
  while (auto waiting = next()) co_await deliver(std::move(*waiting));
  if (post_->ending) end();
}

// The time counts from when it was told: what waits behind a dead webhook does not wait once more.
Task<void> Alerts::deliver(Waiting waiting) {
  if (co_await is_told(waiting)) co_return;
  const auto id = "msg_" + random_token(16);  // the same in each try: receivers know what they have
  Ms pause = kFirstPause;
  std::string why = "no time was left";
  while (now() < waiting.until) {
    auto tried = co_await try_once(*waiting.webhook, id, waiting.body, ms_until(waiting.until));
    if (tried.outcome == Outcome::kTaken) {
      sent_.add();
      co_await note_told(waiting);
      co_return;
    }
    why = std::move(tried.why);
    if (tried.outcome == Outcome::kRefused || now() + pause >= waiting.until) break;
    if (!co_await net::sleep(post_->loop, pause, post_->pauses)) break;
    pause = std::min(2 * pause, kLongestPause);
  }
  failed_.add();
  write(log::Level::kError, "alert not sent", waiting.about, why);
}

Task<Alerts::Tried> Alerts::try_once(const Webhook& webhook, std::string_view id, std::string_view body, Ms left) {
  const auto limit = std::min(webhook.timeout, left);
  Cancel cancel;
  Cancel::Hook ends(post_->tries, [&] { cancel.cancel(post_->tries.reason()); });
  net::Timer timer(post_->loop, [&] {
    cancel.cancel({.kind = FaultKind::kProviderTimeout, .told = "There was no whole answer in time."});
  });
  timer.arm(limit);
  if (post_->tries.cancelled()) co_return Tried{Outcome::kFailed, post_->tries.reason().told};
  const auto timestamp = wall_us() / 1'000'000;
  http::RequestHead head{"POST", webhook.target, {}};
  head.headers.add("content-type", "application/json");
  head.headers.add("user-agent", "sluice/" SLUICE_VERSION);
  head.headers.add("webhook-id", std::string(id));
  head.headers.add("webhook-timestamp", std::to_string(timestamp));
  if (!webhook.key.empty()) head.headers.add("webhook-signature", webhook_signature(webhook.key, id, timestamp, body));
  auto call = co_await post_->client.call(webhook.origin, head, {&body, 1},
                                          {.connect = limit, .first_byte = limit, .idle = limit}, cancel);
  if (!call) co_return Tried{Outcome::kFailed, call.error().told};
  const int status = (*call)->head().status;
  std::size_t size = 0;
  while (size < kMostOfAnswer) {
    auto bytes = co_await (*call)->read();
    if (!bytes || bytes->empty()) break;
    size += bytes->size();
  }
  if (status >= 200 && status < 300) co_return Tried{Outcome::kTaken, {}};
  // What is wrong with the request stays wrong; and nobody follows to where somebody else says.
  const bool for_now = status >= 500 || status == 408 || status == 425 || status == 429;
  co_return Tried{for_now ? Outcome::kFailed : Outcome::kRefused, fmt::format("it answered with status {}", status)};
}

// A store that cannot say it is no reason to say nothing.
Task<bool> Alerts::is_told(const Waiting& waiting) {
  const auto& place = waiting.place;
  if (place.period.empty()) co_return false;
  Result<std::string> mark;
  co_await net::offload(post_->loop, post_->workers, [&] { mark = told_.mark(place.name); });
  if (!mark || !mark->starts_with(place.period + ' ')) co_return false;
  const auto percent = to_number<std::uint32_t>(std::string_view(*mark).substr(place.period.size() + 1));
  co_return percent && *percent >= waiting.about.percent;
}

Task<void> Alerts::note_told(const Waiting& waiting) {
  const auto& place = waiting.place;
  if (place.period.empty()) co_return;
  Status noted;
  const auto text = fmt::format("{} {}", place.period, waiting.about.percent);
  co_await net::offload(post_->loop, post_->workers, [&] { noted = told_.set_mark(place.name, text); });
  if (!noted)
    write(log::Level::kWarn, "it is not written down that an alert was sent", waiting.about, noted.error().told);
}

}  // namespace sluice::app
