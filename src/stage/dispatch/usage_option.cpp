#include "stage/dispatch/usage_option.h"

#include <string_view>

#include "base/text.h"

namespace sluice::stage {

namespace {

// As a word of its own: a client's field may have a longer name.
bool names_stream_options(std::string_view text) {
  constexpr std::string_view kField = "stream_options";
  auto is_part = [](char c) {
    return (to_lower(c) >= 'a' && to_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  for (auto at = text.find(kField); at != text.npos; at = text.find(kField, at + 1)) {
    const auto end = at + kField.size();
    if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end]))) return true;
  }
  return false;
}

}  // namespace

bool takes_stream_options(const Try& t) {
  const auto& deployment = *t.target.deployment;
  return deployment.provider->quirks.stream_options && !t.leaves_stream_options &&
         !deployment.refuses_stream_options.load(std::memory_order_relaxed);
}

UsageOption usage_option(const Exchange& x, const Try& t) {
  if (!x.endpoint || !x.endpoint->usage_option || !x.asked.stream || x.asked.usage_wanted) return {};
  const auto& quirks = t.target.deployment->provider->quirks;
  return {.view = UsageView::kHide, .is_added = takes_stream_options(t) && !quirks.usage_on_streams};
}

bool may_refuse_stream_options(const Exchange& x, const Try& t, const UsageOption& usage, const Fault& fault) {
  const int status = fault.answer ? fault.answer->status : 0;
  const bool asked = usage.is_added || (t.translation && x.asked.stream && takes_stream_options(t));
  if (!asked || t.leaves_stream_options || (status != 400 && status != 422)) return false;
  return names_stream_options(fault.param) || names_stream_options(fault.told) ||
         names_stream_options(fault.answer->body);
}

}  // namespace sluice::stage
