#include "sim/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/digest.h"
#include "base/text.h"
#include "json/text.h"
#include "sim/encode.h"

namespace sluice::sim {

namespace {

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOpen:
      return "open";
    case Outcome::kCompleted:
      return "completed";
    case Outcome::kAborted:
      return "aborted";
    case Outcome::kBroken:
      return "broken";
  }
  return "open";
}

void append_member(std::string& out, std::string_view key, std::string_view text) {
  fmt::format_to(std::back_inserter(out), R"(,"{}":)", key);
  append_json_string(out, text);
}

// One member a field name, in lower case; the values of repeated fields are joined by commas.
void append_headers(std::string& out, const http::Headers& headers) {
  std::map<std::string, std::string> joined;
  for (const auto& [key, value] : headers) {
    auto [at, fresh] = joined.try_emplace(lower(key), value);
    if (!fresh) at->second.append(", ").append(value);
  }
  out += R"(,"headers":{)";
  for (const auto& [key, value] : joined) {
    if (!out.ends_with('{')) out += ',';
    append_json_string(out, key);
    out += ':';
    append_json_string(out, value);
  }
  out += '}';
}

void append_entry(std::string& out, const LedgerEntry& entry) {
  out += R"({"id":)";
  append_json_string(out, entry.id);
  append_member(out, "method", entry.head.method);
  append_member(out, "path", http::path_of(entry.head.target));
  append_member(out, "query", http::query_of(entry.head.target));
  append_headers(out, entry.head.headers);
  if (is_utf8(entry.body)) {
    append_member(out, "body", entry.body);
  } else {
    append_member(out, "body_base64", base64(entry.body));
  }
  append_member(out, "model", entry.model);
  fmt::format_to(std::back_inserter(out),
                 R"(,"stream":{},"status":{},"usage":{},"began_us":{},"ended_us":{},"outcome":"{}",)"
                 R"("events_sent":{},"bytes_sent":{})",
                 entry.stream, entry.status, entry.usage.empty() ? "null" : entry.usage, entry.began_us, entry.ended_us,
                 name(entry.outcome), entry.events_sent, entry.bytes_sent);
  if (!entry.told.empty()) append_member(out, "answer", entry.told);
  out += '}';
}

}  // namespace

std::atomic<std::uint64_t>& Counters::of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kCompleted:
      return completed;
    case Outcome::kAborted:
      return aborted;
    default:
      return broken;
  }
}

void Counters::clear() {
  ++epoch;
  requests = 0;
  completed = 0;
  aborted = 0;
  broken = 0;
  last_abort_us = 0;
}

void Ledger::add(LedgerEntry entry) {
  std::lock_guard lock(mutex_);
  bytes_ += entry.body.size() + entry.told.size();
  entries_.push_back(std::move(entry));
  while (entries_.size() > kMostEntries || (bytes_ > kMostBytes && entries_.size() > 1)) {
    bytes_ -= entries_.front().body.size() + entries_.front().told.size();
    entries_.pop_front();
  }
}

void Ledger::amend(std::string_view id, Outcome outcome) {
  std::lock_guard lock(mutex_);
  auto entry = std::find_if(entries_.rbegin(), entries_.rend(), [&](const LedgerEntry& one) { return one.id == id; });
  if (entry != entries_.rend()) entry->outcome = outcome;
}

void Ledger::clear() {
  std::lock_guard lock(mutex_);
  entries_.clear();
  bytes_ = 0;
}

std::string Ledger::json() const {
  std::lock_guard lock(mutex_);
  std::string out = "[";
  for (const LedgerEntry& entry : entries_) {
    if (out.size() > 1) out += ",\n";
    append_entry(out, entry);
  }
  out += ']';
  return out;
}

}  // namespace sluice::sim
