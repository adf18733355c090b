#include "ingress/gateway.h"

#include <algorithm>

#include "base/log.h"
#include "ingress/client_sink.h"
#include "ingress/error_answer.h"

namespace sluice::ingress {

namespace {

const Pipeline& pipeline_of(const Surface& surface, PlaceKind kind) {
  switch (kind) {
    case PlaceKind::kMetrics:
      return surface.metrics;
    case PlaceKind::kAdmin:
      return surface.admin;
    case PlaceKind::kModels:
    case PlaceKind::kModel:
      return surface.models;
    default:
      return surface.calls;
  }
}

bool is_page(PlaceKind kind) {
  return kind == PlaceKind::kHealth || kind == PlaceKind::kReady;
}

// What the path says of a request. The place itself has no part in the frame of who serves it.
Result<PlaceKind> take_place(Exchange& x) {
  const auto& head = x.request.head();
  auto place = find_place(head.method, head.target);
  if (!place) return fail_from(place);
  x.operation = place->operation;
  x.server = place->kind == PlaceKind::kCall ? place->server : &server_of(head);
  x.endpoint = place->endpoint;
  x.path = place->match;
  x.sdk_provider = place->sdk_provider;
  x.passthrough_provider = std::move(place->provider);
  x.passthrough_target = std::move(place->rest);
  x.model_in_path = std::move(place->model);
  return place->kind;
}

Task<void> send(net::Request& request, net::Service::Refusal answer) {
  co_await request.send(std::move(answer.head), answer.body);
}

}  // namespace

Gateway::Gateway(LoopTools& tools, std::shared_ptr<const Surface> surface, const std::atomic<bool>& ready,
                 Counter& refused)
    : tools_(tools), surface_(std::move(surface)), ready_(ready), refused_(refused) {}

Task<void> Gateway::serve(net::Request& request) {
  const auto& head = request.head();
  return head.method == "OPTIONS" ? send(request, {preflight(surface_->cors, head), {}}) : serve_exchange(request);
}

Task<void> Gateway::send_refusal(net::Request& request, const Fault& fault) {
  return send(request, refuse(&request.head(), fault));
}

Task<void> Gateway::serve_page(net::Request& request, PlaceKind kind) const {
  bool ok = kind == PlaceKind::kHealth || ready_.load(std::memory_order_relaxed);
  http::ResponseHead head{ok ? 200 : 503, {{"content-type", "application/json"}}};
  co_await request.send(std::move(head), ok ? R"({"status":"ok"})" : R"({"status":"not ready"})");
}

Task<void> Gateway::serve_exchange(net::Request& request) {
  auto surface = surface_;
  Exchange x(request, tools_);
  const auto kind = take_place(x);
  if (!kind) co_return co_await send_refusal(request, kind.error());
  if (is_page(*kind)) co_return co_await serve_page(request, *kind);
  x.id = ids_.next(x.arrived_at);

  ClientSink sink(x, surface->cors, surface->keep_alive);
  Status status;
  std::exception_ptr bug;
  try {
    status = co_await Next(pipeline_of(*surface, *kind))(x, sink);
  } catch (...) {
    bug = std::current_exception();
  }
  if (bug) {
    co_await sink.abandon();
    std::rethrow_exception(bug);
  }
  if (status) {
    co_await sink.finish();
  } else {
    co_await sink.fail(status.error());
  }
  if (x.afterwards) x.afterwards();
}

// Whoever watches over the process wants to know how it is just when it is full, or ends.
bool Gateway::is_always_served(const http::RequestHead& head) const {
  return std::ranges::find(kOpenPaths, http::path_of(head.target)) != std::end(kOpenPaths);
}

net::Service::Refusal Gateway::refuse(const http::RequestHead* head, const Fault& fault) {
  refused_.add();
  auto id = ids_.next();
  const auto& server = server_of(head ? *head : http::RequestHead());
  auto answer = error_answer(fault, server, ProviderBodies::kNone, id);
  answer.head.headers.add("x-request-id", id);
  answer.head.headers.add("x-sluice-request-id", id);
  if (head) add_cors(surface_->cors, *head, answer.head.headers);
  log::write(log::Level::kInfo, "request",
             {{"request_id", id},
              {"method", head ? std::string_view(head->method) : ""},
              {"path", head ? http::path_of(head->target) : ""},
              {"operation", "refused"},
              {"status", std::int64_t{answer.head.status}},
              {"outcome", "error"},
              {"fault", name(fault.kind)},
              {"error", fault.told}});
  return answer;
}

}  // namespace sluice::ingress
