#include "provider/sign/key_pool.h"

#include <set>

#include "provider/sign/sign_fixture_test.h"

namespace sluice::provider {
namespace {

class KeyPoolTest : public SignTest {
 protected:
  KeyPoolTest() {
    std::vector<PooledKey> keys;
    for (auto key : {"k1", "k2", "k3"}) keys.push_back({Secret(key), book_.of(key)});
    pool_ = pool_signer("authorization", "Bearer ", std::move(keys));
    start();
  }
  // The head of a request with the key whose turn it is.
  http::RequestHead next() { return sign(*pool_).get().head; }
  static std::string key_of(const http::RequestHead& head) {
    return std::string(head.headers.get("authorization").value_or(""));
  }
  Signer::Again refuse(const http::RequestHead& head, int status, http::Headers headers = {}) {
    return pool_->learn(head, {status, std::move(headers)}, kTime);
  }

  HealthBook book_;
  std::unique_ptr<const Signer> pool_;
};

TEST_F(KeyPoolTest, TakesKeysInTurn) {
  std::multiset<std::string> keys;
  for (int i = 0; i < 6; ++i) keys.insert(key_of(next()));
  EXPECT_EQ(keys,
            (std::multiset<std::string>{"Bearer k1", "Bearer k1", "Bearer k2", "Bearer k2", "Bearer k3", "Bearer k3"}));
}

TEST_F(KeyPoolTest, ARefusedKeyRestsAndTheNextIsTaken) {
  EXPECT_EQ(pool_->chances(), 3U);
  for (auto status : {401, 402, 403}) {
    const auto head = next();
    EXPECT_EQ(refuse(head, status), status == 403 ? Signer::Again::kNo : Signer::Again::kSignAgain);
    EXPECT_GT(book_.of(key_of(head).substr(7))->resting(now()), Ms(290'000));
  }
}

TEST_F(KeyPoolTest, AKeyThatMetALimitRestsAsLongAsTheProviderAsks) {
  const auto told = next();
  EXPECT_EQ(refuse(told, 429, {{"retry-after", "20"}}), Signer::Again::kSignAgain);
  const auto rest = book_.of(key_of(told).substr(7))->resting(now());
  EXPECT_GT(rest, Ms(15'000));
  EXPECT_LE(rest, Ms(20'000));
  const auto untold = next();
  refuse(untold, 429);
  EXPECT_LE(book_.of(key_of(untold).substr(7))->resting(now()), Ms(5'000));
  for (int i = 0; i < 4; ++i) {
    const auto key = key_of(next());
    EXPECT_NE(key, key_of(told));
    EXPECT_NE(key, key_of(untold));
  }
}

TEST_F(KeyPoolTest, WhenAllRestTheOneWhoseRestEndsFirstIsTried) {
  book_.of("k1")->rest_until(now() + Ms(60'000));
  book_.of("k2")->rest_until(now() + Ms(20'000));
  book_.of("k3")->rest_until(now() + Ms(90'000));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(key_of(next()), "Bearer k2");
}

TEST_F(KeyPoolTest, OtherAnswersSayNothingOfTheKey) {
  for (auto status : {200, 400, 404, 500, 503}) EXPECT_EQ(refuse(next(), status), Signer::Again::kNo);
  EXPECT_EQ(refuse({}, 401), Signer::Again::kNo);
  for (const auto& [name, health] : book_.all()) EXPECT_EQ(health->resting(now()), Ms(0)) << name;
}

TEST_F(KeyPoolTest, ShowsNoneOfItsKeys) {
  std::string text = "k1, k2 and k3 are wrong";
  pool_->mask(text);
  EXPECT_EQ(text, "***, *** and *** are wrong");
  EXPECT_EQ(key_label(Secret("k1")).size(), 8U);
  EXPECT_NE(key_label(Secret("k1")), key_label(Secret("k2")));
}

}  // namespace
}  // namespace sluice::provider
