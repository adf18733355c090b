#include "stage/inject/inject.h"

#include <fmt/format.h>

#include "base/text.h"

namespace sluice::stage {

namespace {

Failure injected(FaultKind kind, std::string_view what, std::string code = {}) {
  return fail(Fault{.kind = kind,
                    .told = fmt::format("{} (Injected for a drill.)", what),
                    .retry = Retry::kSame,
                    .code = std::move(code)});
}

// Lets an answer begin and breaks it off behind its first piece.
class Cut final : public Sink {
 public:
  explicit Cut(Sink& out) : out_(out) {}

  Task<Status> begin(AnswerHead head) override {
    whole_ = head.form == AnswerForm::kWhole;
    co_return co_await out_.begin(std::move(head));
  }
  Task<Status> push(std::span<const chat::Event> events) override {
    std::size_t count = 0;
    bool content = whole_;
    while (!content && count < events.size()) content = events[count++].kind == chat::EventKind::kContent;
    if (count > 0) {
      if (auto pushed = co_await out_.push(events.first(count)); !pushed) co_return pushed;
    }
    if (!content) co_return Status{};
    co_return injected(FaultKind::kTruncated, "The provider closed the connection before its answer was complete.");
  }

 private:
  Sink& out_;
  bool whole_ = false;
};

// An error answer as the provider's own dialect would read it.
Failure refused(const Exchange& x, Try& t, int status) {
  const auto& provider = *t.target.deployment->provider;
  auto service = x.endpoint ? provider::service_of(provider, *x.endpoint, t.target.model) : std::nullopt;
  const auto& client = service ? *service->client : *provider.clients.front();
  constexpr std::string_view kBody =
      R"({"error":{"message":"Injected for a drill.","type":"injected","param":null,"code":"injected"}})";
  t.provider_status = status;
  return fail(client.read_error(status, {{"content-type", "application/json"}}, kBody, wall_now()));
}

Task<Status> be_silent(Exchange& x, Try& t) {
  auto limit = x.timeouts.call.first_byte;
  if (!co_await net::sleep(x.tools.loop, limit, t.cancel)) co_return fail(t.cancel.reason());
  co_return injected(
      FaultKind::kProviderTimeout,
      fmt::format("The provider sent no answer within {} (timeout.first_byte).", format_duration(limit.count())),
      "first_byte_timeout");
}

}  // namespace

Task<Status> Inject::run(Exchange& x, Sink& out, Next next) {
  auto& t = *next.tried();
  auto injection = injections_.strike(t.target.deployment->name, now());
  if (!injection) co_return co_await next(x, out);
  switch (injection->kind) {
    case InjectedKind::kUnreachable:
      co_return injected(FaultKind::kUnreachable, "Cannot connect to the provider.");
    case InjectedKind::kReset:
      co_return injected(FaultKind::kConnectionLost, "The provider's connection broke before its answer.");
    case InjectedKind::kStatus:
      co_return refused(x, t, injection->status);
    case InjectedKind::kTimeout:
      co_return co_await be_silent(x, t);
    case InjectedKind::kSlow: {
      if (!co_await net::sleep(x.tools.loop, injection->delay, t.cancel)) co_return fail(t.cancel.reason());
      co_return co_await next(x, out);
    }
    case InjectedKind::kTruncate: {
      Cut cut(out);
      auto status = co_await next(x, cut);
      co_return status;
    }
  }
  co_return Status{};
}

}  // namespace sluice::stage
