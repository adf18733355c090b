// The audit log: what was changed and what was refused, each entry bound to the one before it by its hash.
//
// An entry is one line of JSON that ends in `,"hash":"…"}`. The hash is SHA-256 over the line up to there with `}` in
// its place; the line holds the number of the entry and the hash of the one before. Whoever changes, removes, inserts
// or moves a line has to write all that follow anew; what the head (the last entry's number and hash, kept elsewhere)
// says then differs, and so it does when lines are missing at the end.
//
// Thread rule: plain values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sluice::store {

struct AuditEntry {
  std::int64_t at_us = 0;
  std::string kind;           // "change", "refusal"
  std::string who, role;      // the key's name and its role; empty: nobody known
  std::string what;           // "keys.create"; of a refusal what it was refused for: "model_not_allowed"
  std::string about;          // what it was done to: "key 'web'"
  std::string before, after;  // JSON, without secrets; empty: there was nothing, there is nothing
  std::string from;           // the address that asked
  std::string request_id;
  std::int64_t count = 1;  // of refusals: how many of these
};

struct AuditHead {
  std::int64_t number = 0;  // 0: there are no entries
  std::string hash;         // 64 hex digits; of no entries: empty

  bool operator==(const AuditHead&) const = default;
};

struct AuditLine {
  std::string text;
  AuditHead head;  // with it as the last entry
};

AuditLine audit_line(const AuditEntry& entry, const AuditHead& after);

// What it was when it was the last one, by the line alone. Nothing: it is no entry.
std::optional<AuditHead> head_of(std::string_view line);

// Goes through the lines from the first one on.
class AuditCheck {
 public:
  // Fault: kInvalidRequest that says what is wrong with the line.
  Status add(std::string_view line);
  const AuditHead& head() const { return head_; }

 private:
  AuditHead head_;
};

// "12 ab…": what a head is kept as. Nothing when it is none.
std::string to_text(const AuditHead& head);
std::optional<AuditHead> parse_audit_head(std::string_view text);

}  // namespace sluice::store
