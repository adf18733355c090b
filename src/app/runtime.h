// The running gateway: loops with their servers and clients, the snapshot they use, reload and drain.
//
// Thread rule: the main thread; it hands work to the loops by post(). Ownership: owns everything that serves.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/alerts.h"
#include "app/books.h"
#include "app/config.h"
#include "app/health_metrics.h"
#include "app/late_uses.h"
#include "app/prober.h"
#include "app/snapshot.h"
#include "base/metrics.h"
#include "base/workers.h"
#include "quota/book.h"

namespace sluice::app {

class Runtime {
 public:
  // `master_key` is what was configured or found in the data directory.
  Runtime(Config config, Secret master_key, Environment environment, std::unique_ptr<Books> books);
  ~Runtime();  // after drain(), or before start()
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // Without the keys of callers once it has started.
  const Config& config() const { return config_; }

  // Builds the snapshot, listens and serves; returns the port. Faults: kInvalidConfig.
  Result<std::uint16_t> start();

  // Puts a new configuration in force, whole or not at all. What is bound at start (listen, threads, TLS on or off,
  // pool, limits.recent) stays, with a warning in the log. Faults: kInvalidConfig; the old configuration goes on.
  Status reload(Config config);
  // Reads the certificate files again, where there are any.
  Status reload_certificate();
  void count_failed_reload();
  // Whether secrets were changed since it was asked last: the configuration is to be read again. Any thread.
  bool secrets_changed() { return vault_.changed.exchange(false); }
  // Ends injected faults whose time is over; to be called now and then.
  void end_due_faults() { injections_.end_due(now()); }
  // The ledger follows what is told later, budgets follow what is corrected in the ledger and ask for what they could
  // not be told before; to be called now and then.
  void follow_ledger();
  // Writes what was refused into the audit log; to be called now and then.
  void write_refusals();

  // Stops accepting, lets requests in flight end within the configured limit, ends the loops. Returns at once; done()
  // becomes true.
  void begin_drain();
  bool done() const { return loops_running_.load() == 0; }

 private:
  struct LoopThread;

  Foundation foundation();
  void write(const std::vector<stage::Refusal>& refusals);
  void use_callers(std::shared_ptr<const Callers> callers);
  void refresh_gauges();
  void restore_spending();
  void remember_owners();  // of the rows that the ledger does not have yet
  Result<std::uint16_t> listen();
  Status check_certificate(const Config& config) const;
  void use_probes();
  Task<void> drain(LoopThread& thread, Ms limit);

  Config config_;
  Secret master_key_;
  Environment environment_;
  std::unique_ptr<Books> books_;
  admin::Roster roster_;
  Metrics metrics_;
  quota::Book accounts_{metrics_};
  admin::Vault vault_;
  stage::RequestMetrics request_metrics_;
  HealthMetrics health_metrics_;
  LedgerMetrics ledger_metrics_;
  Metrics::Family<Gauge>& pool_gauge_;
  Metrics::Family<Counter>& reloads_;
  Gauge& connections_gauge_;
  Counter& refused_;
  std::atomic<bool> ready_{false};
  std::atomic<bool> reloading_{false};  // what budgets had spent is asked once for all of them then
  std::mutex restoring_;
  std::int64_t followed_ = 0, corrections_ = 0;  // of the ledger: that budgets know, that were seen last
  Instant next_look_{};                          // at the ledger
  std::atomic<std::size_t> loops_running_{0};
  ClientTlsCache client_tls_;
  std::unique_ptr<const provider::Catalogue> catalogue_;
  stage::Owners owners_{books_->ledger()};
  LateUses late_uses_{books_->ledger(), owners_};
  RetryBudget retries_;
  provider::HealthBook health_;
  provider::HealthBook key_health_;
  provider::GateBook gates_{metrics_};
  stage::Recent recent_;
  stage::Injections injections_;
  stage::Refusals refusals_;
  provider::Moves moves_;
  Alerts alerts_;
  std::shared_ptr<net::ServerTls> tls_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::vector<std::unique_ptr<LoopThread>> loops_;
  std::unique_ptr<Prober> prober_;    // on the first of them
  std::unique_ptr<Workers> workers_;  // joined before the loops go
  std::unique_ptr<Workers> resolvers_;
};

}  // namespace sluice::app
