#include "app/serve.h"

#include <fmt/format.h>
#include <signal.h>

#include <cstdio>
#include <filesystem>
#include <optional>

#include "app/config_value.h"
#include "app/master_key.h"
#include "app/runtime.h"
#include "app/say.h"
#include "app/stored_secrets.h"
#include "app/trial.h"
#include "app/watch.h"
#include "base/log.h"
#include "base/text.h"
#include "net/descriptors.h"

namespace sluice::app {

namespace {

constexpr std::string_view kUsualFile = "sluice.yaml";
constexpr timespec kLookEvery{0, 250'000'000};
constexpr timespec kLookForEnd{0, 20'000'000};  // while it drains

int cannot_start(std::string_view why) {
  say(stderr, "sluice: {}\n", why);
  return 1;
}

// Who starts it is told all there is to know.
int cannot_start(const Fault& fault) {
  const bool said = fault.told.contains(fault.detail);  // also where there is none
  return cannot_start(said ? fault.told : fmt::format("{} ({})", fault.told, fault.detail));
}

int cannot_start(const std::vector<Problem>& problems) {
  for (const auto& problem : problems) say(stderr, "sluice: {}\n", to_text(problem));
  return 1;
}

std::string data_directory(const ServeOptions& options, const Environment& environment) {
  if (!options.data.empty()) return options.data;
  return environment("SLUICE_DATA").value_or("sluice-data");
}

log::Level level_of(std::string_view name) {
  if (name == "trace") return log::Level::kTrace;
  if (name == "debug") return log::Level::kDebug;
  if (name == "warn") return log::Level::kWarn;
  if (name == "error") return log::Level::kError;
  return log::Level::kInfo;
}

log::Format format_of(std::string_view name) {
  return name == "text" ? log::Format::kText : log::Format::kJson;
}

// Where the configuration comes from, and the two ways to read it again.
struct Source {
  ServeOptions options;
  Environment environment;
  std::string file;            // empty: none
  std::optional<Trial> trial;  // where there is nothing else: part of all that is read

  Loaded load() const {
    Loaded loaded = file.empty() ? Loaded{config_from_environment(environment), {}, {}}
                                 : load_config(file, environment,
                                               stored_secrets(data_directory(options, environment), environment));
    if (trial) trial->add_to(loaded.config);
    if (!options.listen.empty() && loaded.problems.empty()) loaded.config.listen = *parse_address(options.listen);
    return loaded;
  }
};

std::string file_to_use(const ServeOptions& options) {
  if (!options.config_file.empty()) return options.config_file;
  return std::filesystem::exists(kUsualFile) ? std::string(kUsualFile) : std::string();
}

// Signals are blocked in all threads and taken here, one after the other.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a write that is too much is an error, not the end
  return set;
}

// What the configuration is read from. Both have looked before it was read.
struct Watched {
  FileWatch file;
  FileWatches named;  // by it, as ${file:PATH}

  bool changed() {
    const bool named_changed = named.changed();
    return file.changed() || named_changed;
  }
};

// A client's connection needs one to a provider, most often.
void allow_connections(const Config& config) {
  constexpr std::size_t kOthers = 256;
  const auto needed = 2 * config.connections + kOthers;
  const auto limit = net::raise_descriptor_limit(needed);
  if (limit >= needed) return;
  log::write(log::Level::kWarn,
             "limits.connections is more than the process may have descriptors for: raise its hard limit (ulimit -Hn, "
             "LimitNOFILE of a unit) or lower limits.connections",
             {{"connections", std::int64_t(config.connections)},
              {"needed", std::int64_t(needed)},
              {"limit", std::int64_t(limit)}});
}

void reload(Runtime& runtime, const Source& source, Watched& watched) {
  auto loaded = source.load();
  watched.named = std::move(loaded.files);  // also of one that is refused: it may wait for one of them
  for (const auto& problem : loaded.problems) {
    log::write(log::Level::kError, "configuration not reloaded", {{"problem", to_text(problem)}});
  }
  if (!loaded.problems.empty()) return runtime.count_failed_reload();
  const auto level = level_of(loaded.config.log_level);
  const auto format = format_of(loaded.config.log_format);
  allow_connections(loaded.config);
  if (auto reloaded = runtime.reload(std::move(loaded.config)); !reloaded) {
    runtime.count_failed_reload();
    return log::write(log::Level::kError, "configuration not reloaded", reloaded.error());
  }
  log::set_level(level);
  log::set_format(format);
  log::write(log::Level::kInfo, "configuration reloaded", {{"file", source.file}});
}

void reload_certificate(Runtime& runtime) {
  if (auto status = runtime.reload_certificate(); !status) {
    log::write(log::Level::kError, "certificate not reloaded", status.error());
  } else {
    log::write(log::Level::kInfo, "certificate reloaded");
  }
}

// Waits for signals and file changes until everything has ended.
void supervise(Runtime& runtime, const Source& source, Watched& watched, const Config& config,
               const sigset_t& signals) {
  FileWatch certificate(config.tls_cert), key(config.tls_key);
  bool draining = false;
  while (!runtime.done()) {
    int signal = sigtimedwait(&signals, nullptr, draining ? &kLookForEnd : &kLookEvery);
    if (signal == SIGTERM || signal == SIGINT) {
      if (draining) std::_Exit(1);  // asked twice: at once
      draining = true;
      log::write(log::Level::kInfo, "draining", {{"limit", format_duration(config.drain.count())}});
      runtime.begin_drain();
      continue;
    }
    runtime.end_due_faults();
    runtime.write_refusals();
    runtime.follow_ledger();
    if (draining) continue;
    bool file_changed = !source.file.empty() && watched.changed();
    bool certificate_changed = certificate.changed();
    certificate_changed = key.changed() || certificate_changed;
    const bool secrets_changed = runtime.secrets_changed() && !source.file.empty();
    if (signal == SIGHUP || file_changed || secrets_changed) reload(runtime, source, watched);
    const bool has_certificate = !config.tls_cert.empty();
    if (has_certificate && (signal == SIGHUP || certificate_changed)) reload_certificate(runtime);
  }
}

std::string base_url(const Config& config, std::uint16_t port) {
  bool ipv6 = config.listen.host.find(':') != std::string::npos;
  return fmt::format("{}://{}:{}", config.tls_cert.empty() ? "http" : "https",
                     ipv6 ? "[" + config.listen.host + "]" : config.listen.host, port);
}

void greet(const MasterKey& key, const std::string& url, const std::optional<Trial>& trial) {
  if (key.origin == MasterKey::Origin::kMade) {
    say("master key (made now, kept in {}, not shown again):\n  {}\n", key.file, key.key.reveal());
  }
  if (trial) say("{}", trial->instructions(url, key));
  say("listening on {}\n", url);
  std::fflush(stdout);
}

// From the first log line to the last.
int run(Config read, const MasterKey& key, const Source& source, Watched& watched, const sigset_t& signals) {
  auto books = Books::open(data_directory(source.options, source.environment), read);
  if (!books) return cannot_start(books.error());
  const auto& journal = (*books)->journal();
  allow_connections(read);
  Runtime runtime(std::move(read), key.key, source.environment, std::move(*books));
  const Config& config = runtime.config();
  auto port = runtime.start();
  if (!port) return cannot_start(port.error().told);
  journal.tell_place(base_url(config, *port));
  greet(key, base_url(config, *port), source.trial);
  log::write(log::Level::kInfo, "listening", {{"url", base_url(config, *port)}, {"version", SLUICE_VERSION}});
  supervise(runtime, source, watched, config, signals);
  log::write(log::Level::kInfo, "ended");
  return 0;
}

}  // namespace

int serve(ServeOptions options) {
  if (!options.listen.empty() && !parse_address(options.listen)) {
    say(stderr, "sluice: --listen expects ADDR:PORT such as 127.0.0.1:8080 or [::1]:8080, found '{}'\n",
        printable(options.listen));
    return 2;
  }
  auto signals = block_signals();
  Source source{options, process_environment(), file_to_use(options), {}};
  Watched watched{FileWatch(source.file), {}};
  auto loaded = source.load();
  watched.named = std::move(loaded.files);
  if (!loaded.problems.empty()) return cannot_start(loaded.problems);
  auto& config = loaded.config;
  auto key = master_key(config.master_key, data_directory(options, source.environment));
  if (!key) return cannot_start(key.error().told);

  if (source.file.empty() && config.providers.empty()) {
    source.trial.emplace();
    if (auto started = source.trial->start(); !started) return cannot_start(started.error().told);
    source.trial->add_to(config);
  }
  log::start(level_of(config.log_level), format_of(config.log_format));
  const int code = run(std::move(config), *key, source, watched, signals);
  log::stop();
  return code;
}

}  // namespace sluice::app
