#include "stage/receive/receive.h"

#include "json/reader.h"

namespace sluice::stage {

namespace {

static_assert(net::kBodySlack >= json::kPadding);

Task<Result<dialect::openai::Asked>> read_request(Exchange& x) {
  auto content_type = x.request.head().headers.get("content-type").value_or("");
  if (x.body.size() <= json::kLoopLimit) {
    co_return dialect::openai::read_request(x.endpoint->endpoint, content_type, x.body, x.tools.reader);
  }
  Result<dialect::openai::Asked> asked;
  co_await net::offload(x.tools.loop, x.tools.workers, [&] {
    json::Reader reader;
    asked = dialect::openai::read_request(x.endpoint->endpoint, content_type, x.body, reader);
  });
  co_return asked;
}

}  // namespace

Task<Status> Receive::run(Exchange& x, Sink& out, Next next) {
  auto body = co_await x.request.body();
  if (!body) co_return fail_from(body);
  x.body = std::move(*body);
  if (x.endpoint) {
    auto asked = co_await read_request(x);
    if (!asked) co_return fail_from(asked);
    x.asked = std::move(*asked);
  }
  co_return co_await next(x, out);
}

}  // namespace sluice::stage
