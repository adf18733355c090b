#include "stage/attempt/deadline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace sluice::stage {

namespace {

enum class Unit { kDuration, kSeconds };

struct Source {
  std::string_view header;
  Unit unit;
};

// The second is LiteLLM's; SDKs made by Stainless (OpenAI, Anthropic, …) and Google's send the others with every
// request. What is in seconds means, for streams, the time to their beginning: it does not end them.
constexpr Source kSources[] = {{"x-sluice-timeout", Unit::kDuration},
                               {"x-litellm-timeout", Unit::kSeconds},
                               {"x-stainless-timeout", Unit::kSeconds},
                               {"x-server-timeout", Unit::kSeconds}};

// "1.5", as an SDK prints its floating point number. Rounded up, so that a limit never becomes none; what is no
// positive number of plain digits is none.
std::optional<Ms> read_seconds(std::string_view text) {
  constexpr double kLongest = 1e9;
  text = trim(text);
  if (text.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
  const auto seconds = to_number<double>(text);
  if (!seconds || *seconds <= 0) return std::nullopt;
  return Ms(static_cast<std::int64_t>(std::ceil(std::min(*seconds, kLongest) * 1000)));
}

std::optional<Ms> read(std::string_view text, Unit unit) {
  if (unit == Unit::kDuration) {
    auto duration = parse_duration_ms(text);
    return duration && *duration > 0 ? std::optional(Ms(*duration)) : std::nullopt;
  }
  return read_seconds(text);
}

}  // namespace

Result<Deadline> deadline_of(const http::Headers& headers, Ms route_total, Answer answer) {
  Deadline deadline{route_total, "timeout.total"};
  for (const auto& source : kSources) {
    auto text = headers.get(source.header);
    if (!text || (answer == Answer::kStreamed && source.unit == Unit::kSeconds)) continue;
    auto limit = read(*text, source.unit);
    if (!limit && source.unit == Unit::kDuration) {
      return fail(Fault{.kind = FaultKind::kInvalidRequest,
                        .told = fmt::format("The header {} expects a duration such as 500ms, 20s or 2m, found '{}'.",
                                            source.header, printable(*text, 40)),
                        .param = std::string(source.header),
                        .code = "invalid_header"});
    }
    if (limit && *limit < deadline.limit) deadline = {*limit, source.header};
  }
  return deadline;
}

}  // namespace sluice::stage
