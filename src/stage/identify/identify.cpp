#include "stage/identify/identify.h"

#include "stage/identify/tags.h"

namespace sluice::stage {

Task<Status> Identify::run(Exchange& x, Sink& out, Next next) {
  auto tags = tags_of(x);
  if (!tags) co_return fail_from(tags);
  x.tags = std::move(*tags);
  co_return co_await next(x, out);
}

}  // namespace sluice::stage
