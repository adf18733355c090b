#include "exchange/refused_here.h"

#include <algorithm>
#include <functional>

#include "provider/failure.h"

namespace sluice {

bool was_refused_here(const Try& one) {
  if (one.provider_status != 0 || one.failure.empty()) return false;
  const auto failure = provider::find_failure(one.failure);
  return failure && provider::is_ours(*failure);
}

std::size_t attempts_of(const Exchange& x) {
  return static_cast<std::size_t>(std::ranges::count_if(x.tries, std::not_fn(was_refused_here)));
}

}  // namespace sluice
