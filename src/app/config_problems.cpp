#include "app/config_problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace sluice::app {

namespace {

constexpr std::size_t kMostProblems = 200;
constexpr std::size_t kShortestHidden = 8;  // shorter texts turn up in messages by chance

}  // namespace

Problems::Found Problems::find(const Place& place) const {
  const bool is_file = place.around == nullptr && place.name.empty();
  if (is_file) return {.field = "", .line = place.line, .value = root_};
  Found found = find(place.around ? *place.around : Place{});
  const Node* outer = std::exchange(found.value, nullptr);
  if (!outer || outer->kind != (place.is_item ? Node::Kind::kList : Node::Kind::kMap)) {
    found.value = outer;  // one that stands without its list, or for the record whose foremost field it is
  } else if (place.is_item && place.index < outer->items.size()) {
    found.value = outer->items[place.index];
    found.line = found.value->line;
  } else if (const auto* entry = outer->find(place.name)) {
    found.value = entry->value;
    found.line = entry->line;
  }
  const bool is_alone = place.is_item && outer && outer->kind == Node::Kind::kMap;
  if (!place.is_item) {
    found.field += (found.field.empty() ? "" : ".") + printable(place.name, 60);
  } else if (!is_alone) {
    found.field += fmt::format("[{}]", place.index);
  }
  if (place.line > 0) found.line = place.line;
  return found;
}

void Problems::add(const Place& place, std::string message) {
  Found found = problems_.size() < kMostProblems ? find(place) : Found{};
  add(std::move(found.field), found.line, std::move(message));
}

void Problems::add(std::string field, int line, std::string message) {
  if (problems_.size() >= kMostProblems) {
    ++left_out_;
    return;
  }
  auto at = std::ranges::upper_bound(problems_, line, {}, &Problem::line);
  problems_.insert(at, {.file = file_, .line = line, .field = std::move(field), .message = std::move(message)});
}

bool Problems::has(const Place& place) const {
  return std::ranges::find(problems_, find(place).field, &Problem::field) != problems_.end();
}

void Problems::hide(std::string text, std::string shown) {
  if (text.size() < kShortestHidden) return;
  const auto& kept = kept_.emplace_back(std::move(text));
  hide_lasting(kept, kept_.emplace_back(std::move(shown)));
}

void Problems::hide_lasting(std::string_view text, std::string_view shown) {
  if (text.size() < kShortestHidden) return;
  hidden_.emplace_back(text, shown);
  // Messages say it as it is printed.
  if (!is_printable(text, text.size())) hidden_.emplace_back(kept_.emplace_back(printable(text, text.size())), shown);
}

std::vector<Problem> Problems::take() {
  for (auto& problem : problems_) {
    censor(problem.field);
    censor(problem.message);
  }
  if (left_out_ > 0) {
    problems_.push_back({.file = file_, .line = 0, .field = "", .message = fmt::format("and {} more", left_out_)});
  }
  return std::move(problems_);
}

// Of a text that was cut for being long, as printable() does, what is there of it is hidden.
void Problems::censor(std::string& text) const {
  for (const auto& [hidden, shown] : hidden_) {
    const auto begin = hidden.substr(0, kShortestHidden);
    for (auto at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
      const auto rest = std::string_view(text).substr(at);
      const auto same = static_cast<std::size_t>(std::ranges::mismatch(rest, hidden).in2 - hidden.begin());
      const bool is_there = same == hidden.size() || rest.substr(same).starts_with("…");
      if (is_there) text.replace(at, same, shown);
      at += is_there ? shown.size() : 1;
    }
  }
}

std::string to_text(const Problem& problem) {
  std::string result = problem.file;
  if (problem.line > 0) result += fmt::format("{}{}", result.empty() ? "line " : ":", problem.line);
  if (!result.empty()) result += ": ";
  if (!problem.field.empty()) result += problem.field + ": ";
  return result + problem.message;
}

}  // namespace sluice::app
