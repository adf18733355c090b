// The faults that an administrator injects into a staging gateway: which deployment seems to fail, how, and until when.
//
// At most one a deployment, each with an end that comes by itself. Beginning and end are logged, what was hit is
// counted. Thread rule: any thread; while there is no fault, asking costs one atomic read. Ownership: the app; it
// outlives all snapshots.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"

namespace sluice::stage {

enum class InjectedKind {
  kUnreachable,  // as if nothing listened there
  kTimeout,      // silence until the limit for the first byte
  kStatus,       // an error answer with this status
  kSlow,         // the answer comes, but later
  kReset,        // the connection breaks before the answer
  kTruncate,     // the answer breaks off after its first piece
};
inline constexpr std::string_view kInjectedKinds[] = {"unreachable", "timeout", "status", "slow", "reset", "truncate"};
std::string_view name(InjectedKind kind);
std::optional<InjectedKind> injected_kind(std::string_view name);

struct Injection {
  std::string deployment;
  InjectedKind kind = InjectedKind::kUnreachable;
  int status = 503;               // kStatus: 400 to 599
  Ms delay{2'000};                // kSlow
  std::uint32_t permille = 1000;  // of the tries that are hit
  Instant until;
};

class Injections {
 public:
  static constexpr Ms kLongest{3'600'000};
  static constexpr std::size_t kMost = 100;

  explicit Injections(Metrics& metrics);
  Injections(const Injections&) = delete;
  Injections& operator=(const Injections&) = delete;

  // Replaces the one of the same deployment. False: there are kMost already.
  bool set(Injection injection);
  bool end(std::string_view deployment);  // false: there was none
  void end_all();
  void end_due(Instant at);  // those whose time is over; to be called now and then
  std::vector<Injection> all(Instant at) const;

  // The fault that a try at this deployment meets, counted; a share of them by chance.
  std::optional<Injection> strike(std::string_view deployment, Instant at);

 private:
  using Position = std::vector<Injection>::iterator;
  Position find(std::string_view deployment);
  Position take_out(Position position, std::string_view why);  // with the lock held

  Metrics::Family<Gauge>& active_;  // deployment, kind
  Metrics::Family<Counter>& hits_;  // deployment, kind
  mutable std::mutex mutex_;
  std::vector<Injection> injections_;
  std::atomic<std::size_t> count_{0};
};

}  // namespace sluice::stage
