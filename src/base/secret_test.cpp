#include "base/secret.h"

#include <gtest/gtest.h>

#include <cstring>
#include <new>
#include <ostream>
#include <type_traits>

namespace sluice::secret_test {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!Streamable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>);
static_assert(!std::is_constructible_v<std::string, Secret>);

// A text this short stands in the object itself, where the test can look after its end.
constexpr std::string_view kShort = "hush-hush-hush";

// The place of a Secret, whose bytes outlive it.
class Place {
 public:
  template <class... Arguments>
  Secret& make(Arguments&&... arguments) {
    // check: allow owners because the place outlives the secret on purpose
    return *new (bytes_) Secret(std::forward<Arguments>(arguments)...);
  }
  bool holds(std::string_view text) const {
    return std::string_view(reinterpret_cast<const char*>(bytes_), sizeof bytes_).find(text) != std::string_view::npos;
  }

 private:
  alignas(Secret) unsigned char bytes_[sizeof(Secret)] = {};
};

TEST(Secret, RevealsItsText) {
  Secret secret("sk-1");
  EXPECT_EQ(secret.reveal(), "sk-1");
  EXPECT_FALSE(secret.empty());
  EXPECT_TRUE(Secret().empty());
}

TEST(Secret, IsWipedWhenDestroyed) {
  Place place;
  auto& secret = place.make(std::string(kShort));
  EXPECT_TRUE(place.holds(kShort.substr(1)));
  secret.~Secret();
  EXPECT_FALSE(place.holds(kShort.substr(1)));
}

TEST(Secret, IsWipedWhenReplaced) {
  Place place;
  auto& secret = place.make(std::string(kShort));
  secret = Secret();
  EXPECT_FALSE(place.holds(kShort.substr(1)));
  secret.~Secret();
  EXPECT_FALSE(place.holds(kShort.substr(1)));
}

TEST(Secret, LeavesNothingBehindWhenMoved) {
  Place place;
  auto& secret = place.make(std::string(kShort));
  Secret taken(std::move(secret));
  EXPECT_FALSE(place.holds(kShort.substr(1)));
  EXPECT_EQ(taken.reveal(), kShort);
  secret.~Secret();
  EXPECT_FALSE(place.holds(kShort.substr(1)));
}

TEST(Secret, CopiesAreOwn) {
  Secret first("one");
  Secret second = first;
  first = Secret("two");
  EXPECT_EQ(second.reveal(), "one");
}

}  // namespace
}  // namespace sluice::secret_test
