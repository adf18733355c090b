#include "app/audit_log.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>

#include "app/command_line.h"
#include "app/say.h"
#include "base/text.h"
#include "store/audit.h"
#include "store/kept_head.h"
#include "store/sqlite/sqlite_directory.h"

namespace sluice::app {

namespace {

struct Options {
  std::string place;
  std::string head;
  bool json = false;
};

int failed(std::string_view why, int code = 1) {
  say(stderr, "sluice: {}\n", why);
  return code;
}

// Of the directory's database, or of a file that was exported.
Status each_line(const std::string& place, const std::function<bool(std::string_view)>& visit) {
  std::error_code error;
  if (std::filesystem::is_regular_file(place, error)) {
    std::ifstream file(place);
    for (std::string line; std::getline(file, line);) {
      if (!visit(line)) break;
    }
    return file.bad() ? Status(fail(FaultKind::kInvalidConfig, "Cannot read '" + place + "'.")) : Status();
  }
  const auto database = place + "/sluice.db";
  if (!std::filesystem::exists(database, error))
    return fail(FaultKind::kInvalidConfig, "There is no database '" + database + "'.");
  auto directory = store::SqliteDirectory::open(database);
  if (!directory) return fail_from(directory);
  return (*directory)->each_audit_line(visit);
}

// The first entry whose place in the database is not its own; 0: none, or it is a file.
Result<std::int64_t> odd_row(const std::string& place) {
  std::error_code error;
  if (std::filesystem::is_regular_file(place, error)) return 0;
  auto directory = store::SqliteDirectory::open(place + "/sluice.db");
  if (!directory) return fail_from(directory);
  return (*directory)->odd_audit_row();
}

// What the log must still have: what is kept beside it, what somebody wrote down, and what a start found missing.
struct Kept {
  std::vector<store::AuditHead> heads;
  std::string found;  // by a start that had no head to compare with; empty: nothing
};

Status add_lost(const Options& options, Kept& kept) {
  std::ifstream file(store::lost_heads_file(options.place + "/audit_head"));
  for (std::string line; std::getline(file, line);) {
    if (auto head = store::parse_audit_head(line)) {
      kept.heads.push_back(std::move(*head));
    } else {
      kept.found = fmt::format("A start could not tell whether entries were missing: {}.", printable(line));
    }
  }
  return file.bad() ? Status(fail(FaultKind::kInvalidConfig, "Cannot read audit_head.lost.")) : Status();
}

Result<Kept> what_was_kept(const Options& options) {
  Kept kept;
  auto add = [&](const std::string& text, std::string_view what) -> Status {
    auto head = store::parse_audit_head(text);
    if (!head) return fail(FaultKind::kInvalidConfig, fmt::format("{} is no head: a number and a hash.", what));
    kept.heads.push_back(std::move(*head));
    return {};
  };
  if (!options.head.empty()) {
    if (auto added = add(options.head, "--head"); !added) return fail_from(added);
  }
  std::ifstream file(options.place + "/audit_head");
  std::string line;
  if (file && std::getline(file, line)) {
    if (auto added = add(line, "'" + options.place + "/audit_head'"); !added) return fail_from(added);
  }
  if (auto added = add_lost(options, kept); !added) return fail_from(added);
  return kept;
}

struct Verdict {
  store::AuditHead head;  // of the last entry that is whole
  std::string problem;    // empty: none
  bool chained = true;    // what is there is whole, but for what may be missing at the end
};

constexpr std::string_view kNoHead =
    "Nobody can tell whether entries are missing at the end: there is no audit_head beside the log, and no --head was "
    "given.";

Result<Verdict> verdict_on(const Options& options) {
  auto kept = what_was_kept(options);
  if (!kept) return fail_from(kept);
  const auto& heads = kept->heads;
  store::AuditCheck check;
  Verdict verdict;
  auto compare = [&] {
    for (const auto& head : heads) {
      if (head.number == check.head().number && head != check.head() && verdict.problem.empty())
        verdict.problem =
            fmt::format("Entry {} is not the one that was kept as head: the log was written anew.", head.number);
    }
  };
  auto read = each_line(options.place, [&](std::string_view line) {
    if (auto added = check.add(line); !added) verdict.problem = added.error().told;
    compare();
    return verdict.problem.empty();
  });
  if (!read) return fail_from(read);
  verdict.head = check.head();
  auto odd = odd_row(options.place);
  if (!odd) return fail_from(odd);
  if (*odd != 0 && verdict.problem.empty()) {
    verdict.problem =
        fmt::format("Entry {} was changed: the database keeps it under another number or hash than it has.", *odd);
  }
  for (const auto& head : heads) {
    if (head.number > verdict.head.number && verdict.problem.empty()) {
      verdict.problem = fmt::format("The last {} entries are missing: {} is the last one, {} was kept as head.",
                                    head.number - verdict.head.number, verdict.head.number, head.number);
    }
  }
  verdict.chained = verdict.problem.empty();
  if (verdict.chained && heads.empty()) verdict.problem = kNoHead;
  if (verdict.chained && !kept->found.empty()) verdict.problem = kept->found;
  return verdict;
}

int verify(const Options& options) {
  auto verdict = verdict_on(options);
  if (!verdict) return failed(verdict.error().told);
  const auto& [head, problem, chained] = *verdict;
  if (options.json) {
    std::string told = "null";
    if (!problem.empty()) {
      told.clear();
      append_json_string(told, problem);
    }
    say("{{\"ok\":{},\"entries\":{},\"head\":\"{}\",\"problem\":{}}}\n", problem.empty(), head.number, to_text(head),
        told);
  } else if (chained) {
    say("{}: {} entries\nhead: {}\n", problem.empty() ? "whole" : "chained", head.number, to_text(head));
    if (!problem.empty()) say(stderr, "sluice: {}\n", problem);
  } else {
    say(stderr, "sluice: {} The {} entries before are whole.\n", problem, head.number);
  }
  return problem.empty() ? 0 : 1;
}

int print_all(const Options& options) {
  bool written = true;
  auto read = each_line(options.place, [&](std::string_view line) {
    written = std::fwrite(line.data(), 1, line.size(), stdout) == line.size() && std::fputc('\n', stdout) != EOF;
    return written;
  });
  if (!read) return failed(read.error().told);
  return written && std::fflush(stdout) == 0 ? 0 : failed("the log could not be written");
}

}  // namespace

void add_audit_log_command(Command& cli) {
  auto options = std::make_shared<Options>();
  options->place = "sluice-data";
  auto& command = cli.group("audit-log", "The record of what was changed and what was refused.");
  auto& verify_command =
      command.command("verify",
                      "Prove that no entry was changed, removed, inserted or moved. Exit: 0 whole, 1 not, or "
                      "not known without a head.");
  verify_command.option("DIR", options->place, "The data directory, or an exported file (default: sluice-data)")
      .env("SLUICE_DATA");
  verify_command.option("--head", options->head, "A head that was kept elsewhere: \"NUMBER HASH\"");
  verify_command.flag("--json", options->json, "Print JSON");
  verify_command.runs([options] { return verify(*options); });
  auto& export_command = command.command("export", "Print all entries, one JSON object a line.");
  export_command.option("DIR", options->place, "The data directory (default: sluice-data)").env("SLUICE_DATA");
  export_command.runs([options] { return print_all(*options); });
}

}  // namespace sluice::app
