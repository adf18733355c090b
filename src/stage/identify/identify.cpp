#include "stage/identify/identify.h"

#include "stage/identify/tags.h"

namespace sluice::stage {

Task<Status> Identify::run(Exchange& x, Sink& out, Next next) {
  auto tags = tags_of(x);
  if (!tags) return end_with(fail_from(tags));
  x.tags = std::move(*tags);
  return next(x, out);
}

}  // namespace sluice::stage
