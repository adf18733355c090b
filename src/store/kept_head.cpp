#include "store/kept_head.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/journal/file.h"
#include "base/log.h"
#include "base/text.h"
#include "store/audit.h"

namespace sluice::store {

namespace {

constexpr std::size_t kMostShown = 200;

// Of no file: none.
std::string bytes_of(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return {};
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool is_there(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

Result<bool> has(Directory& directory, const AuditHead& head) {
  if (head.number == 0) return true;
  auto lines = directory.audit({.before = head.number + 1, .most = 1});
  if (!lines) return fail_from(lines);
  return !lines->empty() && head_of(lines->front()) == head;
}

// What the log should have and has not; empty: it is whole.
Result<std::string> lost_head(Directory& directory, const std::string& head_file, const AuditHead& last) {
  if (!is_there(head_file)) {
    // The first start, or its first entry was not kept yet.
    return last.number <= 1 ? std::string() : "no audit_head was there, the last entry was " + to_text(last);
  }
  const auto text = bytes_of(head_file);
  const auto kept = parse_audit_head(text);
  if (!kept) return "audit_head was no head: " + printable(text, kMostShown);
  auto found = has(directory, *kept);
  if (!found) return fail_from(found);
  return *found ? std::string() : to_text(*kept);
}

}  // namespace

std::string lost_heads_file(const std::string& head_file) {
  return head_file + ".lost";
}

Status check_kept_head(Directory& directory, const std::string& head_file) {
  const auto lost_file = lost_heads_file(head_file);
  auto last = directory.audit_head();
  if (!last) return fail_from(last);
  auto lost = lost_head(directory, head_file, *last);
  if (!lost) return fail_from(lost);
  if (!lost->empty()) {
    if (auto kept = journal::replace_file(lost_file, bytes_of(lost_file) + *lost + "\n"); !kept) return kept;
    if (auto kept = journal::replace_file(head_file, to_text(*last) + "\n"); !kept) return kept;
  }
  if (is_there(lost_file)) {
    auto heads = bytes_of(lost_file);
    heads = printable(std::string_view(heads).substr(0, heads.find_last_not_of('\n') + 1), kMostShown);
    log::write(log::Level::kError, "the audit log is not whole: it has not the head that was kept",
               {{"kept", heads}, {"last", to_text(*last)}, {"file", lost_file}});
  }
  return {};
}

}  // namespace sluice::store
