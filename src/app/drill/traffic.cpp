#include "app/drill/traffic.h"

#include <fmt/format.h>

#include "base/text.h"
#include "http/url.h"
#include "json/writer.h"

namespace sluice::app {

namespace {

using End = DrillSample::End;

constexpr std::size_t kMostInFlight = 1000;
constexpr std::size_t kMostOfAnswer = 4 << 20;
constexpr Ms kAdminLimit{10'000};
constexpr Ms kLook{20};

std::string chat_body(const DrillPlan& plan, const DrillSample& sample) {
  std::string body;
  json::Writer json(body);
  json.begin_object();
  json.key("model").text(plan.model);
  if (sample.streamed) json.key("stream").boolean(true);
  json.key("messages").begin_array().begin_object();
  json.key("role").text("user");
  json.key("content").text("This is a drill. Answer with one short sentence.");
  json.end_object().end_array().end_object();
  return body;
}

std::string fault_body(const DrillPlan& plan) {
  // It ends by itself, should the end of the drill never come: its third of the time, and some seconds.
  std::string body;
  json::Writer json(body);
  json.begin_object();
  json.key("deployment").text(plan.deployment);
  json.key("kind").text(plan.kind);
  json.key("status").number(std::int64_t{plan.status});
  json.key("delay").text(format_duration(plan.delay.count()));
  json.key("share").raw(fmt::format("{}", plan.share));
  json.key("for").text(fmt::format("{}s", plan.seconds / 3 + 5));
  json.end_object();
  return body;
}

// A stream is whole when it says so and tells no error.
bool is_whole(const DrillSample& sample, std::string_view body) {
  if (!sample.streamed) return true;
  return body.find("data: [DONE]") != std::string_view::npos && body.find("data: {\"error\"") == std::string_view::npos;
}

void note_head(DrillSample& sample, const http::ResponseHead& head) {
  sample.status = head.status;
  sample.request_id = head.headers.get("x-sluice-request-id").value_or("");
  sample.deployment = head.headers.get("x-sluice-deployment").value_or("");
  sample.attempts = to_number<std::uint32_t>(head.headers.get("x-sluice-attempts").value_or("")).value_or(0);
}

}  // namespace

Task<void> DrillTraffic::until(Instant time) {
  if (auto left = ms_until(time); left.count() > 0) co_await net::sleep(loop_.loop(), left, never_);
}

Task<Status> DrillTraffic::change(DrillPhase to) {
  bool begins = to == DrillPhase::kFault;
  auto path = begins ? std::string("/admin/v1/faults")
                     : "/admin/v1/faults?deployment=" + http::percent_encode(plan_.deployment);
  auto answer =
      co_await ask(loop_, gateway_, begins ? "PUT" : "DELETE", path, begins ? fault_body(plan_) : "", kAdminLimit);
  if (!answer) co_return fail_from(answer);
  if (answer->status != 200) co_return fail(FaultKind::kInvalidConfig, error_text(*answer));
  co_return Status{};
}

Task<Status> DrillTraffic::run() {
  const std::size_t total = std::size_t{plan_.seconds} * plan_.rate;
  const auto began = now();
  const auto pause = std::chrono::duration_cast<Instant::duration>(std::chrono::seconds(1)) / plan_.rate;
  auto phase = DrillPhase::kBefore;
  Status status;
  for (std::size_t i = 0; i < total && status; ++i) {
    co_await until(began + pause * static_cast<std::int64_t>(i));
    while (requests_.size() >= kMostInFlight) co_await net::sleep(loop_.loop(), kLook, never_);
    auto due = static_cast<DrillPhase>(i * 3 / total);
    if (due != phase) {
      phase = due;
      status = co_await change(phase);
      if (!status) break;
    }
    spawn(send(phase, i), requests_);
  }
  co_await requests_.join();
  co_return status;
}

Task<void> DrillTraffic::send(DrillPhase phase, std::size_t number) {
  DrillSample sample{.phase = phase, .streamed = number % 2 == 1};
  Cancel cancel;
  net::Timer limit(loop_.loop(), [&] { cancel.cancel(Fault{.kind = FaultKind::kProviderTimeout}); });
  limit.arm(plan_.patience);
  auto began = now();
  co_await exchange(sample, cancel);
  sample.duration_us = micros_between(began, now());
  if (cancel.cancelled()) {
    sample.end = End::kTooLate;
    sample.error = fmt::format("not answered within {}", format_duration(plan_.patience.count()));
  }
  samples_.push_back(std::move(sample));
}

Task<void> DrillTraffic::exchange(DrillSample& sample, Cancel& cancel) {
  http::RequestHead head{"POST", gateway_.base_path + "/v1/chat/completions", {{"content-type", "application/json"}}};
  head.headers.add("authorization", "Bearer " + std::string(gateway_.key.reveal()));
  const auto sent = chat_body(plan_, sample);
  const std::string_view piece = sent;
  auto call = co_await loop_.client().call(
      gateway_.origin, head, {&piece, 1},
      {.connect = plan_.patience, .first_byte = plan_.patience, .idle = plan_.patience}, cancel);
  if (!call) {
    sample.end = End::kRefused;
    sample.error = call.error().told;
    co_return;
  }
  note_head(sample, (*call)->head());
  RemoteAnswer answer{.status = sample.status};
  while (answer.body.size() < kMostOfAnswer) {
    auto bytes = co_await (*call)->read();
    if (!bytes) {
      sample.end = End::kBroken;
      sample.error = bytes.error().told;
      co_return;
    }
    if (bytes->empty()) break;
    answer.body += *bytes;
  }
  if (sample.status < 200 || sample.status > 299) {
    sample.end = End::kRefused;
    sample.error = error_text(answer);
  } else if (!is_whole(sample, answer.body)) {
    sample.end = End::kBroken;
    sample.error = "the stream broke off";
  }
}

}  // namespace sluice::app
