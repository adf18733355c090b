#include "stage/receive/receive.h"

#include "chat/seal.h"
#include "json/reader.h"

namespace sluice::stage {

namespace {

static_assert(net::kBodySlack >= json::kPadding);

// Finds what routing needs in the body.
Status read(Exchange& x, json::Reader& reader) {
  auto content_type = x.request.head().headers.get("content-type").value_or("");
  auto asked = dialect::read_asked(*x.endpoint, x.path, content_type, x.body, reader);
  if (!asked) return fail_from(asked);
  x.asked = std::move(*asked);
  if (x.endpoint->streaming == dialect::Streaming::kByPath) x.asked.stream = true;
  x.has_seal = x.endpoint->operation == dialect::Operation::kChat && chat::may_hold_seal(x.body);
  return {};
}

Task<Status> read_request(Exchange& x) {
  if (x.body.size() <= json::kLoopLimit) co_return read(x, x.tools.reader);
  Status status;
  co_await net::offload(x.tools.loop, x.tools.workers, [&] {
    json::Reader reader;
    status = read(x, reader);
  });
  co_return status;
}

}  // namespace

Task<Status> Receive::run(Exchange& x, Sink& out, Next next) {
  auto body = co_await x.request.body();
  if (!body) co_return fail_from(body);
  x.body = std::move(*body);
  if (x.endpoint) {
    auto read = co_await read_request(x);
    if (!read) co_return read;
  }
  co_return co_await next(x, out);
}

}  // namespace sluice::stage
