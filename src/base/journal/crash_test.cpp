// A journal whose process is killed, and one whose disk is full.
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <fstream>
#include <random>
#include <set>

#include "base/journal/child_test.h"
#include "base/journal/folder_test.h"
#include "base/journal/reader.h"
#include "base/journal/writer.h"

namespace sluice::journal::crash_test {
namespace {

std::string record_of(std::uint64_t id) {
  return fmt::format("{} ", id) + std::string(id * 7919 % 700, static_cast<char>('a' + id % 26));
}

// Appends from two threads without end; says the id of every record that is written.
void write_until_killed(const Options& options, std::uint64_t first_id, int out) {
  auto writer = Writer::open(options);
  if (!writer) ::_exit(1);
  std::atomic<std::uint64_t> next_id{first_id};
  auto work = [&] {
    while (true) {
      std::uint64_t ids[8];
      for (auto& id : ids) {
        id = next_id++;
        if ((*writer)->append(record_of(id)) == 0) ::_exit(1);
      }
      if (!(*writer)->flush(Ms(10'000))) ::_exit(1);
      if (::write(out, ids, sizeof ids) < 0) ::_exit(1);
    }
  };
  std::jthread other(work);
  work();
}

struct KillRound {
  std::set<std::uint64_t> acknowledged;
  std::set<std::uint64_t> found;
};

// Reads what the child says for a random time, kills it and reads what it has said until then.
std::set<std::uint64_t> kill_a_writer(const Options& options, std::uint64_t first_id, std::minstd_rand& random) {
  Child child([&](int out) { write_until_killed(options, first_id, out); });
  std::string said(64, '\0');
  auto first = ::read(child.out(), said.data(), said.size());
  said.resize(first > 0 ? static_cast<std::size_t>(first) : 0);
  auto until = now() + std::chrono::microseconds(random() % 20'000);
  ::fcntl(child.out(), F_SETFL, O_NONBLOCK);
  while (now() < until) said += child.all_it_says();
  child.kill();
  said += child.all_it_says();
  std::set<std::uint64_t> ids;
  for (std::size_t at = 0; at + 8 <= said.size(); at += 8) {
    std::uint64_t id = 0;
    std::memcpy(&id, said.data() + at, sizeof id);
    ids.insert(id);
  }
  return ids;
}

TEST(JournalCrash, AWriterKilledAtAnyMomentLosesNothingThatWasAcknowledged) {
  Folder folder;
  Options options{.directory = folder.file("journal"), .interval = Ms(5), .segment_bytes = 64 << 10};
  std::minstd_rand random(1);
  Position position;
  std::size_t acknowledged = 0, unacknowledged = 0;
  for (std::uint64_t round = 0; round < 50; ++round) {
    options.sync = round % 2 == 0 ? Sync::kWrite : Sync::kInterval;
    auto said = kill_a_writer(options, round * 1'000'000, random);
    ASSERT_FALSE(said.empty()) << round;
    Reader reader(options.directory, position);
    auto records = reader.read(10'000'000, 1 << 30);
    ASSERT_TRUE(records) << records.error().told;
    position = reader.position();
    std::set<std::uint64_t> found;
    for (const auto& record : *records) {
      auto id = std::stoull(std::string(record));
      EXPECT_EQ(record, record_of(id));
      EXPECT_TRUE(found.insert(id).second) << "twice: " << id;
    }
    for (auto id : said) EXPECT_TRUE(found.contains(id)) << "lost: " << id;
    EXPECT_EQ(reader.losses().records, 0U);
    acknowledged += said.size();
    unacknowledged += found.size() - said.size();
  }
  RecordProperty("acknowledged", static_cast<int>(acknowledged));
  RecordProperty("written_but_not_acknowledged", static_cast<int>(unacknowledged));
}

// A disk that is full until room is made: a small one of our own where the system gives us one, else a limit on files.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& folder) : folder_(folder) {
    ::signal(SIGXFSZ, SIG_IGN);
    bool own = ::unshare(CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
    own = own && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    own_ = own && ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=256k") == 0;
  }
  // Leaves room for half a page, or for none.
  void fill() const {
    if (!own_) return limit_files(150);
    File ballast(::open((folder_ + "/ballast").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    std::string bytes(1024, 'b');
    while (::write(ballast.descriptor(), bytes.data(), bytes.size()) > 0) {
    }
  }
  void make_room() const {
    if (!own_) return limit_files(RLIM_INFINITY);
    ::unlink((folder_ + "/ballast").c_str());
  }
  static void limit_files(rlim_t bytes) {
    rlimit limit{bytes, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }

 private:
  std::string folder_;
  bool own_ = false;
};

void limit_memory(rlim_t bytes) {
  rlimit limit{bytes, RLIM_INFINITY};
  ::setrlimit(RLIMIT_AS, &limit);
}

std::string check_records(const std::string& directory, std::uint64_t count) {
  Reader reader(directory, {});
  auto records = reader.read(1'000'000, 1 << 30);
  if (!records) return records.error().told;
  if (records->size() != count) return fmt::format("{} records instead of {}", records->size(), count);
  for (std::uint64_t i = 0; i < count; ++i) {
    if ((*records)[i] != record_of(i)) return fmt::format("record {} is another", i);
  }
  return reader.losses().records == 0 ? "" : "gaps";
}

// How often it gave up the processor by itself: a thread that another one pushed aside did not wait for anything.
long sleeps_of_this_thread() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

std::string survive_a_full_disk(const std::string& folder, Sync sync, std::uint64_t segment_bytes) {
  SmallDisk disk(folder);
  Options options{.directory = folder + "/journal",
                  .sync = sync,
                  .interval = Ms(10),
                  .segment_bytes = segment_bytes,
                  .queue_bytes = 50'000};
  auto opened = Writer::open(options);
  if (!opened) return opened.error().told;
  auto& writer = **opened;
  std::uint64_t taken = 0;
  for (; taken < 20; ++taken) writer.append(record_of(taken));
  if (!writer.flush(Ms(5000))) return "what fits is not written";
  disk.fill();
  auto longest_wait = std::chrono::nanoseconds(0);
  std::uint64_t refused = 0;
  auto append = [&] {
    auto began = now();
    auto sleeps = sleeps_of_this_thread();
    writer.append(record_of(taken)) != 0 ? ++taken : ++refused;
    if (sleeps_of_this_thread() > sleeps) longest_wait = std::max(longest_wait, now() - began);
  };
  do {  // what was reserved before takes some
    for (int i = 0; i < 1000; ++i) append();
  } while (taken < 100'000 && writer.flush(Ms(200)));
  if (longest_wait > Ms(50)) return "append() waited for the disk";
  if (writer.flush(Ms(200))) return "a full disk took all";
  auto stats = writer.stats();
  if (refused == 0 || stats.lost_high != refused) return "lost records are not counted";
  if (stats.queued_bytes > options.queue_bytes) return "the buffer is above its limit";
  if (stats.failures == 0) return "failures are not counted";
  disk.make_room();
  if (!writer.flush(Ms(5000))) return "nothing is written when there is room again";
  opened->reset();
  return check_records(options.directory, taken);
}

TEST(JournalCrash, AFullDiskBlocksNobodyAndWhatWasTakenIsWrittenWhenThereIsRoom) {
  for (auto sync : {Sync::kWrite, Sync::kInterval, Sync::kAlways}) {
    // The disk has room for the smaller segment before it is full, for the larger one never.
    for (std::uint64_t segment_bytes : {64 << 10, 16 << 20}) {
      Folder folder;
      EXPECT_EQ(in_a_child([&] { return survive_a_full_disk(folder.path(), sync, segment_bytes); }), "");
    }
  }
}

TEST(JournalCrash, AFileThatTakesNoMoreIsLeftForAnother) {
  Folder folder;
  EXPECT_EQ(in_a_child([&]() -> std::string {
              ::signal(SIGXFSZ, SIG_IGN);
              SmallDisk::limit_files(3000);
              Options options{.directory = folder.file("journal")};
              auto writer = Writer::open(options);
              if (!writer) return writer.error().told;
              for (std::uint64_t i = 0; i < 100; ++i) (*writer)->append(record_of(i));
              if (!(*writer)->flush(Ms(20'000))) return "not written";
              writer->reset();
              return check_records(options.directory, 100);
            }),
            "");
}

// Who reads meanwhile sees each record once, be its file left in the middle of a group.
TEST(JournalCrash, AFileThatIsLeftForAnotherIsReadToItsEnd) {
  Folder folder;
  EXPECT_EQ(in_a_child([&]() -> std::string {
              ::signal(SIGXFSZ, SIG_IGN);
              SmallDisk::limit_files(3000);
              auto writer = Writer::open({.directory = folder.file("journal")});
              if (!writer) return writer.error().told;
              constexpr std::uint64_t kCount = 300;
              std::string wrong;
              std::jthread reading([&] {
                Reader reader(folder.file("journal"), {}, writer->get());
                std::uint64_t seen = 0;
                for (const auto until = now() + Ms(20'000); seen < kCount && wrong.empty() && now() < until;) {
                  const auto records = reader.read(1000, 1 << 20);
                  if (!records) wrong = records.error().told;
                  for (const auto& record : records.value_or(Reader::Records())) {
                    if (wrong.empty() && record != record_of(seen++)) wrong = fmt::format("not record {}", seen - 1);
                  }
                }
                if (wrong.empty() && seen < kCount) wrong = fmt::format("only {} were seen", seen);
                if (wrong.empty() && reader.losses().damage.bytes > 0) wrong = "damage";
              });
              for (std::uint64_t i = 0; i < kCount; ++i) {
                (*writer)->append(record_of(i));
                if (i % 30 == 0) (*writer)->flush(Ms(20'000));
              }
              reading.join();
              return wrong;
            }),
            "");
}

TEST(JournalCrash, WhereASegmentCannotBeMappedRecordsAreWrittenInAnotherWay) {
  Folder folder;
  EXPECT_EQ(in_a_child([&]() -> std::string {
              auto writer = Writer::open({.directory = folder.file("journal"), .interval = Ms(5)});
              if (!writer) return writer.error().told;
              std::ifstream facts("/proc/self/statm");
              std::uint64_t pages = 0;
              facts >> pages;
              const auto bytes = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
              limit_memory(bytes + (24 << 20));       // for one segment, not for two
              constexpr std::uint64_t kCount = 2400;  // so that a segment is nearly full
              const std::string filler(8000, 'x');
              for (std::uint64_t i = 0; i < kCount; ++i) {
                if ((*writer)->append(fmt::format("{} ", i) + filler) == 0) return "a record was not taken";
                if (i % 10 == 0) std::this_thread::sleep_for(Ms(1));
              }
              if (!(*writer)->flush(Ms(20'000))) return "not written";
              writer->reset();
              limit_memory(RLIM_INFINITY);
              Reader reader(folder.file("journal"), {});
              const auto records = reader.read(1'000'000, 1 << 30);
              if (!records) return records.error().told;
              return records->size() == kCount ? "" : fmt::format("{} records", records->size());
            }),
            "");
}

TEST(JournalCrash, ADiskThatStaysFullHoldsUpTheEndForItsPatienceOnly) {
  Folder folder;
  EXPECT_EQ(in_a_child([&]() -> std::string {
              ::signal(SIGXFSZ, SIG_IGN);
              Options options{.directory = folder.file("journal"), .patience = Ms(100)};
              auto writer = Writer::open(options);
              if (!writer) return writer.error().told;
              SmallDisk::limit_files(0);
              (*writer)->append("never written");
              auto began = now();
              writer->reset();
              return now() - began < Ms(1500) ? "" : "it waited longer";
            }),
            "");
}

}  // namespace
}  // namespace sluice::journal::crash_test
