// The load generator of bench/run: one run of load, one line of JSON with what was measured.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "load.h"
#include "options.h"

namespace {

using sluice::bench::Report;

std::uint32_t percentile(const std::vector<std::uint32_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(rank, sorted.size() - 1)];
}

void print_times(const char* name, std::vector<std::uint32_t> times) {
  std::sort(times.begin(), times.end());
  std::printf(", \"%s\": {\"count\": %zu, \"p50\": %u, \"p90\": %u, \"p99\": %u, \"max\": %u}", name, times.size(),
              percentile(times, 0.50), percentile(times, 0.90), percentile(times, 0.99), percentile(times, 1.0));
}

void print(const Report& report) {
  std::printf("{\"answered\": %llu, \"reconnects\": %llu, \"events\": %llu, \"event_reads\": %llu, ",
              static_cast<unsigned long long>(report.answered), static_cast<unsigned long long>(report.reconnects),
              static_cast<unsigned long long>(report.events), static_cast<unsigned long long>(report.event_reads));
  std::printf("\"body_bytes\": %llu, \"seconds\": %.6f", static_cast<unsigned long long>(report.body_bytes),
              report.seconds);
  print_times("latency_us", report.latency_us);
  print_times("first_us", report.first_us);
  std::printf("}\n");
}

// Ten thousand streams want more files than the usual soft limit of 1,024.
void allow_many_files() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

int main(int argc, char** argv) {
  const sluice::bench::Options options = sluice::bench::read_options(argc, argv);
  allow_many_files();
  const Report report = sluice::bench::Load(options).run();
  print(report);
  if (report.failed == 0) return 0;
  sluice::bench::die(std::to_string(report.failed) + " requests failed, the first: " + report.first_failure);
}
