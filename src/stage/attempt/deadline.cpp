#include "stage/attempt/deadline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

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

// What each of them says: the first field of its name. The fields are gone through once.
std::array<std::optional<std::string_view>, std::size(kSources)> texts_in(const http::Headers& headers) {
  std::array<std::optional<std::string_view>, std::size(kSources)> texts;
  for (const auto& [name, value] : headers) {
    if (!iequals(name.substr(0, 2), "x-")) continue;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (!texts[i] && iequals(name, kSources[i].header)) texts[i] = value;
    }
  }
  return texts;
}

}  // namespace

Result<Deadline> deadline_of(const http::Headers& headers, Ms route_total, Answer answer) {
  Deadline deadline{route_total, "timeout.total"};
  const auto texts = texts_in(headers);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto& source = kSources[i];
    const auto& text = texts[i];
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
