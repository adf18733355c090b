#include "chat/estimate.h"

#include <algorithm>

namespace sluice::chat {

namespace {

bool is_told(const Usage& usage) {
  const bool billed = usage.billed_input || usage.billed_output || usage.billed_searches;
  return usage.source == UsageSource::kProvider && (usage.input > 0 || usage.output > 0 || billed);
}

bool tells_input(const Usage& usage, Reads reads) {
  if (!is_told(usage)) return false;
  return reads != Reads::kText || usage.input > 0 || usage.billed_input.value_or(0) > 0 || usage.billed_searches;
}

}  // namespace

bool is_counted(const Learned& learned, Reads reads) {
  if (!tells_input(learned.usage, reads)) return false;
  return learned.usage.billed_output || learned.counted >= learned.shown;
}

void estimate(Learned& learned, std::uint64_t input_tokens, Reads reads) {
  if (is_counted(learned, reads)) return;
  Usage& usage = learned.usage;
  if (!tells_input(usage, reads)) {
    usage.input = std::max<std::uint64_t>(input_tokens, 1);
    usage.billed_input.reset();
  }
  // What a provider tells at the beginning of a stream is not of what comes then, and may be one token too many.
  const std::uint64_t before = learned.counted > 0 ? usage.output : 0;
  usage.output = std::max(usage.output, before + tokens_of(learned.shown - learned.counted));
  usage.source = UsageSource::kEstimated;
}

}  // namespace sluice::chat
