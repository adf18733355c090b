#include <boost/json.hpp>
#include <string>

#include "sim/anthropic/problems.h"
#include "sim/anthropic/rules.h"
#include "sim/dom.h"

namespace sluice::sim::anthropic {

namespace {

namespace bj = boost::json;

constexpr int kMostBreakpoints = 4;

// Counts the breakpoints in the order the provider reads them: tools, system, messages.
class Breakpoints {
 public:
  void add(const bj::object& owner, const std::string& path) {
    const bj::object* cache = object_in(owner, "cache_control");
    if (!cache) return;
    ++count_;
    bool long_lived = text_in(*cache, "ttl") == "1h";
    if (long_lived && short_before_ && misplaced_.empty())
      misplaced_ = path + (path.empty() ? "" : ".") + "cache_control.ttl";
    short_before_ = short_before_ || !long_lived;
  }

  void add_all(const bj::value* content, const std::string& path) {
    const bj::array* blocks = content ? content->if_array() : nullptr;
    for (std::size_t i = 0; blocks && i < blocks->size(); ++i) {
      const bj::object* block = (*blocks)[i].if_object();
      if (!block) continue;
      std::string at = path + "." + std::to_string(i);
      add_all(block->if_contains("content"), at + ".content");
      add(*block, at);
    }
  }

  std::optional<Problem> problem() const {
    if (count_ > kMostBreakpoints) {
      return wrong("",
                   "A maximum of 4 blocks with cache_control may be provided. Found " + std::to_string(count_) + ".");
    }
    if (misplaced_.empty()) return std::nullopt;
    return wrong(misplaced_,
                 "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note "
                 "that blocks are processed in the following order: `tools`, `system`, `messages`.");
  }

 private:
  int count_ = 0;
  bool short_before_ = false;
  std::string misplaced_;
};

}  // namespace

std::optional<Problem> check_cache(const Asked& asked) {
  Breakpoints points;
  points.add_all(asked.body.if_contains("tools"), "tools");
  points.add_all(asked.body.if_contains("system"), "system");
  points.add_all(asked.body.if_contains("messages"), "messages");
  // The one of the whole request stands at its last block.
  points.add(asked.body, "");
  return points.problem();
}

}  // namespace sluice::sim::anthropic
