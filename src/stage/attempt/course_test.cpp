#include "stage/attempt/course.h"

#include <gtest/gtest.h>

namespace sluice::stage::course_test {
namespace {

using provider::Remedy;

// Candidates are letters; the remedies are those of the failures in order. "ab~c": the ~ is a pause.
std::string course_of(std::size_t candidates, std::uint32_t retries, std::vector<std::pair<Remedy, Ms>> failures) {
  Course course(candidates, retries, Ms(100));
  std::string tried;
  Instant at{};
  for (const auto& [remedy, pause] : failures) {
    auto step = course.next(at);
    if (!step) return tried + ".";
    if (step->pause.count() > 0) tried += "~";
    tried += static_cast<char>('a' + step->candidate);
    at += step->pause;
    course.began(step->candidate);
    course.failed(step->candidate, remedy, pause, Ms(0), at);
  }
  return tried;
}

std::vector<std::pair<Remedy, Ms>> times(int count, Remedy remedy, Ms pause = Ms(10)) {
  return std::vector<std::pair<Remedy, Ms>>(static_cast<std::size_t>(count), {remedy, pause});
}

TEST(Course, EachOnceThenRoundsWithPauses) {
  EXPECT_EQ(course_of(3, 2, times(12, Remedy::kElsewhere)), "abc~abc~abc.");
}

TEST(Course, AloneItIsTriedAgain) {
  EXPECT_EQ(course_of(1, 2, times(5, Remedy::kElsewhere)), "a~a~a.");
  EXPECT_EQ(course_of(1, 0, times(5, Remedy::kElsewhere)), "a.");
}

TEST(Course, AgainComesBeforeOthers) {
  EXPECT_EQ(course_of(2, 1, times(9, Remedy::kAgain)), "a~ab~b.");
}

TEST(Course, ElsewhereOnlyNeverComesBack) {
  EXPECT_EQ(course_of(2, 2, times(9, Remedy::kElsewhereOnly)), "ab.");
}

TEST(Course, GivingUpEndsIt) {
  EXPECT_EQ(course_of(3, 2, {{Remedy::kElsewhere, Ms(1)}, {Remedy::kGiveUp, Ms(1)}, {Remedy::kElsewhere, Ms(1)}}),
            "ab.");
}

TEST(Course, WhoAsksForTooMuchTimeIsNotWaitedFor) {
  EXPECT_EQ(course_of(1, 2, times(3, Remedy::kElsewhere, Ms(101))), "a.");
  EXPECT_EQ(course_of(1, 1, times(3, Remedy::kElsewhere, Ms(100))), "a~a.");
}

TEST(Course, BackoffChangesNoOrder) {
  Course course(2, 1, Ms(100));
  for (std::size_t i = 0; i < 2; ++i) {
    course.began(i);
    course.failed(i, Remedy::kElsewhere, {}, i == 0 ? Ms(90) : Ms(10), Instant{});
  }
  auto step = course.next(Instant{});
  EXPECT_EQ(step->candidate, 0u);
  EXPECT_EQ(step->pause, Ms(90));
}

TEST(Course, TheSoonestIsFirstInASecondRound) {
  EXPECT_EQ(course_of(2, 1,
                      {{Remedy::kElsewhere, Ms(90)},
                       {Remedy::kElsewhere, Ms(10)},
                       {Remedy::kElsewhere, Ms(10)},
                       {Remedy::kElsewhere, Ms(10)},
                       {Remedy::kElsewhere, Ms(10)}}),
            "ab~b~a.");
}

TEST(Course, AnOpenBreakerIsTheLastResort) {
  Course course(2, 1, Ms(100));
  course.put_off(0);
  auto step = course.next(Instant{});
  EXPECT_EQ(step->candidate, 1u);
  EXPECT_EQ(step->why, Begun::kFirst);
  course.began(1);
  course.failed(1, Remedy::kElsewhereOnly, {}, Ms(0), Instant{});
  step = course.next(Instant{});
  EXPECT_EQ(step->candidate, 0u);
  EXPECT_EQ(step->why, Begun::kLastResort);
  course.rule_out(0);
  EXPECT_FALSE(course.next(Instant{}));
}

TEST(Course, AnOpenBreakerIsTriedBeforeOthersAreRepeated) {
  Course course(3, 2, Ms(100));
  course.put_off(0);
  for (std::size_t i = 1; i < 3; ++i) {
    course.began(i);
    course.failed(i, Remedy::kElsewhere, {}, Ms(10), Instant{});
  }
  auto step = course.next(Instant{});
  EXPECT_EQ(step->candidate, 0u);
  EXPECT_EQ(step->why, Begun::kLastResort);
}

TEST(Course, FurtherCandidatesComeBehind) {
  Course course(1, 0, Ms(100));
  course.began(0);
  course.failed(0, Remedy::kElsewhere, {}, Ms(5), Instant{});
  EXPECT_FALSE(course.next(Instant{}));
  course.add(1);
  auto step = course.next(Instant{});
  EXPECT_EQ(step->candidate, 1u);
  EXPECT_EQ(step->why, Begun::kFallback);
}

}  // namespace
}  // namespace sluice::stage::course_test
