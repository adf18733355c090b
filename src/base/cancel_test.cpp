#include "base/cancel.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace sluice::cancel_test {
namespace {

Fault reason(FaultKind kind) {
  return Fault{.kind = kind};
}

TEST(Cancel, KeepsTheFirstReason) {
  Cancel cancel;
  EXPECT_FALSE(cancel.cancelled());
  cancel.cancel(reason(FaultKind::kClientGone));
  cancel.cancel(reason(FaultKind::kShuttingDown));
  EXPECT_TRUE(cancel.cancelled());
  EXPECT_EQ(cancel.reason().kind, FaultKind::kClientGone);
}

TEST(Cancel, CallsEachHookOnce) {
  Cancel cancel;
  int first = 0, second = 0;
  Cancel::Hook one(cancel, [&] { ++first; });
  Cancel::Hook two(cancel, [&] { ++second; });
  cancel.cancel(reason(FaultKind::kClientGone));
  cancel.cancel(reason(FaultKind::kClientGone));
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 1);
}

TEST(Cancel, DoesNotCallAHookThatIsGone) {
  Cancel cancel;
  int calls = 0;
  {
    Cancel::Hook hook(cancel, [&] { ++calls; });
  }
  cancel.cancel(reason(FaultKind::kClientGone));
  EXPECT_EQ(calls, 0);
}

TEST(Cancel, TheReasonIsKnownToTheHooks) {
  Cancel cancel;
  FaultKind seen = FaultKind::kInternal;
  Cancel::Hook hook(cancel, [&] { seen = cancel.reason().kind; });
  cancel.cancel(reason(FaultKind::kShuttingDown));
  EXPECT_EQ(seen, FaultKind::kShuttingDown);
}

TEST(Cancel, AHookMayRemoveItself) {
  Cancel cancel;
  std::unique_ptr<Cancel::Hook> hook;
  auto witness = std::make_shared<int>(1);
  hook = std::make_unique<Cancel::Hook>(cancel, [&hook, witness] {
    hook.reset();
    EXPECT_EQ(*witness, 1);
  });
  cancel.cancel(reason(FaultKind::kClientGone));
  EXPECT_EQ(hook, nullptr);
  EXPECT_EQ(witness.use_count(), 1);
}

TEST(Cancel, AHookMayRemoveTheOthers) {
  Cancel cancel;
  int calls = 0;
  std::vector<std::unique_ptr<Cancel::Hook>> hooks;
  for (int i = 0; i < 3; ++i) {
    hooks.push_back(std::make_unique<Cancel::Hook>(cancel, [&] {
      ++calls;
      hooks.clear();
    }));
  }
  cancel.cancel(reason(FaultKind::kClientGone));
  EXPECT_EQ(calls, 1);
}

TEST(Cancel, AHookAddedByAHookIsCalledToo) {
  Cancel cancel;
  bool called = false;
  std::unique_ptr<Cancel::Hook> later;
  Cancel::Hook hook(cancel, [&] { later = std::make_unique<Cancel::Hook>(cancel, [&] { called = true; }); });
  cancel.cancel(reason(FaultKind::kClientGone));
  EXPECT_TRUE(called);
}

TEST(Cancel, CancelFromAHookDoesNothing) {
  Cancel cancel;
  int calls = 0;
  Cancel::Hook one(cancel, [&] {
    ++calls;
    cancel.cancel(reason(FaultKind::kInternal));
  });
  Cancel::Hook two(cancel, [&] { ++calls; });
  cancel.cancel(reason(FaultKind::kClientGone));
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(cancel.reason().kind, FaultKind::kClientGone);
}

TEST(Cancel, RemovingFromTheMiddleKeepsTheOthers) {
  Cancel cancel;
  std::vector<int> called;
  auto one = std::make_unique<Cancel::Hook>(cancel, [&] { called.push_back(1); });
  auto two = std::make_unique<Cancel::Hook>(cancel, [&] { called.push_back(2); });
  auto three = std::make_unique<Cancel::Hook>(cancel, [&] { called.push_back(3); });
  two.reset();
  cancel.cancel(reason(FaultKind::kClientGone));
  EXPECT_EQ(called, (std::vector<int>{3, 1}));
}

}  // namespace
}  // namespace sluice::cancel_test
