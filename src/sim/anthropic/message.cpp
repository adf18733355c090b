#include "sim/anthropic/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/digest.h"
#include "sim/anthropic/errors.h"
#include "sim/anthropic/models.h"
#include "sim/anthropic/thoughts.h"
#include "sim/aws.h"
#include "sim/dom.h"
#include "sim/encode.h"
#include "sim/text.h"
#include "sim/vouch.h"

namespace sluice::sim::anthropic {

namespace {

namespace bj = boost::json;

constexpr std::size_t kFragment = 8;  // bytes of arguments in one event

// The usage without its end: what follows depends on the request.
std::string spell_usage(const Counts& counts) {
  return fmt::format(
      R"({{"input_tokens":{},"cache_creation_input_tokens":0,"cache_read_input_tokens":0,)"
      R"("cache_creation":{{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0}},"output_tokens":{},)"
      R"("output_tokens_details":{},"server_tool_use":null,"service_tier":"standard",)",
      counts.prompt, counts.completion,
      counts.reasoning == 0 ? "null" : fmt::format(R"({{"thinking_tokens":{}}})", counts.reasoning));
}

Block text_block(const std::string& text, const std::string& nonce, std::optional<std::size_t> pieces) {
  Block block;
  block.opening = R"({"type":"text","text":"","citations":null})";
  std::size_t begin = 0;
  for (std::size_t end : cuts(text, pieces)) {
    block.deltas.push_back(R"({"type":"text_delta","text":)" + json_string(text.substr(begin, end - begin) + nonce) +
                           "}");
    begin = end;
  }
  block.whole = R"({"type":"text","text":)" + json_string(text + nonce) + R"(,"citations":null})";
  return block;
}

Block thinking_block(const std::string& reasoning, bool omitted) {
  std::string shown = omitted ? "" : reasoning;
  std::string signature = json_string(signature_of(shown));
  Block block;
  block.opening = R"({"type":"thinking","thinking":"","signature":""})";
  std::size_t begin = 0;
  for (std::size_t end : cuts(shown, std::nullopt)) {
    block.deltas.push_back(R"({"type":"thinking_delta","thinking":)" + json_string(shown.substr(begin, end - begin)) +
                           "}");
    begin = end;
  }
  block.deltas.push_back(R"({"type":"signature_delta","signature":)" + signature + "}");
  block.whole = R"({"type":"thinking","thinking":)" + json_string(shown) + R"(,"signature":)" + signature + "}";
  return block;
}

Block redacted_block(const std::string& redacted) {
  Block block;
  block.whole = R"({"type":"redacted_thinking","data":)" + json_string(redacted_data(redacted)) + "}";
  block.opening = block.whole;
  block.opening_says_all = true;
  return block;
}

std::string arguments_delta(std::string_view piece) {
  return R"({"type":"input_json_delta","partial_json":)" + json_string(piece) + "}";
}

// The arguments as they stand in a whole answer: a text that is no JSON (a script may say anything) as a string.
std::string input_of(const std::string& arguments) {
  bj::error_code error;
  bj::value parsed = bj::parse(arguments.empty() ? "{}" : arguments, error);
  return error ? json_string(arguments) : bj::serialize(parsed);
}

Block call_block(const ScriptCall& call, const std::string& seed, ToolStyle style) {
  std::string arguments = call.arguments.empty() ? "{}" : call.arguments;
  std::string head = R"({"type":"tool_use","id":)" + json_string(call_id("toolu_", seed, call.name, arguments)) +
                     R"(,"name":)" + json_string(call.name) + R"(,"input":)";
  constexpr std::string_view kEnd = R"(,"caller":{"type":"direct"}})";
  Block block;
  block.opening = head + "{}" + std::string(kEnd);
  block.whole = head + input_of(call.arguments) + std::string(kEnd);
  if (style != ToolStyle::kFragments) {
    block.deltas.push_back(arguments_delta(call.arguments));
    return block;
  }
  block.deltas.push_back(arguments_delta(""));
  std::string_view rest = call.arguments;
  while (!rest.empty()) {
    auto length = std::max<std::size_t>(whole_characters(rest, kFragment), 1);
    block.deltas.push_back(arguments_delta(rest.substr(0, length)));
    rest.remove_prefix(length);
  }
  return block;
}

std::vector<Block> blocks_of(const Ask& ask, const Script& script, const Reply& reply, const Signature& signature) {
  std::vector<Block> blocks;
  const bj::object* thinking = object_in(*ask.body, "thinking");
  bool omitted = thinking && text_in(*thinking, "display") == "omitted";
  if (!reply.reasoning.empty()) blocks.push_back(thinking_block(reply.reasoning, omitted));
  if (!reply.redacted.empty()) blocks.push_back(redacted_block(reply.redacted));
  // An empty text is no block, unless it was to come in so many pieces.
  bool says_nothing = reply.text.empty() && script.nonce.empty() && script.events.value_or(0) == 0;
  if (reply.says_text && !says_nothing) blocks.push_back(text_block(reply.text, script.nonce, script.events));
  for (std::size_t i = 0; i < reply.calls.size(); ++i) {
    blocks.push_back(call_block(reply.calls[i], signature.id + "/" + std::to_string(i), script.tool_style));
  }
  return blocks;
}

std::string ending_of(const Ask& ask, const std::string& reason) {
  std::string sequence = "null";
  const bj::array* stops = array_in(*ask.body, "stop_sequences");
  if (reason == "stop_sequence" && stops && !stops->empty()) sequence = json_string(text_of(&stops->front()));
  std::string details = reason == "refusal" ? R"({"type":"refusal","category":null,"explanation":null})" : "null";
  return R"("stop_reason":)" + json_string(reason) + R"(,"stop_sequence":)" + sequence + R"(,"stop_details":)" +
         details + R"(,"container":null)";
}

// What a request says about where and how fast it is served is told with the usage.
std::string usage_end(const Ask& ask) {
  std::string_view geo = text_in(*ask.body, "inference_geo");
  std::string_view speed = text_in(*ask.body, "speed");
  return R"("inference_geo":)" + json_string(geo.empty() ? "global" : geo) + R"(,"speed":)" +
         json_string(speed.empty() ? "standard" : speed) + "}";
}

std::size_t count_in(const bj::object& usage, std::string_view key) {
  const bj::value* value = usage.if_contains(key);
  return value && value->is_int64() && value->get_int64() > 0 ? static_cast<std::size_t>(value->get_int64()) : 0;
}

// At the start of a stream nearly nothing was said yet.
void settle_usage(Message& message, std::string usage) {
  bj::error_code error;
  bj::value parsed = bj::parse(usage, error);
  message.usage = std::move(usage);
  message.first_usage = message.usage;
  if (error || !parsed.is_object()) return;
  bj::object& counts = parsed.get_object();
  message.prompt_tokens = count_in(counts, "input_tokens");
  message.output_tokens = count_in(counts, "output_tokens");
  if (message.output_tokens > 1) counts["output_tokens"] = 1;
  if (counts.contains("output_tokens_details")) counts["output_tokens_details"] = nullptr;
  message.first_usage = bj::serialize(counts);
}

bool only_warms_up(const Ask& ask) {
  const bj::value* most = ask.body->if_contains("max_tokens");
  return most && most->is_int64() && most->get_int64() == 0;
}

std::string_view id_prefix(Host host) {
  return host == Host::kVertex ? "msg_vrtx_" : host == Host::kBedrock ? "msg_bdrk_" : "msg_";
}

// An event as it stands on the wire.
std::string event_of(Host host, std::string_view name, const std::string& json) {
  if (host != Host::kBedrock) return server_sent(name, json);
  // `p` is padding that hides the length of what is said.
  return aws_frame("event", "chunk", R"({"bytes":")" + base64(json) + R"(","p":"abcdefgh"})");
}

void add_block(PlannedStream& stream, Host host, const Block& block, std::size_t index) {
  using Ahead = Stream::Ahead;
  auto start = fmt::format(R"({{"type":"content_block_start","index":{},"content_block":{}}})", index, block.opening);
  stream.add(block.opening_says_all ? Ahead::kContent : Ahead::kBetween, event_of(host, "content_block_start", start));
  if (index == 0 && host != Host::kBedrock) stream.add(Ahead::kBetween, event_of(host, "ping", R"({"type":"ping"})"));
  for (const std::string& delta : block.deltas) {
    auto event = fmt::format(R"({{"type":"content_block_delta","index":{},"delta":{}}})", index, delta);
    stream.add(Ahead::kContent, event_of(host, "content_block_delta", event));
  }
  auto stop = fmt::format(R"({{"type":"content_block_stop","index":{}}})", index);
  stream.add(Ahead::kBetween, event_of(host, "content_block_stop", stop));
}

std::string delta_of(const Message& message) {
  std::string event = R"({"type":"message_delta","delta":{)" + message.ending + "}";
  if (!message.usage.empty()) event += R"(,"usage":)" + message.usage;
  return event + "}";
}

}  // namespace

Message message_of(const Ask& ask, const Script& script, const Signature& signature) {
  Reply reply = make_reply(ask, script, spell_usage);
  Message message;
  std::string reason = reply.finish_reason;
  if (only_warms_up(ask)) {
    if (reason.empty()) reason = "max_tokens";
    Counts counts{tokens(ask.prompt_bytes) + ask.prompt_tokens, 0, 0};
    if (script.usage_report == UsageReport::kCounted) reply.usage = spell_usage(counts);
  } else {
    message.blocks = blocks_of(ask, script, reply, signature);
    if (reason.empty()) reason = reply.calls.empty() ? "end_turn" : "tool_use";
  }
  if (reply.usage && script.usage_report == UsageReport::kCounted) *reply.usage += usage_end(ask);
  Host host = ask.place.host;
  message.opening = fmt::format(R"("id":"{}{}","type":"message","role":"assistant","model":{},)", id_prefix(host),
                                signature.id, json_string(host == Host::kOwn ? ask.model : plain_name(ask.model)));
  message.ending = ending_of(ask, reason);
  if (reply.usage) settle_usage(message, *reply.usage);
  return message;
}

std::string body_of(const Message& message) {
  std::string body = "{" + message.opening + R"("content":[)";
  for (std::size_t i = 0; i < message.blocks.size(); ++i) body += (i == 0 ? "" : ",") + message.blocks[i].whole;
  body += "]," + message.ending + R"(,"diagnostics":null)";
  if (!message.usage.empty()) body += R"(,"usage":)" + message.usage;
  return body + "}";
}

std::unique_ptr<Stream> stream_of(const Message& message, Host host, bool with_stop) {
  using Ahead = Stream::Ahead;
  auto stream = std::make_unique<PlannedStream>();
  std::string start = R"({"type":"message_start","message":{)" + message.opening +
                      R"("content":[],"stop_reason":null,"stop_sequence":null,"stop_details":null,"container":null,)" +
                      R"("diagnostics":null)";
  if (!message.first_usage.empty()) start += R"(,"usage":)" + message.first_usage;
  stream->add(Ahead::kOpening, event_of(host, "message_start", start + "}}"));
  for (std::size_t i = 0; i < message.blocks.size(); ++i) add_block(*stream, host, message.blocks[i], i);
  stream->add(Ahead::kClosing, event_of(host, "message_delta", delta_of(message)));
  if (!with_stop) return stream;
  std::string stop = R"({"type":"message_stop")";
  if (host == Host::kBedrock) {
    stop += fmt::format(
        R"(,"amazon-bedrock-invocationMetrics":{{"inputTokenCount":{},"outputTokenCount":{},"invocationLatency":1,)"
        R"("firstByteLatency":1}})",
        message.prompt_tokens, message.output_tokens);
  }
  stream->add(Ahead::kClosing, event_of(host, "message_stop", stop + "}"));
  return stream;
}

std::string count_of(const Ask& ask) {
  return fmt::format(R"({{"input_tokens":{}}})", tokens(ask.prompt_bytes) + ask.prompt_tokens);
}

}  // namespace sluice::sim::anthropic
