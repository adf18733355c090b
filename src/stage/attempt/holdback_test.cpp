#include "stage/attempt/holdback.h"

#include "stage/attempt/attempt_fixture_test.h"

namespace sluice::stage::holdback_test {
namespace {

TEST(Holdback, KeepsTheHeadUntilSomethingIsSeen) {
  Scene scene;
  Holdback held(scene.out);
  auto preamble = event(chat::EventKind::kPreamble, "p");
  auto other = event(chat::EventKind::kOther, "o");
  auto content = event(chat::EventKind::kContent, "c");
  auto go = [&]() -> Task<Status> {
    co_await held.begin({.status = 201});
    co_await held.push({&preamble, 1});
    co_await held.push({&other, 1});
    EXPECT_EQ(scene.out.begins, 0);
    EXPECT_FALSE(held.released());
    co_return co_await held.push({&content, 1});
  };
  EXPECT_TRUE(scene.run(go()));
  EXPECT_TRUE(held.released());
  EXPECT_EQ(scene.out.head.status, 201);
  EXPECT_EQ(scene.out.bytes, "poc");
  EXPECT_EQ(scene.out.pushes, 1) << "what arrives together leaves together";
}

TEST(Holdback, ShowsPiecesOfWhateverEvent) {
  Scene scene;
  Holdback held(scene.out);
  const chat::Piece citation{.kind = chat::PieceKind::kCitation};
  auto other = event(chat::EventKind::kOther, "o");
  other.pieces = {&citation, 1};
  auto go = [&]() -> Task<Status> {
    co_await held.begin({});
    co_return co_await held.push({&other, 1});
  };
  EXPECT_TRUE(scene.run(go()));
  EXPECT_TRUE(held.released());
}

TEST(Holdback, PassesOnAtOnceAfterItReleased) {
  Scene scene;
  Holdback held(scene.out);
  auto content = event(chat::EventKind::kContent, "c");
  auto preamble = event(chat::EventKind::kPreamble, "p");
  auto go = [&]() -> Task<Status> {
    co_await held.begin({});
    co_await held.push({&content, 1});
    co_return co_await held.push({&preamble, 1});
  };
  EXPECT_TRUE(scene.run(go()));
  EXPECT_EQ(scene.out.bytes, "cp");
  EXPECT_EQ(scene.out.begins, 1);
}

TEST(Holdback, HoldsNoMoreThanALimit) {
  Scene scene;
  Holdback held(scene.out);
  std::string wire(10'000, 'p');
  auto preamble = event(chat::EventKind::kPreamble, wire);
  auto go = [&]() -> Task<Status> {
    co_await held.begin({});
    for (int i = 0; i < 20; ++i) co_await held.push({&preamble, 1});
    co_return Status{};
  };
  EXPECT_TRUE(scene.run(go()));
  EXPECT_TRUE(held.released());
  EXPECT_EQ(scene.out.bytes.size(), 200'000u);
}

TEST(Holdback, ReleaseWithoutAnAnswerDoesNothing) {
  Scene scene;
  Holdback held(scene.out);
  EXPECT_TRUE(scene.run(held.release()));
  EXPECT_FALSE(held.released());
  EXPECT_EQ(scene.out.begins, 0);
}

TEST(Holdback, AnEmptyAnswerIsBegun) {
  Scene scene;
  Holdback held(scene.out);
  auto go = [&]() -> Task<Status> {
    co_await held.begin({.status = 204});
    co_return co_await held.release();
  };
  EXPECT_TRUE(scene.run(go()));
  EXPECT_EQ(scene.out.head.status, 204);
  EXPECT_EQ(scene.out.pushes, 0);
}

}  // namespace
}  // namespace sluice::stage::holdback_test
