#include "sim/aws.h"

#include <utility>

#include "http/event_stream.h"
#include "http/url.h"
#include "sim/text.h"

namespace sluice::sim {

std::optional<ModelAction> aws_action(std::string_view path) {
  constexpr std::string_view kModels = "/model/";
  if (!path.starts_with(kModels)) return std::nullopt;
  path.remove_prefix(kModels.size());
  auto slash = path.find('/');
  if (slash == 0 || slash == std::string_view::npos) return std::nullopt;
  auto model = http::percent_decode(path.substr(0, slash));
  if (!model) return std::nullopt;
  return ModelAction{std::move(*model), path.substr(slash + 1)};
}

std::string aws_frame(std::string_view kind, std::string_view name, std::string_view payload) {
  const http::EventStreamHeader headers[] = {
      {kind == "event" ? ":event-type" : ":exception-type", name},
      {":content-type", "application/json"},
      {":message-type", kind},
  };
  std::string out;
  http::append_frame(out, headers, payload);
  return out;
}

Answer aws_refusal(int status, std::string_view exception, std::string_view message) {
  Answer answer = refuse_with(status, "{\"message\":" + json_string(message) + "}");
  answer.head.headers.add("x-amzn-errortype",
                          std::string(exception) + ":http://internal.amazon.com/coral/com.amazon.bedrock/");
  return answer;
}

}  // namespace sluice::sim
