#include "store/audit.h"

#include <fmt/format.h>

#include "base/hmac.h"
#include "base/text.h"
#include "base/time_text.h"

namespace sluice::store {

namespace {

constexpr std::string_view kHashMember = R"(,"hash":")";
constexpr std::size_t kHashSize = 64;
constexpr std::string_view kEnd = R"("})";

void add_text(std::string& line, std::string_view name, std::string_view value) {
  line += fmt::format(R"(,"{}":)", name);
  append_json_string(line, value);
}

std::string begin_of(std::int64_t number, std::string_view previous) {
  return fmt::format(R"({{"number":{},"previous":"{}",)", number, previous);
}

Failure wrong(std::int64_t number, std::string_view what) {
  return fail(FaultKind::kInvalidRequest, fmt::format("Entry {} {}.", number, what));
}

}  // namespace

AuditLine audit_line(const AuditEntry& entry, const AuditHead& after) {
  AuditLine made{.text = begin_of(after.number + 1, after.hash), .head = {.number = after.number + 1, .hash = {}}};
  auto& line = made.text;
  line += fmt::format(R"("at":"{}")", time_text(entry.at_us));
  add_text(line, "kind", entry.kind);
  add_text(line, "who", entry.who);
  add_text(line, "role", entry.role);
  add_text(line, "what", entry.what);
  add_text(line, "about", entry.about);
  line += fmt::format(R"(,"before":{},"after":{})", entry.before.empty() ? "null" : entry.before,
                      entry.after.empty() ? "null" : entry.after);
  add_text(line, "from", entry.from);
  add_text(line, "request_id", entry.request_id);
  line += fmt::format(R"(,"count":{})", entry.count);
  made.head.hash = hex(sha256(line + "}"));
  line += fmt::format("{}{}{}", kHashMember, made.head.hash, kEnd);
  return made;
}

std::optional<AuditHead> head_of(std::string_view line) {
  constexpr std::string_view kNumber = R"({"number":)";
  const auto tail = kHashMember.size() + kHashSize + kEnd.size();
  const auto end = line.find(',');
  if (!line.starts_with(kNumber) || end == std::string_view::npos || line.size() <= end + tail) return std::nullopt;
  const auto number = to_number<std::int64_t>(line.substr(kNumber.size(), end - kNumber.size()));
  if (!number) return std::nullopt;
  return AuditHead{*number, hex(sha256(std::string(line.substr(0, line.size() - tail)) + "}"))};
}

Status AuditCheck::add(std::string_view line) {
  const auto number = head_.number + 1;
  const auto tail = kHashMember.size() + kHashSize + kEnd.size();
  if (line.size() <= tail || !line.ends_with(kEnd)) return wrong(number, "is cut off or no entry");
  auto signed_part = line.substr(0, line.size() - tail);
  auto hash = line.substr(signed_part.size() + kHashMember.size(), kHashSize);
  if (line.substr(signed_part.size(), kHashMember.size()) != kHashMember) return wrong(number, "has no hash");
  if (hex(sha256(std::string(signed_part) + "}")) != hash) return wrong(number, "was changed: its hash is another one");
  if (!signed_part.starts_with(begin_of(number, head_.hash))) {
    return wrong(number, "does not follow the one before it: an entry was removed, inserted, moved or written anew");
  }
  head_ = {number, std::string(hash)};
  return {};
}

std::string to_text(const AuditHead& head) {
  return fmt::format("{} {}", head.number, head.hash);
}

std::optional<AuditHead> parse_audit_head(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  auto space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  auto number = to_number<std::int64_t>(text.substr(0, space));
  auto hash = text.substr(space + 1);
  if (!number || *number < 0) return std::nullopt;
  bool fits = *number == 0 ? hash.empty() : parse_sha256(hash).has_value();
  if (!fits) return std::nullopt;
  return AuditHead{*number, std::string(hash)};
}

}  // namespace sluice::store
