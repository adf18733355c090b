#include "exchange/usage_row.h"

#include <algorithm>

namespace sluice {

namespace {

template <class Text>
store::BasicUsageRow<Text> made_of(const chat::Usage& usage) {
  auto number = [](std::uint64_t count) { return static_cast<std::int64_t>(count); };
  auto perhaps = [&](const std::optional<std::uint64_t>& count) {
    return count ? std::optional(number(*count)) : std::nullopt;
  };
  return {.source = usage.source == chat::UsageSource::kNone ? Text() : Text(name(usage.source)),
          .input = number(usage.input),
          .cache_read = number(usage.cache_read),
          .cache_write = number(usage.cache_write),
          .cache_write_1h = number(usage.cache_write_1h),
          .output = number(usage.output),
          .reasoning = number(usage.reasoning),
          .audio_input = number(usage.audio_input),
          .audio_output = number(usage.audio_output),
          .image_input = number(usage.image_input),
          .image_output = number(usage.image_output),
          .tool_input = number(usage.tool_input),
          .tool_requests = number(usage.tool_requests),
          .audio_cache_read = number(usage.audio_cache_read),
          .billed_input = perhaps(usage.billed_input),
          .billed_output = perhaps(usage.billed_output),
          .billed_searches = perhaps(usage.billed_searches),
          .file_searches = number(usage.file_searches),
          .tool_calls = number(usage.tool_calls),
          .billed_request_nanos = perhaps(usage.billed_request),
          .search_size = static_cast<std::int64_t>(usage.search_size)};
}

chat::SearchSize size_of(std::int64_t number) {
  using enum chat::SearchSize;
  return number == 1 ? kLow : number == 2 ? kMedium : number == 3 ? kHigh : kUntold;
}

}  // namespace

store::UsageRow row_of(const chat::Usage& usage) {
  return made_of<std::string>(usage);
}
store::UsageView view_of(const chat::Usage& usage) {
  return made_of<std::string_view>(usage);
}

chat::Usage usage_of(const store::UsageRow& row) {
  auto count = [](std::int64_t number) { return static_cast<std::uint64_t>(std::max<std::int64_t>(0, number)); };
  auto perhaps = [&](const std::optional<std::int64_t>& number) {
    return number ? std::optional(count(*number)) : std::nullopt;
  };
  const auto source = row.source == "provider"    ? chat::UsageSource::kProvider
                      : row.source == "estimated" ? chat::UsageSource::kEstimated
                                                  : chat::UsageSource::kNone;
  return {.source = source,
          .input = count(row.input),
          .cache_read = count(row.cache_read),
          .cache_write = count(row.cache_write),
          .cache_write_1h = count(row.cache_write_1h),
          .output = count(row.output),
          .reasoning = count(row.reasoning),
          .audio_input = count(row.audio_input),
          .audio_output = count(row.audio_output),
          .image_input = count(row.image_input),
          .image_output = count(row.image_output),
          .tool_input = count(row.tool_input),
          .tool_requests = count(row.tool_requests),
          .file_searches = count(row.file_searches),
          .tool_calls = count(row.tool_calls),
          .audio_cache_read = count(row.audio_cache_read),
          .billed_input = perhaps(row.billed_input),
          .billed_output = perhaps(row.billed_output),
          .billed_searches = perhaps(row.billed_searches),
          .billed_request = perhaps(row.billed_request_nanos),
          .search_size = size_of(row.search_size)};
}

}  // namespace sluice
