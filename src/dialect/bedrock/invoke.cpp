#include "dialect/bedrock/invoke.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "dialect/anthropic/anthropic.h"
#include "dialect/bedrock/error.h"
#include "http/event_stream.h"
#include "http/sse.h"

namespace sluice::dialect::bedrock {

namespace {

const Endpoint& messages() {
  return anthropic::server().endpoints().front();
}

constexpr std::string_view kStop = R"({"type":"message_stop")";

// Puts each server-sent event of the Messages API into a frame.
class InvokeWriter final : public AnswerWriter {
 public:
  explicit InvokeWriter(const WriteOptions& options) : messages_(anthropic::server().write_answer(options)) {}

  void write(std::span<const chat::Piece> pieces, const chat::Learned& learned, std::string& out) override {
    std::string events;
    messages_->write(pieces, learned, events);
    frame(events, learned, out);
  }
  void finish(const chat::Learned& learned, std::string& out) override {
    std::string events;
    messages_->finish(learned, events);
    frame(events, learned, out);
  }
  void fail(const Fault& fault, const chat::Learned&, std::string& out) override { out += write_error_frame(fault); }

 private:
  // Our own writer's events are whole ones.
  static void frame(std::string_view events, const chat::Learned& learned, std::string& out) {
    http::SseSplitter splitter(events.size());
    for (const http::SseFrame& event : splitter.feed(events)) {
      if (!event.has_data) continue;
      const std::string json = event.data.starts_with(kStop) ? with_metrics(learned) : std::string(event.data);
      const http::EventStreamHeader headers[] = {
          {":event-type", "chunk"}, {":content-type", "application/json"}, {":message-type", "event"}};
      http::append_frame(out, headers, fmt::format(R"({{"bytes":"{}"}})", base64(json)));
    }
  }
  static std::string with_metrics(const chat::Learned& learned) {
    const auto& usage = learned.usage;
    return fmt::format(R"({},"amazon-bedrock-invocationMetrics":{{"inputTokenCount":{},"outputTokenCount":{},)"
                       R"("cacheReadInputTokenCount":{},"cacheWriteInputTokenCount":{}}}}})",
                       kStop, usage.input - std::min(usage.input, usage.cache_read + usage.cache_write), usage.output,
                       usage.cache_read, usage.cache_write);
  }

  std::unique_ptr<AnswerWriter> messages_;
};

}  // namespace

Result<chat::Request> read_invoked(std::string_view body, json::Reader& reader) {
  if (body.find("\"anthropic_version\"") == std::string_view::npos) {
    return fail(Fault{.kind = FaultKind::kInvalidRequest,
                      .told =
                          "This model is not served by Bedrock here, and of InvokeModel's bodies only Claude's (with "
                          "'anthropic_version') can be translated. Use Converse.",
                      .param = "anthropic_version"});
  }
  return anthropic::server().read_chat(messages(), body, reader);
}

std::unique_ptr<AnswerWriter> make_invoke_writer(const WriteOptions& options) {
  WriteOptions inner = options;
  inner.endpoint = &messages();
  if (!options.stream) return anthropic::server().write_answer(inner);
  return std::make_unique<InvokeWriter>(inner);
}

}  // namespace sluice::dialect::bedrock
