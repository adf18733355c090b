#include "stage/refused/refusals.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/time_text.h"
#include "json/writer.h"

namespace sluice::stage {

namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;

void write_tried(json::Writer& json, std::string_view tried) {
  if (!tried.empty()) json.key("tried").raw(tried);
}

std::string what_was_asked(const Exchange& x) {
  if (!x.tried_at.empty()) return x.tried_at;
  return x.asked.model.empty() ? std::string(x.operation) : fmt::format("{} {}", x.operation, printable(x.asked.model));
}

}  // namespace

// Of refusals that are told as one: which the first and the last were.
std::string details_of(const Refusal& refusal) {
  if (refusal.count < 2 && refusal.tried.empty()) return {};
  std::string out;
  json::Writer json(out);
  auto write = [&](std::string_view which, std::int64_t at_us, std::string_view about, std::string_view tried,
                   std::string_view id) {
    json.key(which).begin_object();
    json.key("at").text(time_text(at_us));
    json.key("about").text(about);
    write_tried(json, tried);
    json.key("request_id").text(id);
    json.end_object();
  };
  json.begin_object();
  if (refusal.count < 2) {
    write_tried(json, refusal.tried);
  } else {
    write("first", refusal.first_at_us, refusal.first_about, refusal.first_tried, refusal.first_request_id);
    write("last", refusal.at_us, refusal.about, refusal.tried, refusal.request_id);
  }
  json.end_object();
  return out;
}

bool is_by_policy(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::kUnauthenticated:
    case FaultKind::kForbidden:
    case FaultKind::kRateLimited:
      return true;
    case FaultKind::kInvalidRequest:
      return fault.code == "missing_tag";
    case FaultKind::kOverloaded:
      return fault.code == "spend_cap";
    default:
      return false;
  }
}

Refusals::Noted& Refusals::find(std::string_view who, std::string_view what) {
  Key key(who, what);
  auto found = noted_.find(key);
  if (found != noted_.end()) return found->second;
  if (noted_.size() >= kMost) key = {"", "others"};
  auto& noted = noted_[key];
  noted.refusal.who = key.first;
  noted.refusal.what = key.second;
  return noted;
}

void Refusals::note(const Exchange& x, const Fault& fault) {
  const auto what = fault.code.empty() ? name(fault.kind) : std::string_view(fault.code);
  std::lock_guard lock(mutex_);
  auto& refusal = find(x.caller ? std::string_view(x.caller->name) : "", what).refusal;
  const bool first = refusal.count == 0;
  refusal.at_us = wall_us();
  // Of strangers nothing is kept that they wrote themselves.
  const bool known = x.caller != nullptr;
  refusal.role = known ? std::string(name(x.caller->role)) : std::string();
  refusal.about = known ? what_was_asked(x) : std::string(x.operation);
  refusal.tried = x.tried;
  refusal.from = x.request.peer();
  refusal.request_id = x.id;
  if (first) {
    refusal.first_at_us = refusal.at_us;
    refusal.first_about = refusal.about;
    refusal.first_tried = refusal.tried;
    refusal.first_request_id = refusal.request_id;
  }
  ++refusal.count;
}

std::vector<Refusal> Refusals::due(std::int64_t now_us) {
  std::vector<Refusal> due;
  std::lock_guard lock(mutex_);
  for (auto at = noted_.begin(); at != noted_.end();) {
    auto& [refusal, next_us] = at->second;
    if (now_us < next_us) {
      ++at;
    } else if (refusal.count == 0) {
      at = noted_.erase(at);
    } else {
      due.push_back(refusal);
      refusal.count = 0;
      next_us = now_us + kMinuteUs;
      ++at;
    }
  }
  return due;
}

std::vector<Refusal> Refusals::all() {
  std::vector<Refusal> all;
  std::lock_guard lock(mutex_);
  for (auto& [key, noted] : noted_) {
    if (noted.refusal.count > 0) all.push_back(std::move(noted.refusal));
  }
  noted_.clear();
  return all;
}

void Refusals::put_back(const Refusal& refusal) {
  std::lock_guard lock(mutex_);
  auto& noted = find(refusal.who, refusal.what);
  const auto since = noted.refusal.count;
  if (since == 0) noted.refusal = refusal;
  if (since == 0) return;
  noted.refusal.count = since + refusal.count;
  noted.refusal.first_at_us = refusal.first_at_us;
  noted.refusal.first_about = refusal.first_about;
  noted.refusal.first_tried = refusal.first_tried;
  noted.refusal.first_request_id = refusal.first_request_id;
}

}  // namespace sluice::stage
