#include "base/text.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "base/release.h"

namespace sluice::text_test {
namespace {

using namespace std::string_view_literals;

TEST(Text, LowersAsciiOnly) {
  EXPECT_EQ(lower("Content-TYPE"), "content-type");
  EXPECT_EQ(lower("\xc3\x84@[`{"), "\xc3\x84@[`{");
}

TEST(Text, ComparesWithoutCase) {
  EXPECT_TRUE(iequals("", ""));
  EXPECT_TRUE(iequals("Host", "hOST"));
  EXPECT_FALSE(iequals("host", "hosts"));
  EXPECT_FALSE(iequals("@", "`"));  // 32 apart, but no letters
}

TEST(Text, ComparesEachCharacterOfAnyLength) {
  auto plainly = [](char a, char b) { return to_lower(a) == to_lower(b); };
  for (std::size_t size = 1; size <= 20; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (unsigned byte = 0; byte < 256 * 4; ++byte) {
        constexpr unsigned kChanges[] = {0, 0x20, 0x80, 0x41};
        std::string one(size, 'k'), other(size, 'K');
        one[at] = static_cast<char>(byte % 256);
        other[at] = static_cast<char>(byte % 256 ^ kChanges[byte / 256]);
        ASSERT_EQ(iequals(one, other), plainly(one[at], other[at])) << size << ' ' << at << ' ' << byte;
      }
    }
  }
}

TEST(Text, KnowsPrintableBytesAnywhere) {
  for (std::size_t size = 1; size <= 20; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (unsigned byte = 0; byte < 256; ++byte) {
        std::string text(size, '~');
        text[at] = static_cast<char>(byte);
        ASSERT_EQ(is_printable(text), byte >= 0x20 && byte < 0x7f) << size << ' ' << at << ' ' << byte;
      }
    }
  }
  EXPECT_TRUE(is_printable("", 0));
  EXPECT_FALSE(is_printable("ab", 1));
}

TEST(Release, GivesMemoryBack) {
  std::string text(1000, 'x');
  release(text);
  EXPECT_EQ(text, "");
  EXPECT_LT(text.capacity(), 100U);
}

TEST(Text, TrimsSpacesAndTabs) {
  EXPECT_EQ(trim(" \t a b \t"), "a b");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\na\n"), "\na\n");
}

TEST(Text, SplitsAndKeepsEmptyPieces) {
  EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string_view>{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
}

TEST(Text, ReadsWholeNumbersOnly) {
  EXPECT_EQ(to_number<int>("-17"), -17);
  EXPECT_EQ(to_number<std::uint8_t>("255"), 255);
  EXPECT_FALSE(to_number<std::uint8_t>("256"));
  EXPECT_FALSE(to_number<unsigned>("-1"));
  for (auto text : {"", " 1", "1 ", "+1", "1x", "0x10", "1.0"}) EXPECT_FALSE(to_number<int>(text)) << text;
  EXPECT_EQ(to_number<std::uint64_t>("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_FALSE(to_number<std::uint64_t>("18446744073709551616"));
}

TEST(Text, FindsTheNearestName) {
  std::array names{"gpt-4o"sv, "gpt-4o-mini"sv, "claude"sv};
  EXPECT_EQ(nearest("gpt-4o-mni", names), "gpt-4o-mini");
  EXPECT_EQ(nearest("GPT-4O", names), "gpt-4o");
  EXPECT_EQ(nearest("cluade", names), "claude");
  EXPECT_EQ(nearest("completely-different", names), "");
  EXPECT_EQ(nearest("x", {}), "");
}

TEST(Text, ReadsDurations) {
  EXPECT_EQ(parse_duration_ms("250ms"), 250);
  EXPECT_EQ(parse_duration_ms("2s"), 2'000);
  EXPECT_EQ(parse_duration_ms("10m"), 600'000);
  EXPECT_EQ(parse_duration_ms("1h"), 3'600'000);
  EXPECT_EQ(parse_duration_ms("90d"), 7'776'000'000);
  EXPECT_EQ(parse_duration_ms("0s"), 0);
  for (auto text : {"", "5", "s", "2 s", "-1s", "+1s", "1.5s", "2S", "1w", "99999999999999999999s", "2s ", " 2s"}) {
    EXPECT_FALSE(parse_duration_ms(text)) << text;
  }
}

TEST(Text, ReadsSizes) {
  EXPECT_EQ(parse_size("512"), 512u);
  EXPECT_EQ(parse_size("512B"), 512u);
  EXPECT_EQ(parse_size("10KiB"), 10'240u);
  EXPECT_EQ(parse_size("64MiB"), 64u << 20);
  EXPECT_EQ(parse_size("1GiB"), 1u << 30);
  for (auto text : {"", "KiB", "10KB", "10 KiB", "10kib", "-1", "1.5MiB", "99999999999999999999"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(Text, RefusesSizesAndDurationsThatDoNotFit) {
  for (auto text : {"1099511627776GiB", "34359738369GiB", "8589934592GiB", "9007199254740993KiB"})
    EXPECT_FALSE(parse_size(text)) << text;
  EXPECT_FALSE(parse_duration_ms("9223372036854775808ms"));
  EXPECT_FALSE(parse_duration_ms("5124095576030431h"));
}

TEST(Text, WritesDurationsInTheLargestUnitThatFits) {
  EXPECT_EQ(format_duration(0), "0ms");
  EXPECT_EQ(format_duration(250), "250ms");
  EXPECT_EQ(format_duration(1'500), "1500ms");
  EXPECT_EQ(format_duration(2'000), "2s");
  EXPECT_EQ(format_duration(600'000), "10m");
  EXPECT_EQ(format_duration(3'600'000), "1h");
  EXPECT_EQ(format_duration(2 * 86'400'000), "2d");
}

TEST(Text, WritesSizesInTheLargestUnitThatFits) {
  EXPECT_EQ(format_size(0), "0B");
  EXPECT_EQ(format_size(1'000), "1000B");
  EXPECT_EQ(format_size(2'048), "2KiB");
  EXPECT_EQ(format_size(64u << 20), "64MiB");
  EXPECT_EQ(format_size(3ULL << 30), "3GiB");
}

TEST(Text, DurationsAndSizesSurviveARoundTrip) {
  for (std::int64_t value : {0, 1, 999, 1'000, 61'000, 86'400'000})
    EXPECT_EQ(parse_duration_ms(format_duration(value)), value);
  for (std::uint64_t value : {0ULL, 1ULL, 1023ULL, 1024ULL, 5ULL << 20, 7ULL << 30})
    EXPECT_EQ(parse_size(format_size(value)), value);
}

// Each is one broken byte after another, never part of a character.
constexpr std::array kBroken{"\x80"sv,
                             "\xff"sv,
                             "\xc3"sv,
                             "\xc0\xaf"sv,
                             "\xe0\x80\x80"sv,
                             "\xed\xa0\x80"sv,
                             "\xf0\x80\x80\x80"sv,
                             "\xf4\x90\x80\x80"sv,
                             "\xf5\x80\x80\x80"sv,
                             "\xe2\x82"sv,
                             "\xf0\x9f\x98"sv,
                             "\xc3\x28"sv};

TEST(Printable, PassesValidTextOfAllLengths) {
  EXPECT_EQ(printable("plain"), "plain");
  EXPECT_EQ(printable("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
}

TEST(Printable, ReplacesControlCharacters) {
  EXPECT_EQ(printable("a\r\nb\t\x1b[31m\x7f"), "a??b??[31m?");
  EXPECT_EQ(printable("a\0b"sv), "a?b");
}

TEST(Printable, ReplacesBrokenSequences) {
  for (auto text : kBroken) {
    auto shown = printable(text);
    EXPECT_TRUE(shown.starts_with('?')) << shown;
    for (char c : shown) EXPECT_GT(static_cast<unsigned char>(c), 0x1f);
    EXPECT_EQ(shown.find_first_of("\x80\xc3\xe0\xed\xf0\xf4\xf5\xff"), std::string::npos);
  }
}

TEST(Printable, CutsLongTextBetweenCharacters) {
  EXPECT_EQ(printable(std::string(300, 'a')), std::string(197, 'a') + "…");
  EXPECT_EQ(printable("abc", 3), "abc");
  EXPECT_EQ(printable("abcd", 3), "…");
  EXPECT_EQ(printable("", 3), "");
}

TEST(Printable, NeverExceedsItsLimit) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xff";
  for (std::size_t limit = 3; limit < text.size() + 5; ++limit) EXPECT_LE(printable(text, limit).size(), limit);
}

TEST(Printable, ReplacesControlCharactersBeyondAscii) {
  EXPECT_EQ(printable("a\xc2\x9b"
                      "31mb\xc2\x80\xc2\xa0"),
            "a?31mb?\xc2\xa0");
}

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonString, QuotesAndEscapes) {
  EXPECT_EQ(json(""), R"("")");
  EXPECT_EQ(json("a\"b\\c/"), R"("a\"b\\c/")");
  EXPECT_EQ(json("line\nnext\r\t"), R"("line\nnext\u000d\u0009")");
  EXPECT_EQ(json("\0\x1f"sv), R"("\u0000\u001f")");
  EXPECT_EQ(json("ä€😀"), "\"ä€😀\"");
}

TEST(JsonString, WhatIsPlainIsFoundByteByByte) {
  for (std::size_t size = 0; size < 20; ++size) {
    const std::string plain(size, 'a');
    EXPECT_EQ(plain_json_size(plain), size);
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        auto text = plain;
        text[at] = static_cast<char>(byte);
        const bool is_plain = byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
        EXPECT_EQ(plain_json_size(text), is_plain ? size : at) << byte << " at " << at << " of " << size;
      }
    }
  }
}

TEST(JsonString, BrokenBytesBecomeTheReplacementCharacter) {
  EXPECT_EQ(json("a\xff\xfe!"), "\"a\xef\xbf\xbd\xef\xbf\xbd!\"");
  EXPECT_EQ(json("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(json("\xc3\""), "\"\xef\xbf\xbd\\\"\"");
  for (auto text : kBroken) EXPECT_TRUE(json(text).starts_with("\"\xef\xbf\xbd"));
}

TEST(JsonString, AppendsToWhatIsThere) {
  std::string out = "{\"a\":";
  append_json_string(out, "b");
  EXPECT_EQ(out, R"({"a":"b")");
}

TEST(Glob, StarStandsForAnyRun) {
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("*", "anything"));
  EXPECT_TRUE(glob_match("openai/*", "openai/"));
  EXPECT_TRUE(glob_match("openai/*", "openai/gpt-4o"));
  EXPECT_TRUE(glob_match("*-mini", "gpt-4o-mini"));
  EXPECT_TRUE(glob_match("a*b*c", "a-b-b-c"));
  EXPECT_TRUE(glob_match("**", "x"));
  EXPECT_FALSE(glob_match("openai/*", "openai"));
  EXPECT_FALSE(glob_match("a*b*c", "a-b-b"));
  EXPECT_FALSE(glob_match("", "x"));
  EXPECT_TRUE(glob_match("", ""));
  EXPECT_FALSE(glob_match("GPT*", "gpt-4o"));
}

TEST(Glob, TakesOtherCharactersAsTheyAre) {
  EXPECT_FALSE(glob_match("a?c", "abc"));
  EXPECT_TRUE(glob_match("a?c", "a?c"));
  EXPECT_TRUE(glob_match("[a].", "[a]."));
}

TEST(Glob, HostilePatternsEndSoon) {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "a*";
  EXPECT_FALSE(glob_match(pattern + "b", std::string(20'000, 'a')));
}

}  // namespace
}  // namespace sluice::text_test
