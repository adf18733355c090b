#include "sim/shelf.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sluice::sim {

namespace {

constexpr std::size_t kMostPlaced = 10'000;
constexpr std::size_t kMostSequences = 100'000;
constexpr std::string_view kModelPrefix = "sim:";

// The script of the given turn, as a part of `whole` that keeps it alive.
std::shared_ptr<const Script> turn(const std::shared_ptr<const Script>& whole, std::uint64_t number) {
  if (whole->sequence.empty()) return whole;
  auto last = whole->sequence.size() - 1;
  return {whole, &whole->sequence[std::min<std::size_t>(number, last)]};
}

}  // namespace

Result<std::shared_ptr<const Script>> ScriptShelf::pick(std::string_view header, std::string_view path,
                                                        std::string_view model) {
  if (!header.empty()) return pick_inline(header);
  if (model.starts_with(kModelPrefix)) return pick_inline(model.substr(kModelPrefix.size()));
  if (!any_placed_.load(std::memory_order_acquire)) return nullptr;
  return pick_placed(path, model);
}

Result<std::shared_ptr<const Script>> ScriptShelf::pick_inline(std::string_view text) {
  auto parsed = parse_script(text);
  if (!parsed) return fail_from(parsed);
  auto script = std::make_shared<const Script>(std::move(*parsed));
  if (script->sequence.empty()) return script;
  std::lock_guard lock(mutex_);
  if (turns_.size() >= kMostSequences) turns_.clear();
  return turn(script, turns_[std::string(text)]++);
}

std::shared_ptr<const Script> ScriptShelf::pick_placed(std::string_view path, std::string_view model) {
  std::lock_guard lock(mutex_);
  auto fits = [&](const Placed& placed) {
    return (placed.path.empty() || placed.path == path) && (placed.model.empty() || placed.model == model);
  };
  auto found = std::find_if(placed_.rbegin(), placed_.rend(), fits);
  if (found == placed_.rend()) return nullptr;
  auto script = turn(found->script, found->used++);
  if (found->script->times != 0 && found->used >= found->script->times) placed_.erase(std::next(found).base());
  any_placed_.store(!placed_.empty(), std::memory_order_release);
  return script;
}

void ScriptShelf::put(Placement placement) {
  std::lock_guard lock(mutex_);
  std::erase_if(placed_,
                [&](const Placed& placed) { return placed.path == placement.path && placed.model == placement.model; });
  if (placed_.size() >= kMostPlaced) placed_.erase(placed_.begin());
  auto script = std::make_shared<const Script>(std::move(placement.script));
  placed_.push_back({std::move(placement.path), std::move(placement.model), std::move(script)});
  any_placed_.store(true, std::memory_order_release);
}

void ScriptShelf::clear() {
  std::lock_guard lock(mutex_);
  placed_.clear();
  turns_.clear();
  any_placed_.store(false, std::memory_order_release);
}

}  // namespace sluice::sim
