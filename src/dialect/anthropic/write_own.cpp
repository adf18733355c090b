// A request of this API for a provider of this API: write_own() of write.h.
#include "chat/seal.h"
#include "dialect/anthropic/fields.h"
#include "dialect/anthropic/native.h"
#include "dialect/anthropic/write.h"
#include "dialect/faults.h"
#include "json/reader.h"

namespace sluice::dialect::anthropic {

namespace {

using chat::Field;
using chat::Part;
using chat::PartKind;
using chat::Role;
using chat::State;

constexpr chat::Alphabet kIds{.longest = 256, .exactly = 0, .beside_alphanumeric = "_-", .starts_with_letter = false};

class OwnWriter {
 public:
  OwnWriter(chat::Request& request, const Target& target, Host host)
      : request_(request), target_(target), host_(host), body_(request.value(Field::kMessages)) {}

  Result<Outgoing> write() {
    auto cursor = reader_.scan_copy(body_);
    if (!cursor) return protocol_fault("The request's body is no JSON");
    std::string members;
    json::each_member(*cursor, [&](std::string_view key) {
      const std::string name(key);
      const std::string_view quoted = body_.substr(cursor->key_begin(), cursor->key_end() - cursor->key_begin());
      member(name, quoted, cursor->skip(), members);
    });
    if (!cursor->finish()) return protocol_fault("The request's body is no JSON");
    if (host_ == Host::kBedrock && !has_limit_) add_limit(members);
    if (host_ != Host::kAnthropic) {
      // Each of the members begins with its comma.
      out_.body = "{" + version_members(host_, target_.betas, betas_) + members + "}";
      if (host_ == Host::kVertex && !target_.betas.empty()) out_.headers.add("anthropic-beta", target_.betas);
    } else {
      complete(members);
      out_.body = "{" + members.substr(1) + "}";
      out_.headers.add("anthropic-version", kVersion);
    }
    note_lost();
    return std::move(out_);
  }

 private:
  // Counts say no limit; but Bedrock counts what InvokeModel takes, which wants one, above what thinking may take.
  void add_limit(std::string& members) const {
    if (target_.operation != Operation::kCountTokens) return;
    members += R"(,"max_tokens":)" + std::to_string(request_.reasoning.budget.value_or(0) + 1);
  }

  // What clients of other hosts say in the path, in the body or not at all.
  void complete(std::string& members) {
    if (!has_model_) {
      std::string model = R"(,"model":)";
      json::Writer(model).text(target_.model);
      members.insert(0, model);
    }
    if (target_.stream && !has_stream_) members += R"(,"stream":true)";
    std::string betas(target_.betas);
    if (auto cursor = reader_.scan_copy(betas_)) {
      json::each_element(*cursor, [&](std::size_t) {
        const std::string beta = json::plain(json::take_string(*cursor).value_or(json::Escaped{}));
        betas += (betas.empty() ? "" : ",") + beta;
      });
    }
    if (!betas.empty()) out_.headers.add("anthropic-beta", betas);
  }

  void member(std::string_view name, std::string_view quoted, std::string_view value, std::string& members) {
    const bool hosted = host_ != Host::kAnthropic;
    const bool counts = target_.operation == Operation::kCountTokens && host_ != Host::kBedrock;
    if (name == "anthropic_beta") betas_ = value;
    if (name == "anthropic_version" || (hosted && name == "model" && !counts)) return;
    if (name == "anthropic_beta" && host_ != Host::kVertex) return;
    if (host_ == Host::kBedrock && name == "stream") return;
    if (hosted && !target_.quirks.unknown_fields && !is_known_member(name)) {
      out_.lost.push_back({.path = std::string(name), .unplaced = chat::Unplaced::kDropped, .why = {}});
      return;
    }
    has_model_ = has_model_ || name == "model";
    has_stream_ = has_stream_ || name == "stream";
    has_limit_ = has_limit_ || name == "max_tokens";
    members += ',';
    members += quoted;
    members += ':';
    json::Writer json(members);
    if (name == "model") {
      json.text(target_.model);
    } else if (name == "messages") {
      messages(json);
    } else {
      json.raw(value);
    }
  }

  void messages(json::Writer& json) {
    json.begin_array();
    for (std::size_t i = request_.has(Field::kSystem) ? 1 : 0; i < request_.turns.size(); ++i) {
      const chat::Turn& turn = request_.turns[i];
      std::string content;
      json::Writer blocks(content);
      const bool is_text = turn.parts.size() == 1 && turn.parts.front().raw.starts_with('"');
      const bool said = is_text || write_blocks(turn, blocks);
      if (!said && !turn.parts.empty()) continue;  // there was nothing but thinking that was cut off
      json.begin_object().key("role");
      json.text(std::string_view(turn.role == Role::kAssistant ? "assistant"
                                 : turn.role == Role::kSystem  ? "system"
                                                               : "user"));
      json.key("content").raw(is_text ? turn.parts.front().raw : std::string_view(content)).end_object();
    }
    json.end_array();
  }

  bool write_blocks(const chat::Turn& turn, json::Writer& json) {
    bool any = false;
    json.begin_array();
    for (const Part& part : turn.parts) {
      const std::string block = write_block(part);
      if (block.empty()) continue;
      json.raw(block);
      any = true;
    }
    json.end_array();
    return any;
  }

  std::string write_block(const Part& part) {
    switch (part.kind) {
      case PartKind::kReasoning:
        return reasoning(part);
      case PartKind::kCall:
        return edited(part.raw, "id", part.id);
      case PartKind::kResult:
        return edited(part.raw, "tool_use_id", part.id);
      case PartKind::kText:
        if (part.raw.empty()) return text_block(part);
        // Sources of another provider, which we put into the shape of this one's.
        if (chat::may_hold_seal(part.citations)) return edited(part.raw, "citations", {});
        break;
      default:
        break;
    }
    return std::string(part.raw);
  }

  // What the client did not write: an answer of which it has the beginning.
  static std::string text_block(const Part& part) {
    std::string block;
    json::Writer json(block);
    json.begin_object().key("type").text(std::string_view("text")).key("text").text(part.text).end_object();
    return block;
  }

  std::string reasoning(const Part& part) {
    if (part.state.data.empty()) {  // cut off before its signature came
      left_state_ = true;
      return {};
    }
    if (!part.raw.empty()) return std::string(part.raw);
    std::string block;
    json::Writer json(block);
    if (part.state.kind == State::Kind::kSignature) {
      json.begin_object().key("type").text(std::string_view("thinking")).key("thinking").text(part.text);
      json.key("signature").text(part.state.data).end_object();
    } else if (part.state.kind == State::Kind::kRedacted) {
      json.begin_object().key("type").text(std::string_view("redacted_thinking"));
      json.key("data").text(part.state.data).end_object();
    }
    return block;
  }

  // A block as it came, with another id; an empty one takes the member away.
  std::string edited(std::string_view raw, std::string_view key, json::Escaped id) {
    std::string block = "{";
    auto cursor = blocks_.scan_copy(raw);
    if (!cursor) return std::string(raw);
    json::each_member(*cursor, [&](std::string_view name) {
      const bool found = name == key;
      const std::string_view quoted = raw.substr(cursor->key_begin(), cursor->key_end() - cursor->key_begin());
      const std::string_view value = cursor->skip();
      if (found && id.empty()) return;
      if (block.size() > 1) block += ',';
      block += quoted;
      block += ':';
      if (found) {
        json::append_quoted(block, chat::fitted(id, kIds, request_.texts));
      } else {
        block += value;
      }
    });
    return block + "}";
  }

  // All that the reader could not place is in the body; what was taken apart is not.
  void note_lost() {
    for (const chat::Request::Lost& lost : request_.lost) {
      left_state_ = left_state_ || lost.path == "reasoning state";
    }
    if (left_state_) out_.lost.push_back({.path = "reasoning state", .unplaced = chat::Unplaced::kDropped, .why = {}});
  }

  chat::Request& request_;
  const Target& target_;
  Host host_;
  std::string_view body_;
  bool has_model_ = false;
  bool has_stream_ = false;
  bool has_limit_ = false;
  bool left_state_ = false;
  std::string_view betas_;
  Outgoing out_;
  json::Reader reader_;
  json::Reader blocks_;
};

}  // namespace

Result<Outgoing> write_own(chat::Request& request, const Target& target, Host host) {
  return OwnWriter(request, target, host).write();
}

}  // namespace sluice::dialect::anthropic
