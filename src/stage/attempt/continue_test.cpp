#include "stage/attempt/attempt_fixture_test.h"

namespace sluice::stage::continue_test {
namespace {

// Continuing: the deployments' texts, one after the other; all but the last break off behind theirs.
class ContinueTest : public AttemptTest {
 protected:
  ContinueTest() {
    route_.broken = provider::Broken::kContinue;
    scene_.x.asked.stream = true;
    candidates(3);
  }

  std::string said(std::vector<std::vector<chat::Piece>> answers) {
    scene_.rest.set([answers, this](Exchange&, Sink& out) -> Task<Status> {
      auto& t = *scene_.rest.tried;
      auto index = order_.size();
      order_ += t.target.model;
      continued_ += "[" + t.continues + "]";
      co_await out.begin({.form = AnswerForm::kEvents});
      for (const auto& piece : answers[index]) {
        chat::Event event{chat::EventKind::kContent, {}, {&piece, 1}};
        if (auto pushed = co_await out.push({&event, 1}); !pushed) co_return pushed;
      }
      if (index + 1 < answers.size()) co_return fail(lost(FaultKind::kTruncated));
      co_return Status{};
    });
    Attempt stage(budget_);
    status_ = scene_.run(stage);
    return order_ + ":" + scene_.out.texts;
  }
  static chat::Piece text(std::string_view text) { return {.kind = chat::PieceKind::kText, .text = {text}}; }

  std::string continued_;
};

TEST_F(ContinueTest, AnotherOneGoesOnWithoutLosingOrRepeating) {
  EXPECT_EQ(said({{text("Once "), text("upon ")}, {text(" a"), text(" time")}}), "ab:Once upon a time");
  EXPECT_EQ(continued_, "[][Once upon]");
  EXPECT_TRUE(status_);
  EXPECT_EQ(scene_.x.tries.back().why, Begun::kContinued);
}

TEST_F(ContinueTest, LineBreaksAreSpaceToo) {
  EXPECT_EQ(said({{text("One\\n\\n")}, {text("\\n"), text("\\n"), text("Two\\\\n")}, {text("!")}}),
            "abc:One\\n\\nTwo\\\\n!");
  EXPECT_EQ(continued_, "[][One][One\\n\\nTwo\\\\n]");
}

TEST_F(ContinueTest, WhatIsNoTextIsNotGoneOnWith) {
  EXPECT_EQ(said({{text("Once"), {.kind = chat::PieceKind::kCall}}, {text("never")}}), "a:Once");
  EXPECT_EQ(status_.error().kind, FaultKind::kTruncated);
}

TEST_F(ContinueTest, TheFirstBreakIsToldWhenNobodyGoesOn) {
  scene_.rest.set([this](Exchange&, Sink& out) -> Task<Status> {
    auto first = order_.empty();
    order_ += scene_.rest.tried->target.model;
    if (!first) co_return fail(lost(FaultKind::kUnreachable, Retry::kOther));
    co_await out.begin({.form = AnswerForm::kEvents});
    auto piece = text("Once");
    chat::Event event{chat::EventKind::kContent, {}, {&piece, 1}};
    co_await out.push({&event, 1});
    co_return fail(lost(FaultKind::kTruncated));
  });
  Attempt stage(budget_);
  auto status = scene_.run(stage);
  EXPECT_EQ(order_.substr(0, 3), "abc");
  EXPECT_EQ(status.error().kind, FaultKind::kTruncated);
}

}  // namespace
}  // namespace sluice::stage::continue_test
