#include "app/runtime.h"

#include <algorithm>
#include <semaphore>
#include <thread>

#include "app/callers.h"
#include "app/config_parts.h"
#include "app/loop_limits.h"
#include "app/restore.h"
#include "app/stored_secrets.h"
#include "base/log.h"
#include "base/thread.h"
#include "base/time_text.h"
#include "json/reader.h"
#include "json/writer.h"

namespace sluice::app {

namespace {

constexpr std::size_t kWorkers = 2;
constexpr std::size_t kResolvers = 4;  // a loop: a name whose servers are dead blocks one for seconds

// How long a start may wait for what an earlier process left in the journal: reports begin whole where they can.
constexpr Ms kSettle{1'000};
constexpr Ms kFollow{1'000};  // how often corrections of the ledger are looked for

void tell_unpriced(const quota::UnpricedUse& use) {
  log::write(log::Level::kWarn, "a budget does not count what has no price",
             {{"scope", name(use.scope)}, {"account", use.name}, {"deployment", use.deployment}, {"model", use.model}});
}

void tell_alert(const quota::Alert& alert) {
  log::write(log::Level::kWarn, "budget threshold passed",
             {{"scope", name(alert.scope)},
              {"account", alert.name},
              {"window", to_text(alert.passing.budget.window)},
              {"percent", std::int64_t{alert.passing.percent}},
              {"spent_usd", to_text(alert.passing.spent)},
              {"limit_usd", to_text(alert.passing.budget.limit)}});
}

// What is read at the start only.
bool differ_in_bounds(const Config& before, const Config& now) {
  return now.listen.host != before.listen.host || now.listen.port != before.listen.port ||
         now.threads != before.threads || now.tls_cert != before.tls_cert || now.tls_key != before.tls_key ||
         now.pool_connections != before.pool_connections || now.recent != before.recent ||
         now.ledger_sync != before.ledger_sync || now.ledger_spool != before.ledger_spool ||
         now.ledger_retention != before.ledger_retention || now.ledger_patience != before.ledger_patience ||
         now.pool_idle != before.pool_idle || now.pool_idle_timeout != before.pool_idle_timeout;
}

}  // namespace

struct Runtime::LoopThread {
  LoopThread(Workers& workers, Workers& resolvers, const Config& config, std::shared_ptr<const Snapshot> snapshot,
             const std::atomic<bool>& ready, Counter& refused, net::ServerLimits limits, journal::Writer& writer,
             std::shared_ptr<const Callers> callers)
      : client(loop, resolvers, client_limits(config)),
        journal(loop, writer, config.ledger_patience),
        tools{loop, client, workers, reader, &journal, std::move(callers)},
        gateway(tools, std::move(snapshot), ready, refused),
        server(loop, workers, gateway, limits) {}

  // On the loop. Tables may come in another order than they were made.
  void use(const std::shared_ptr<const Callers>& callers) {
    if (callers->version() > tools.callers->version()) tools.callers = callers;
  }

  net::Loop loop;
  net::Client client;
  json::Reader reader;
  LoopJournal journal;
  LoopTools tools;
  ingress::Gateway gateway;
  net::Server server;
  TaskGroup tasks;
  std::jthread thread;  // last: joined first
};

Runtime::Runtime(Config config, Secret master_key, Environment environment, std::unique_ptr<Books> books)
    : config_(std::move(config)),
      master_key_(std::move(master_key)),
      environment_(std::move(environment)),
      books_(std::move(books)),
      roster_(books_->directory(), books_->key_secret().reveal(), books_->audit_head()),
      request_metrics_(metrics_),
      health_metrics_(metrics_),
      ledger_metrics_(metrics_),
      pool_gauge_(metrics_.gauge("sluice_pool_connections", "Connections to providers.", {"state"})),
      reloads_(metrics_.counter("sluice_config_reloads", "Reloads of the configuration.", {"result"})),
      connections_gauge_(metrics_.gauge("sluice_connections", "Connections of clients.", {}).find({})),
      refused_(metrics_.counter("sluice_refused", "Requests that could not be read or name no path.", {}).find({})),
      catalogue_(provider::Catalogue::built_in()),
      recent_(config_.recent),
      injections_(metrics_),
      alerts_(metrics_, books_->directory()),
      workers_(std::make_unique<Workers>(kWorkers)),
      resolvers_(std::make_unique<Workers>(kResolvers * thread_count(config_), Workers::AtEnd::kDrop)) {
  accounts_.cuts().rows_from([this] { return books_->journal().last(); });
  accounts_.on_alert([this](const quota::Alert& alert) {
    tell_alert(alert);
    alerts_.tell(alert);
  });
  accounts_.on_unpriced([this](const quota::UnpricedUse& use) {
    tell_unpriced(use);
    alerts_.tell(use);
  });
  roster_.on_accounts([this](quota::Scope scope, std::string_view name) { return &accounts_.account(scope, name); });
  roster_.on_terms([this](quota::Scope scope, std::string_view name, quota::Terms terms) {
    accounts_.set_terms(scope, name, std::move(terms));
    if (ready_ && !reloading_) restore_spending();  // at the start and at a reload all at once
  });
  roster_.on_change([this](std::shared_ptr<const Callers> callers) { use_callers(std::move(callers)); });
}

Runtime::~Runtime() {
  for (auto& loop : loops_) {
    if (loop->thread.joinable()) loop->thread.join();
  }
  resolvers_.reset();
  workers_.reset();
  write(refusals_.all());
  books_->close();  // its writer calls the loops
}

Foundation Runtime::foundation() {
  return {metrics_,    request_metrics_, [this] { refresh_gauges(); },
          client_tls_, owners_,          retries_,
          health_,     key_health_,      *catalogue_,
          gates_,      recent_,          injections_,
          moves_,      books_->ledger(), roster_,
          refusals_,   accounts_,        vault_};
}

void Runtime::write_refusals() {
  write(refusals_.due(wall_us()));
}

// When one cannot be written the others wait with it: each try may take a second.
void Runtime::write(const std::vector<stage::Refusal>& refusals) {
  Status noted;
  for (const auto& one : refusals) {
    if (noted) {
      noted = roster_.note({.at_us = one.at_us,
                            .kind = "refusal",
                            .who = one.who,
                            .role = one.role,
                            .what = one.what,
                            .about = one.about,
                            .before = {},
                            .after = details_of(one),
                            .from = one.from,
                            .request_id = one.request_id,
                            .count = one.count});
      if (!noted) log::write(log::Level::kError, "refusals are not in the audit log yet", noted.error());
    }
    if (!noted) refusals_.put_back(one);
  }
}

// Whoever made a key may use it, and whoever took one away relies on that, as soon as they are told: on every loop. A
// loop that is stuck or has ended is not waited for.
void Runtime::use_callers(std::shared_ptr<const Callers> callers) {
  constexpr Ms kMostWait{1000};
  const auto taken = std::make_shared<std::counting_semaphore<>>(0);
  for (auto& loop : loops_) {
    loop->loop.post([&thread = *loop, callers, taken] {
      thread.use(callers);
      taken->release();
    });
  }
  const auto until = now() + kMostWait;
  for (std::size_t i = 0; i < loops_.size() && taken->try_acquire_until(until);) ++i;
}

void Runtime::refresh_gauges() {
  gates_.refresh();
  net::PoolGauges pools;
  std::size_t connections = 0;
  for (const auto& loop : loops_) {
    auto gauges = loop->client.gauges();
    pools.open += gauges.open;
    pools.idle += gauges.idle;
    connections += loop->server.connections();
  }
  pool_gauge_.find({"idle"}).set(static_cast<std::int64_t>(pools.idle));
  pool_gauge_.find({"in_use"}).set(static_cast<std::int64_t>(pools.open - std::min(pools.open, pools.idle)));
  connections_gauge_.set(static_cast<std::int64_t>(connections));
  health_metrics_.refresh(health_, key_health_);
  std::uint64_t late = 0;
  for (const auto& loop : loops_) late += loop->journal.late();
  ledger_metrics_.refresh(*books_, late);
  accounts_.refresh(wall_now());
}

// Where the ledger cannot be asked that is told, serving goes on, and it is asked again in a moment.
void Runtime::restore_spending() {
  std::lock_guard lock(restoring_);
  if (!accounts_.has_unknown_past()) return;
  auto held = books_->hold_ledger();
  auto each_waiting = [this](std::uint64_t last, const Books::VisitRow& visit) {
    return books_->each_waiting(last, visit);
  };
  auto restored = app::restore_spending(books_->ledger(), each_waiting, accounts_, wall_now());
  if (!restored) log::write(log::Level::kError, "what budgets had spent before is not known", restored.error());
}

void Runtime::remember_owners() {
  auto remembered = books_->each_waiting(
      [this](const auto& row, std::uint64_t) { owners_.remember(row.kept_id, stage::maker_of(row)); });
  if (!remembered) log::write(log::Level::kError, "whose the newest responses are is not known", remembered.error());
}

// Whoever corrects rows does so in many steps: budgets follow when there was none for a moment.
void Runtime::follow_ledger() {
  if (now() < next_look_) return;
  next_look_ = now() + kFollow;
  late_uses_.book(snapshot_->routes());
  if (auto corrections = books_->ledger().corrections()) {
    const bool is_quiet = *corrections == std::exchange(corrections_, *corrections);
    if (is_quiet && *corrections != followed_) {
      followed_ = *corrections;
      accounts_.forget_past();
    }
  }
  restore_spending();
}

Result<std::uint16_t> Runtime::start() {
  auto sealer = secrets_sealer(environment_);
  if (!sealer) return fail_from(sealer);
  vault_.sealer = std::move(*sealer);
  auto webhook = webhook_of(config_, environment_, client_tls_);
  if (!webhook) return fail_from(webhook);
  alerts_.use(std::move(*webhook));
  auto allowances = allowances_of(config_);
  auto callers = callers_of(config_, master_key_);
  auto snapshot = Snapshot::build(config_, std::move(allowances), environment_, foundation());
  if (!snapshot) return fail_from(snapshot);
  snapshot_ = std::move(*snapshot);
  if (auto used = roster_.use_file(std::move(callers)); !used) return fail_from(used);
  if (!books_->settle(kSettle)) remember_owners();  // budgets count what is in the journal all the same
  if (auto corrections = books_->ledger().corrections()) followed_ = corrections_ = *corrections;
  restore_spending();
  retries_.set(retry_budget(config_));
  if (!config_.tls_cert.empty()) {
    auto tls = net::ServerTls::load(config_.tls_cert, config_.tls_key);
    if (!tls) return fail_from(tls);
    tls_ = std::move(*tls);
  }
  auto port = listen();
  if (!port) return port;
  for (auto& loop : loops_) {
    ++loops_running_;
    loop->thread = named_thread("loop", [this, &thread = *loop] {
      thread.loop.run();
      --loops_running_;
    });
  }
  prober_ = std::make_unique<Prober>(loops_.front()->tools, metrics_);
  use_probes();
  ready_ = true;
  return port;
}

// One server a loop, all on the same port: the kernel spreads the connections.
Result<std::uint16_t> Runtime::listen() {
  auto free = net::check_free(config_.listen.host, config_.listen.port);
  if (!free) return fail_from(free);
  auto limits = server_limits(config_, thread_count(config_));
  auto port = config_.listen.port;
  for (std::size_t i = 0; i < thread_count(config_); ++i) {
    auto& loop = loops_.emplace_back(std::make_unique<LoopThread>(
        *workers_, *resolvers_, config_, snapshot_, ready_, refused_, limits, books_->journal(), roster_.callers()));
    auto bound = loop->server.listen(config_.listen.host, port, tls_);
    if (!bound) return bound;
    port = *bound;
  }
  return port;
}

// Used only by the next start, but the configuration is not one that a start would refuse. Of those in force each
// change is looked at by itself.
Status Runtime::check_certificate(const Config& config) const {
  const bool is_in_force = config.tls_cert == config_.tls_cert && config.tls_key == config_.tls_key;
  if (config.tls_cert.empty() || is_in_force) return {};
  if (auto tls = net::ServerTls::load(config.tls_cert, config.tls_key); !tls) return fail_from(tls);
  return {};
}

Status Runtime::reload(Config config) {
  if (auto checked = check_certificate(config); !checked) return checked;
  auto webhook = webhook_of(config, environment_, client_tls_);
  if (!webhook) return fail_from(webhook);
  auto master_key = config.master_key.empty() ? master_key_ : config.master_key;
  auto allowances = allowances_of(config);
  auto callers = callers_of(config, master_key);
  std::shared_ptr<const Snapshot> snapshot;
  // Accounts, gates and breakers take their new terms when a snapshot is built: after all that can be refused.
  auto build = [&]() -> Status {
    auto built = Snapshot::build(config, std::move(allowances), environment_, foundation(), snapshot_.get());
    if (!built) return fail_from(built);
    snapshot = std::move(*built);
    return {};
  };
  // Routes and callers of one configuration go to each loop together.
  auto publish = [&, limits = server_limits(config, loops_.size())](const std::shared_ptr<const Callers>& callers) {
    snapshot_ = std::move(snapshot);
    for (auto& loop : loops_) {
      loop->loop.post([&thread = *loop, snapshot = snapshot_, limits, callers] {
        thread.gateway.use(snapshot);
        thread.server.set_limits(limits);
        thread.use(callers);
      });
    }
  };
  const auto parts = snapshot_->parts();
  reloading_ = true;
  auto used = roster_.use_file(std::move(callers), publish, build);
  reloading_ = false;
  restore_spending();
  if (!used) return fail_from(used);
  alerts_.use(std::move(*webhook));
  use_probes();
  retries_.set(retry_budget(config));
  health_.forget_unused();
  key_health_.forget_unused();
  if (differ_in_bounds(config_, config)) {
    log::write(
        log::Level::kWarn,
        "listen, threads, tls, pool, ledger and limits.recent are read at start only; the others are in force now");
  }
  config_.drain = config.drain;
  if (!config.drills) injections_.end_all();
  auto noted = roster_.note({.at_us = wall_us(),
                             .kind = "change",
                             .who = "the configuration file",
                             .role = {},
                             .what = "config.reload",
                             .about = config.file,
                             .before = {},
                             .after = changes_json(parts, snapshot_->parts())});
  if (!noted) log::write(log::Level::kError, "a reload is not in the audit log", noted.error());
  reloads_.find({"ok"}).add();
  return {};
}

Status Runtime::reload_certificate() {
  return tls_ ? tls_->reload() : Status{};
}

void Runtime::count_failed_reload() {
  reloads_.find({"failed"}).add();
}

void Runtime::use_probes() {
  loops_.front()->loop.post([this, snapshot = snapshot_] { prober_->use(snapshot->routes(), snapshot); });
}

Task<void> Runtime::drain(LoopThread& thread, Ms limit) {
  if (&thread == loops_.front().get()) co_await prober_->end();
  co_await thread.server.drain(limit);
  thread.client.close_idle();
  // What closing has queued runs before the loop stops.
  thread.loop.post([&thread] { thread.loop.post([&thread] { thread.loop.stop(); }); });
}

void Runtime::begin_drain() {
  ready_ = false;
  for (auto& loop : loops_) {
    loop->loop.post([this, &thread = *loop] { spawn(drain(thread, config_.drain), thread.tasks); });
  }
}

}  // namespace sluice::app
