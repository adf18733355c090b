#include "sim/answer.h"

#include <utility>

namespace sluice::sim {

Answer whole(Body body) {
  Answer answer;
  answer.head.headers.add("content-type", std::move(body.content_type));
  answer.body = std::move(body.bytes);
  return answer;
}

Answer refuse_with(int status, std::string body) {
  Answer answer = whole({.bytes = std::move(body)});
  answer.head.status = status;
  return answer;
}

void send_as_events(Answer& answer, std::unique_ptr<Stream> stream) {
  answer.stream = std::move(stream);
  answer.head.headers.set("content-type", "text/event-stream; charset=utf-8");
  answer.head.headers.set("cache-control", "no-cache");
}

}  // namespace sluice::sim
