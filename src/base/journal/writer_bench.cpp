#include <benchmark/benchmark.h>

#include "base/crc32c.h"
#include "base/journal/folder_test.h"
#include "base/journal/reader.h"
#include "base/journal/writer.h"

namespace sluice::journal {
namespace {

// What a request's thread pays. When the disk is slower than that the buffer fills up; then it waits here, untimed.
void append(benchmark::State& state) {
  Folder folder;
  auto writer = Writer::open({.directory = folder.file("journal"), .sync = Sync::kWrite, .queue_bytes = 256 << 20});
  std::string record(static_cast<std::size_t>(state.range(0)), 'x');
  std::uint64_t in_flight = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize((*writer)->append(record));
    if (++in_flight * record.size() < 128 << 20) continue;
    state.PauseTiming();
    (*writer)->flush(Ms(60'000));
    Reader reader(folder.file("journal"), {});
    auto numbers = list_segments(folder.file("journal"));
    if (numbers) (void)reader.remove_before({.segment = numbers->back()});
    in_flight = 0;
    state.ResumeTiming();
  }
  if ((*writer)->stats().lost_high > 0) state.SkipWithError("the buffer was full");
}
BENCHMARK(append)->Arg(100)->Arg(500)->Arg(4000);

// From append() to the word that it is written, one record at a time.
void append_and_wait(benchmark::State& state) {
  Folder folder;
  auto writer = Writer::open({.directory = folder.file("journal"), .sync = static_cast<Sync>(state.range(0))});
  std::string record(500, 'x');
  for (auto _ : state) {
    (*writer)->append(record);
    (*writer)->flush(Ms(60'000));
  }
}
BENCHMARK(append_and_wait)->Arg(static_cast<int>(Sync::kWrite))->Arg(static_cast<int>(Sync::kAlways))->UseRealTime();

void read_back(benchmark::State& state) {
  Folder folder;
  {
    auto writer = Writer::open({.directory = folder.file("journal"), .sync = Sync::kWrite, .queue_bytes = 64 << 20});
    for (int i = 0; i < 50'000; ++i) (*writer)->append(std::string(500, 'x'));
  }
  for (auto _ : state) {
    Reader reader(folder.file("journal"), {});
    std::size_t records = 0;
    for (auto some = reader.read(1000, 1 << 20); some && !some->empty(); some = reader.read(1000, 1 << 20)) {
      records += some->size();
    }
    if (records != 50'000) state.SkipWithError("records are missing");
  }
  state.SetItemsProcessed(state.iterations() * 50'000);
}
BENCHMARK(read_back)->Unit(benchmark::kMillisecond);

void checksum_of_a_record(benchmark::State& state) {
  std::string record(500, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crc32c(record));
}
BENCHMARK(checksum_of_a_record);

}  // namespace
}  // namespace sluice::journal
