#include "store/audit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace sluice::store::audit_test {
namespace {

std::vector<std::string> chain(int count) {
  std::vector<std::string> lines;
  AuditHead head;
  for (int i = 0; i < count; ++i) {
    auto line = audit_line({.at_us = 1'790'000'000'123'456 + i,
                            .kind = "change",
                            .who = "master",
                            .role = "owner",
                            .what = "keys.block",
                            .about = "key \"" + std::to_string(i) + '"',
                            .before = R"({"blocked":false})",
                            .after = R"({"blocked":true})",
                            .from = "127.0.0.1",
                            .request_id = "req_1"},
                           head);
    lines.push_back(line.text);
    head = line.head;
  }
  return lines;
}

// What is wrong with them; empty: nothing.
std::string check(const std::vector<std::string>& lines) {
  AuditCheck check;
  for (const auto& line : lines) {
    if (auto fine = check.add(line); !fine) return fine.error().told;
  }
  return {};
}

TEST(Audit, AnEntryIsALineOfJson) {
  EXPECT_EQ(
      chain(1)[0],
      R"({"number":1,"previous":"","at":"2026-09-21T14:13:20.123456Z","kind":"change","who":"master","role":"owner",)"
      R"("what":"keys.block","about":"key \"0\"","before":{"blocked":false},"after":{"blocked":true},)"
      R"("from":"127.0.0.1","request_id":"req_1","count":1,"hash":")" +
          chain(1)[0].substr(chain(1)[0].size() - 66));
}

TEST(Audit, AWholeChainIsFine) {
  EXPECT_EQ(check(chain(0)), "");
  EXPECT_EQ(check(chain(20)), "");
}

TEST(Audit, EveryChangedByteIsNoticed) {
  const auto whole = chain(3);
  for (std::size_t i = 0; i < whole[1].size(); ++i) {
    auto lines = whole;
    lines[1][i] = lines[1][i] == 'x' ? 'y' : 'x';
    EXPECT_NE(check(lines), "") << i;
  }
  for (std::size_t cut = 0; cut < whole[1].size(); ++cut) {
    auto lines = whole;
    lines[1].resize(cut);
    EXPECT_NE(check(lines), "") << cut;
  }
}

TEST(Audit, RemovedInsertedAndMovedLinesAreNoticed) {
  const auto whole = chain(5);
  for (std::size_t i = 0; i + 1 < whole.size(); ++i) {
    auto lines = whole;
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_NE(check(lines), "") << i;
    lines = whole;
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(i), whole[i]);
    EXPECT_NE(check(lines), "") << i;
    lines = whole;
    std::swap(lines[i], lines[i + 1]);
    EXPECT_NE(check(lines), "") << i;
  }
}

TEST(Audit, AChainWrittenAnewHasAnotherHead) {
  AuditCheck first, second;
  for (const auto& line : chain(3)) ASSERT_TRUE(first.add(line));
  AuditHead head;
  for (int i = 0; i < 3; ++i) {
    auto line = audit_line({.kind = "change", .who = "somebody else"}, head);
    ASSERT_TRUE(second.add(line.text));
    head = line.head;
  }
  EXPECT_EQ(first.head().number, second.head().number);
  EXPECT_NE(first.head(), second.head());
}

TEST(Audit, TheHeadIsThatOfTheLastLine) {
  AuditCheck check;
  auto lines = chain(3);
  for (const auto& line : lines) ASSERT_TRUE(check.add(line));
  EXPECT_EQ(head_of(lines.back()), check.head());
  for (auto text : {"", "{}", R"({"number":x,"hash":""})", R"({"number":1,)"}) EXPECT_FALSE(head_of(text)) << text;
}

TEST(Audit, HeadsAreReadBack) {
  AuditCheck check;
  for (const auto& line : chain(2)) ASSERT_TRUE(check.add(line));
  EXPECT_EQ(parse_audit_head(to_text(check.head()) + "\n"), check.head());
  EXPECT_EQ(parse_audit_head(to_text(AuditHead{})), AuditHead{});
  for (auto text : {"", "1", "1 ", "x ab", "-1 ", "0 ab", "2 zz"}) EXPECT_FALSE(parse_audit_head(text)) << text;
}

}  // namespace
}  // namespace sluice::store::audit_test
