#include "chat/usage.h"

#include <algorithm>

namespace sluice::chat {

Usage joined(const Usage& earlier, const Usage& later) {
  if (earlier.source == UsageSource::kNone) return later;
  Usage usage = later;
  for (auto count : {&Usage::input, &Usage::cache_read, &Usage::cache_write, &Usage::cache_write_1h, &Usage::output,
                     &Usage::reasoning, &Usage::audio_input, &Usage::audio_output, &Usage::image_input,
                     &Usage::image_output, &Usage::tool_input, &Usage::tool_requests, &Usage::file_searches,
                     &Usage::tool_calls, &Usage::audio_cache_read}) {
    usage.*count = last_told(later.*count, earlier.*count);
  }
  for (auto billed : {&Usage::billed_input, &Usage::billed_output, &Usage::billed_searches, &Usage::billed_request}) {
    if (!(usage.*billed)) usage.*billed = earlier.*billed;
  }
  if (usage.search_size == SearchSize::kUntold) usage.search_size = earlier.search_size;
  // Totals may have become less than the parts that were told before.
  auto cut = [&](std::uint64_t Usage::* part, std::uint64_t most) { usage.*part = std::min(usage.*part, most); };
  cut(&Usage::cache_read, usage.input);
  cut(&Usage::cache_write, usage.input - usage.cache_read);
  cut(&Usage::cache_write_1h, usage.cache_write);
  cut(&Usage::audio_input, usage.input);
  cut(&Usage::image_input, usage.input);
  cut(&Usage::tool_input, usage.input);
  cut(&Usage::audio_cache_read, std::min(usage.cache_read, usage.audio_input));
  cut(&Usage::reasoning, usage.output);
  cut(&Usage::audio_output, usage.output);
  cut(&Usage::image_output, usage.output);
  return usage;
}

}  // namespace sluice::chat
