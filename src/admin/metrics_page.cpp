#include "admin/metrics_page.h"

namespace sluice::admin {

Task<Status> MetricsPage::run(Exchange& x, Sink& out, Next) {
  std::string body;
  co_await net::offload(x.tools.loop, x.tools.workers, [&] {
    refresh_();
    body = metrics_.render();
  });
  AnswerHead head;
  head.headers.add("content-type", "application/openmetrics-text; version=1.0.0; charset=utf-8");
  if (auto begun = co_await out.begin(std::move(head)); !begun) co_return begun;
  chat::Event event{chat::EventKind::kContent, body};
  co_return co_await out.push({&event, 1});
}

}  // namespace sluice::admin
