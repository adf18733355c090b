#include "app/config_problems.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace sluice::app {

namespace {

constexpr std::size_t kMostProblems = 200;
constexpr std::size_t kShortestHidden = 8;  // shorter texts turn up in messages by chance

}  // namespace

Place Place::key(std::string_view name, int at_line) const {
  std::string shown = printable(name, 60);
  return {field.empty() ? shown : field + "." + shown, at_line};
}

Place Place::item(std::size_t index, int at_line) const {
  return {fmt::format("{}[{}]", field, index), at_line};
}

void Problems::add(const Place& place, std::string message) {
  if (problems_.size() >= kMostProblems) {
    ++left_out_;
    return;
  }
  auto at = std::ranges::upper_bound(problems_, place.line, {}, &Problem::line);
  problems_.insert(at, {.file = file_, .line = place.line, .field = place.field, .message = std::move(message)});
}

bool Problems::has(std::string_view field) const {
  return std::ranges::find(problems_, field, &Problem::field) != problems_.end();
}

void Problems::hide(std::string text, std::string shown) {
  if (text.size() < kShortestHidden) return;
  const auto& kept = kept_.emplace_back(std::move(text));
  hide_lasting(kept, kept_.emplace_back(std::move(shown)));
}

void Problems::hide_lasting(std::string_view text, std::string_view shown) {
  if (text.size() >= kShortestHidden) hidden_.emplace_back(text, shown);
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

void Problems::censor(std::string& text) const {
  for (const auto& [hidden, shown] : hidden_) {
    for (auto at = text.find(hidden); at != std::string::npos; at = text.find(hidden, at + shown.size())) {
      text.replace(at, hidden.size(), shown);
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
