#include "stage/attempt/deadline.h"

#include <fmt/format.h>

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

std::optional<Ms> read(std::string_view text, Unit unit) {
  if (unit == Unit::kDuration) {
    auto duration = parse_duration_ms(text);
    return duration && *duration > 0 ? std::optional(Ms(*duration)) : std::nullopt;
  }
  auto whole = to_number<std::uint32_t>(text.substr(0, text.find('.')));
  return whole && *whole > 0 ? std::optional(Ms(std::int64_t{*whole} * 1000)) : std::nullopt;
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
