#include "dialect/openai/whole_writer.h"

#include "dialect/openai/error.h"
#include "dialect/openai/finish.h"
#include "dialect/openai/saying.h"
#include "json/reader.h"

namespace sluice::dialect::openai {

namespace {

using chat::Choice;
using chat::Part;
using chat::PartKind;
using chat::State;
using json::Escaped;

// Chat's objects of one choice, one a chunk, put together.
void write_logprobs(const std::vector<std::string_view>& logprobs, json::Writer& json) {
  if (logprobs.size() <= 1) {
    json.raw(logprobs.empty() ? "null" : logprobs.front());
    return;
  }
  json::Reader reader;
  json.begin_object();
  for (std::string_view name : {"content", "refusal"}) {
    std::string list;
    for (std::string_view object : logprobs) {
      auto cursor = reader.scan_copy(object);
      if (!cursor) continue;
      json::each_member(*cursor, [&](std::string_view key) {
        if (key != name) return;
        json::each_element(*cursor, [&](std::size_t) {
          if (!list.empty()) list += ',';
          list += cursor->skip();
        });
      });
    }
    json.key(name).raw(list.empty() ? "null" : "[" + list + "]");
  }
  json.end_object();
}

// Writes one choice's message. Its parts are gone through once, to sort them by member.
class MessageWriter {
 public:
  MessageWriter(const WriteOptions& options, std::int64_t created, const Choice& choice, json::Writer& json)
      : options_(options), created_(created), choice_(choice), json_(json), carried_(options.origin) {}

  Held run() {
    for (const Part& part : choice_.parts) sort(part);
    for (const chat::Cited& cited : choice_.citations) {
      append(annotations_, [&](json::Writer& json) { write_annotation(cited.citation, cited.range, json); });
    }
    json_.begin_object().key("role").text("assistant").key("content");
    if (has_text_ || (tool_calls_.empty() && function_.empty() && refusal_.empty() && audio_ == nullptr)) {
      json_.text(Escaped{text_});
    } else {
      json_.null();
    }
    json_.key("refusal");
    if (refusal_.empty()) {
      json_.null();
    } else {
      json_.text(Escaped{refusal_});
    }
    if (!reasoning_.empty()) json_.key("reasoning_content").text(Escaped{reasoning_});
    if (!carried_.empty()) {
      json_.key("reasoning_details");
      carried_.write_details(json_);
    }
    write_rest();
    json_.end_object();
    return {.calls = !tool_calls_.empty() || !function_.empty(), .refusal = !refusal_.empty()};
  }

 private:
  void write_rest() {
    json_.key("annotations").raw("[" + annotations_ + "]");
    if (audio_ != nullptr) {
      json_.key("audio");
      write_audio(*audio_, options_, created_, json_);
    }
    if (!images_.empty()) json_.key("images").raw("[" + images_ + "]");
    if (!tool_calls_.empty()) json_.key("tool_calls").raw("[" + tool_calls_ + "]");
    if (!function_.empty()) json_.key("function_call").raw(function_);
  }

  void sort(const Part& part) {
    switch (part.kind) {
      case PartKind::kText:
        has_text_ = true;
        text_ += part.text.raw;
        if (part.state.kind != State::Kind::kNone) carried_.add(part.state, {}, {}, 0);
        return;
      case PartKind::kRefusal:
        refusal_ += part.text.raw;
        return;
      case PartKind::kReasoning:
        reasoning_ += part.text.raw;
        carried_.add(part.state, part.id, part.text, chat::characters({text_}));
        return;
      case PartKind::kCall:
        return call(part);
      case PartKind::kAudio:
        audio_ = &part.media;
        return;
      case PartKind::kImage:
      case PartKind::kVideo:
      case PartKind::kDocument:
        return append(images_, [&](json::Writer& json) { write_image(part.media, json); });
      case PartKind::kResult:
      case PartKind::kServerItem:
        return;  // the API has no place for them
    }
  }

  void call(const Part& part) {
    const bool wanted_custom = asked_custom(options_, part.name);
    const bool is_custom = wanted_custom || part.tool == chat::ToolKind::kCustom;
    std::string arguments(part.text.raw);
    if (wanted_custom && part.tool != chat::ToolKind::kCustom) arguments = unwrapped(arguments);
    if (arguments.empty() && !is_custom) arguments = "{}";
    if (function_.empty() && tool_calls_.empty() && asked_functions(options_)) {
      if (part.state.kind != State::Kind::kNone) carried_.add(part.state, {}, {}, 0);
      json::Writer json(function_);
      json.begin_object().key("name").text(part.name).key("arguments").text(Escaped{arguments}).end_object();
      return;
    }
    const std::string id = carried_.into_id(part.id, part.made_up_id, part.state);
    const std::string_view kind = is_custom ? "custom" : "function";
    append(tool_calls_, [&](json::Writer& json) {
      json.begin_object().key("id").text(id).key("type").text(kind).key(kind).begin_object();
      json.key("name").text(part.name).key(is_custom ? "input" : "arguments").text(Escaped{arguments});
      json.end_object().end_object();
    });
  }

  template <class Write>
  void append(std::string& list, Write write) {
    if (!list.empty()) list += ',';
    json::Writer json(list);
    write(json);
  }

  const WriteOptions& options_;
  std::int64_t created_;
  const Choice& choice_;
  json::Writer& json_;
  Carried carried_;
  bool has_text_ = false;
  std::string text_, refusal_, reasoning_, tool_calls_, function_, annotations_, images_;
  const chat::Media* audio_ = nullptr;
};

}  // namespace

void WholeWriter::write(std::span<const chat::Piece> pieces, const chat::Learned&, std::string&) {
  collector_.add(pieces);
}

void WholeWriter::finish(const chat::Learned& learned, std::string& out) {
  json::Writer json(out);
  const std::int64_t created = answer_created(options_, learned);
  json.begin_object();
  json.key("id").text(answer_id(options_, learned)).key("object").text("chat.completion");
  json.key("created").number(created).key("model").text(answer_model(options_, learned));
  json.key("choices").begin_array();
  std::uint64_t index = 0;
  for (const Choice& choice : collector_.choices()) {
    json.begin_object().key("index").number(index++).key("message");
    const Held held = MessageWriter(options_, created, choice, json).run();
    json.key("logprobs");
    write_logprobs(choice.logprobs, json);
    const bool is_told = choice.finish != chat::FinishReason::kNone;
    std::string_view word = finish_word(is_told ? choice.finish : learned.finish, held, learned.finish_reason);
    if (word == "tool_calls" && asked_functions(options_)) word = "function_call";
    json.key("finish_reason").text(word).end_object();
  }
  json.end_array();
  if (learned.usage.source == chat::UsageSource::kProvider) {
    json.key("usage");
    write_usage(learned.usage, json);
  }
  if (!learned.service_tier.empty()) json.key("service_tier").text(learned.service_tier);
  json.key("system_fingerprint").null();
  json.end_object();
}

void WholeWriter::fail(const Fault& fault, const chat::Learned&, std::string& out) {
  out += write_error(fault);
}

}  // namespace sluice::dialect::openai
