#include "sim/api.h"

#include "base/digest.h"
#include "base/text.h"
#include "sim/anthropic/anthropic.h"
#include "sim/bedrock/bedrock.h"
#include "sim/cohere/cohere.h"
#include "sim/gemini/gemini.h"
#include "sim/openai/openai.h"
#include "sim/responses/responses.h"

namespace sluice::sim {

std::optional<Answer> Api::denied(const http::RequestHead& head, const Place& place, std::string_view,
                                  std::string_view key) const {
  std::string sent = key_of(head, place);
  if (!sent.empty() && constant_time_equal(sent, key)) return std::nullopt;
  Problem problem{.before = sent.empty() ? "The request carries no API key." : "Incorrect API key provided.",
                  .path = "",
                  .after = "",
                  .code = sent.empty() ? "" : "invalid_api_key"};
  return refuse(401, &problem);
}

std::string bearer_of(const http::RequestHead& head) {
  constexpr std::string_view kBearer = "bearer ";
  std::string_view sent = head.headers.get("authorization").value_or("");
  bool bearer = sent.size() >= kBearer.size() && iequals(sent.substr(0, kBearer.size()), kBearer);
  return bearer ? std::string(trim(sent.substr(kBearer.size()))) : "";
}

std::span<const Api* const> apis() {
  // Both Anthropic and OpenAI have /v1/models: a header tells whose it is.
  static const Api* const kApis[] = {
      &anthropic_api(),    &anthropic_vertex_api(), &anthropic_bedrock_api(),
      &openai_api(),       &responses_api(),        &gemini_api(),
      &gemini_array_api(), &vertex_gemini_api(),    &vertex_gemini_array_api(),
      &bedrock_api(),      &cohere_api(),
  };
  return kApis;
}

Place place_of(const http::RequestHead& head) {
  for (const Api* api : apis()) {
    Place place = api->place_of(head);
    place.api = api;
    if (place.endpoint != Endpoint::kUnknown) return place;
  }
  return {.api = &openai_api()};
}

}  // namespace sluice::sim
