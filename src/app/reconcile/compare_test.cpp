#include "app/reconcile/compare.h"

#include <gtest/gtest.h>

namespace sluice::app::compare_test {
namespace {

constexpr std::int64_t kDay = 1'790'035'200'000'000;  // 2026-09-22, UTC
constexpr std::int64_t kHourUs = 3'600'000'000, kDayUs = 24 * kHourUs;

BookLine book(std::string request_id, std::int64_t at_us, std::int64_t input = 100, std::int64_t output = 10) {
  BookLine line;
  line.exchange = "req_" + request_id;
  line.provider = "openai";
  line.model_routed = "gpt-4o";
  line.model_served = "gpt-4o-2024-08-06";
  line.request_id = std::move(request_id);
  line.began_us = at_us - 1000;
  line.ended_us = at_us;
  line.status = 200;
  line.outcome = "served";
  line.source = BookLine::Usage::kProvider;
  line.input = input;
  line.output = output;
  line.cost_nanos = input * 5 + output * 20;
  return line;
}

UsageLine of_request(const BookLine& line, std::size_t number) {
  return {.line = number,
          .from_us = line.ended_us,
          .to_us = line.ended_us + 1,
          .model = line.model_served,
          .request_id = line.request_id,
          .input = line.input,
          .output = line.output,
          .cost_nanos = line.cost_nanos};
}

// "tokens differ 3, …": each finding with its line.
std::string told(const Comparison& comparison) {
  std::string words;
  for (const auto& finding : comparison.findings)
    words += std::string(words.empty() ? "" : ", ") + std::string(name(finding.verdict)) + " " +
             std::to_string(finding.line);
  return words;
}

TEST(Compare, RequestsAreFoundByTheProvidersId) {
  std::vector<BookLine> books;
  UsageFile file;
  for (int i = 0; i < 10; ++i) {
    books.push_back(book("r" + std::to_string(i), kDay + i));
    file.lines.push_back(of_request(books.back(), i + 2));
  }
  const auto comparison = compare(file, books);
  EXPECT_TRUE(comparison.explained());
  EXPECT_EQ(comparison.counts.at(Verdict::kMatched), 10U);
  EXPECT_TRUE(comparison.findings.empty());
  EXPECT_EQ(comparison.cost_here_nanos, 7000);
  EXPECT_EQ(comparison.cost_there_nanos, 7000);
}

TEST(Compare, EachDifferenceOfARequestHasItsVerdict) {
  std::vector<BookLine> books;
  UsageFile file;
  for (int i = 0; i < 8; ++i) {
    books.push_back(book("r" + std::to_string(i), kDay + i));
    file.lines.push_back(of_request(books.back(), i + 2));
  }
  file.lines[1].output = 11;                      // line 3
  books[2].source = BookLine::Usage::kEstimated;  // line 4
  file.lines[2].output = 12;
  books[3].source = BookLine::Usage::kNone;  // line 5
  books[3].input = books[3].output = 0;
  file.lines[4].cost_nanos = 701;    // line 6
  books[5].request_id = "other";     // line 7, and one that is missing there
  file.lines[6].request_id = "r0";   // line 8: twice; its own is missing there
  file.lines[7].cost_nanos.reset();  // line 9: not told
  auto refused = book("no", kDay + 1);
  refused.status = 429;
  refused.source = BookLine::Usage::kNone;
  books.push_back(refused);  // was not charged: missing nowhere
  const auto comparison = compare(file, books);
  EXPECT_EQ(told(comparison),
            "tokens differ 3, estimated here 4, no usage told 5, price differs 6, missing here 7, missing here 8, "
            "missing there 0, missing there 0");
  EXPECT_FALSE(comparison.explained());
  EXPECT_EQ(comparison.findings[0].detail, "output 11 there, 10 here (req_r1, served)");
  EXPECT_EQ(comparison.findings[3].detail, "0.000000701 USD there, 0.0000007 here (gpt-4o, req_r4)");
}

// A line of a day and model with the sum of what ended in it.
UsageFile days_of(const std::vector<BookLine>& books, std::size_t days, std::int64_t offset_us = 0) {
  UsageFile file{.format = UsageFormat::kOpenai, .lines = {}};
  for (std::size_t day = 0; day < days; ++day) {
    UsageLine line{.line = day + 1,
                   .from_us = kDay + static_cast<std::int64_t>(day) * kDayUs,
                   .to_us = kDay + static_cast<std::int64_t>(day + 1) * kDayUs,
                   .model = "gpt-4o-2024-08-06",
                   .requests = 0,
                   .input = 0,
                   .output = 0};
    for (const auto& one : books) {
      if (one.ended_us + offset_us < line.from_us || one.ended_us + offset_us >= line.to_us) continue;
      ++*line.requests;
      *line.input += one.input;
      *line.output += one.output;
    }
    file.lines.push_back(line);
  }
  return file;
}

std::vector<BookLine> hourly(std::size_t hours) {
  std::vector<BookLine> books;
  for (std::size_t i = 0; i < hours; ++i)
    books.push_back(book("h" + std::to_string(i), kDay + static_cast<std::int64_t>(i) * kHourUs + 1,
                         100 + static_cast<std::int64_t>(i)));
  return books;
}

TEST(Compare, DaysAreTheSumOfTheirAttempts) {
  const auto books = hourly(72);
  auto comparison = compare(days_of(books, 3), books);
  EXPECT_TRUE(comparison.explained());
  EXPECT_EQ(comparison.counts.at(Verdict::kMatched), 3U);
  auto file = days_of(books, 3);
  file.lines[1].output = *file.lines[1].output + 1;
  file.lines[2].cost_nanos = 1;
  comparison = compare(file, books);
  EXPECT_EQ(told(comparison), "tokens differ 2, price differs 3");
  EXPECT_EQ(comparison.findings[0].subject, "gpt-4o-2024-08-06 2026-09-23T00:00:00.000Z");
}

TEST(Compare, DaysOfAnotherZoneAreFound) {
  const auto books = hourly(6 * 24);
  for (std::int64_t hours : {2, -7}) {
    const auto comparison = compare(days_of(books, 5, hours * kHourUs), books);
    EXPECT_TRUE(comparison.explained()) << told(comparison);
    ASSERT_FALSE(comparison.findings.empty());
    EXPECT_EQ(comparison.findings[0].verdict, Verdict::kZone);
    EXPECT_NE(comparison.findings[0].detail.find(hours == 2 ? "UTC+2" : "UTC-7"), std::string::npos);
  }
}

// Whose clocks are half an hour or a quarter off are found too, and where several fit all of them are told.
TEST(Compare, ZonesOfHalfHoursAreFoundAndSeveralThatFitAreTold) {
  const auto books = hourly(6 * 24);
  auto detail = [&](std::int64_t minutes) {
    const auto comparison = compare(days_of(books, 5, minutes * kHourUs / 60), books);
    EXPECT_TRUE(comparison.explained()) << told(comparison);
    return comparison.findings.empty() ? std::string() : comparison.findings[0].detail;
  };
  EXPECT_EQ(detail(-210), "the same in days of UTC-4 to UTC-3:15; all of these fit");
  EXPECT_EQ(detail(345), "the same in days of UTC+5 to UTC+5:45; all of these fit");
}

TEST(Compare, MomentsAreOfNoZone) {
  const auto books = hourly(6 * 24);
  auto file = days_of(books, 5, 2 * kHourUs);
  file.clock = UsageClock::kAbsolute;
  const auto comparison = compare(file, books);
  EXPECT_FALSE(comparison.explained());
  EXPECT_FALSE(comparison.counts.contains(Verdict::kZone));
}

TEST(Compare, WhatIsInNoTimeOfTheFileIsCounted) {
  const auto books = hourly(72);
  auto file = days_of(books, 3);
  EXPECT_EQ(compare(file, books).outside, 0U);
  file.lines.erase(file.lines.begin() + 1);
  const auto comparison = compare(file, books);
  EXPECT_TRUE(comparison.explained()) << told(comparison);
  EXPECT_EQ(comparison.outside, 24U);
  UsageFile of_one;
  of_one.lines.push_back(of_request(books[0], 2));
  EXPECT_EQ(compare(of_one, books).outside, 71U);
}

TEST(Compare, WhatIsInTheNeighbouringDayIsABoundary) {
  auto books = hourly(72);
  const auto file = days_of(books, 3);
  // It began in the first day, where the provider counted it, and ended in the second.
  books[23].ended_us = kDay + kDayUs + 5;
  const auto comparison = compare(file, books);
  EXPECT_EQ(told(comparison), "day boundary 1, day boundary 2");
  EXPECT_TRUE(comparison.explained());
}

TEST(Compare, ABoundaryIsFoundWhereTheFileHasNothingOfTheNextDay) {
  auto books = hourly(24);
  auto file = days_of(books, 2);
  file.lines.pop_back();
  file.lines.push_back(file.lines[0]);  // of another model, so that the file has the day
  file.lines[1].line = 2;
  file.lines[1].model = "o3";
  file.lines[1].from_us += kDayUs;
  file.lines[1].to_us += kDayUs;
  file.lines[1].requests = file.lines[1].input = file.lines[1].output = 0;
  books[23].ended_us = kDay + kDayUs + 5;
  const auto comparison = compare(file, books);
  EXPECT_EQ(told(comparison), "day boundary 1, day boundary 0");
  EXPECT_TRUE(comparison.explained());
}

TEST(Compare, ModelsAreMissingHereAndThere) {
  auto books = hourly(24);
  auto file = days_of(books, 1);
  file.lines.push_back(file.lines[0]);
  file.lines[1].line = 2;
  file.lines[1].model = "o3";
  books.push_back(book("x", kDay + 5));
  books.back().model_served = "gpt-5";
  const auto comparison = compare(file, books);
  EXPECT_EQ(told(comparison), "missing here 2, missing there 0");
  EXPECT_FALSE(comparison.explained());
}

TEST(Compare, LinesWithoutAnAmountDoNotMatch) {
  const auto books = hourly(24);
  auto file = days_of(books, 1);
  file.ignored = {"colour"};
  file.lines[0].requests.reset();
  file.lines[0].input.reset();
  file.lines[0].output.reset();
  auto comparison = compare(file, books);
  EXPECT_TRUE(comparison.counts.empty());
  EXPECT_EQ(comparison.silent, 1U);
  EXPECT_EQ(comparison.ignored, std::vector<std::string>{"colour"});
  UsageFile requests;
  requests.lines.push_back({.line = 2, .from_us = kDay, .to_us = kDay + kHourUs, .request_id = "h0"});
  comparison = compare(requests, books);
  EXPECT_FALSE(comparison.counts.contains(Verdict::kMatched));
  EXPECT_EQ(comparison.silent, 1U);
}

TEST(Compare, EstimatesOfADayAreExplained) {
  auto books = hourly(24);
  auto file = days_of(books, 1);
  books[3].source = BookLine::Usage::kEstimated;
  books[3].output += 2;
  EXPECT_EQ(told(compare(file, books)), "estimated here 1");
  // Its input was 103, its output 12: at most four times as many and a thousand more.
  file.lines[0].input = *file.lines[0].input + 3 * 103 + 1000;
  file.lines[0].output = *file.lines[0].output + 3 * 12 + 2 + 1000;
  EXPECT_EQ(told(compare(file, books)), "estimated here 1");
  EXPECT_TRUE(compare(file, books).explained());
}

TEST(Compare, AnEstimateExplainsNoMoreThanItCanBeOff) {
  auto books = hourly(24);
  const auto exact = days_of(books, 1);
  books[3].source = BookLine::Usage::kEstimated;
  auto file = exact;
  file.lines[0].input = *file.lines[0].input + 3 * 103 + 1001;
  auto comparison = compare(file, books);
  EXPECT_EQ(told(comparison), "tokens differ 1");
  EXPECT_FALSE(comparison.explained());
  EXPECT_NE(comparison.findings[0].detail.find("(1 of 24 is an estimate, more than an estimate can be off)"),
            std::string::npos)
      << comparison.findings[0].detail;
  file = exact;
  file.lines[0].output = 9'999'999;
  EXPECT_FALSE(compare(file, books).explained());
  file = exact;
  file.lines[0].input = 1;  // less than what is known exactly
  EXPECT_FALSE(compare(file, books).explained());
}

TEST(Compare, MoneyBeyondAnEstimateIsToBeLookedAt) {
  auto books = hourly(24);
  auto file = days_of(books, 1);
  std::int64_t cost = 0;
  for (const auto& one : books) cost += *one.cost_nanos;
  books[3].source = BookLine::Usage::kEstimated;
  file.lines[0].output = *file.lines[0].output + 10;
  file.lines[0].cost_nanos = cost + 200;
  EXPECT_EQ(told(compare(file, books)), "estimated here 1");
  file.lines[0].cost_nanos = 5'000'000'000'000;
  EXPECT_EQ(told(compare(file, books)), "price differs 1");
  // Where no tokens are told, nothing says that it is the price.
  file.lines[0].requests.reset();
  file.lines[0].input.reset();
  file.lines[0].output.reset();
  EXPECT_EQ(told(compare(file, books)), "money differs 1");
  EXPECT_FALSE(compare(file, books).explained());
  file.lines[0].cost_nanos = cost + 200;
  EXPECT_EQ(told(compare(file, books)), "estimated here 1");
}

TEST(Compare, WhatToldNothingIsExplainedByWhatWasSetAsideForIt) {
  auto books = hourly(24);
  auto file = days_of(books, 1);
  std::int64_t cost = 0;
  for (const auto& one : books) cost += *one.cost_nanos;
  file.lines[0].cost_nanos = cost;
  auto& untold = books[4];
  untold.source = BookLine::Usage::kNone;
  untold.input = untold.output = 0;
  untold.cost_nanos.reset();
  EXPECT_EQ(told(compare(file, books)), "tokens differ 1");
  untold.held_nanos = 719;
  EXPECT_EQ(told(compare(file, books)), "tokens differ 1");
  untold.held_nanos = 720;  // 104 tokens in, 10 out
  EXPECT_EQ(told(compare(file, books)), "no usage told 1");
  EXPECT_TRUE(compare(file, books).explained());
  file.lines[0].cost_nanos.reset();
  EXPECT_FALSE(compare(file, books).explained());
  // It cost nothing: it explains nothing.
  file.lines[0].cost_nanos = cost;
  untold.cost_nanos = 0;
  EXPECT_FALSE(compare(file, books).explained());
}

TEST(Compare, AnEstimatedRequestExplainsNoMoreThanItCanBeOff) {
  std::vector<BookLine> books{book("r1", kDay)};
  UsageFile file;
  file.lines.push_back(of_request(books[0], 2));
  books[0].source = BookLine::Usage::kEstimated;
  file.lines[0].output = 40 + 1000;
  EXPECT_EQ(told(compare(file, books)), "estimated here 2");
  file.lines[0].output = 40 + 1001;
  EXPECT_EQ(told(compare(file, books)), "tokens differ 2");
}

}  // namespace
}  // namespace sluice::app::compare_test
