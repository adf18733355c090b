#include "dialect/openai/compose.h"

#include <algorithm>

#include "chat/ids.h"
#include "dialect/faults.h"
#include "dialect/openai/fields.h"
#include "dialect/openai/model.h"
#include "dialect/openai/respell.h"
#include "dialect/openai/tools.h"
#include "dialect/text_document.h"

namespace sluice::dialect::openai {

namespace {

using chat::Request;
using chat::Unplaced;

constexpr chat::Alphabet kNames{.longest = 64, .beside_alphanumeric = "_-"};
// The API takes up to 40 characters; which ones is nowhere said, and servers of the dialect make such ids themselves.
constexpr chat::Alphabet kIds{.longest = 40, .beside_alphanumeric = "_-.:"};

class Composer {
 public:
  Composer(Request& request, const Target& target)
      : request_(request), target_(target), json_(out_.body), with_{request, target, out_, inside_, is_own(request)} {}

  Result<Outgoing> run() {
    if (Status settled = settle(); !settled) return fail_from(settled);
    if (!with_.own) {
      fit_to_model(request_, target_.model, out_.lost);
      decode_texts(request_);  // files are PDFs only
    }
    if (Status narrowed = narrow_tools(); !narrowed) return fail_from(narrowed);
    chat::link_results(request_);
    out_.renamed = chat::fit_names(request_, kNames, target_.quirks.short_tool_ids ? kShortIds : kIds);
    json_.begin_object();
    json_.key("model").text(target_.model);
    if (Status written = write_messages(with_, json_); !written) return fail_from(written);
    write_tools(with_, json_);
    write_format();
    if (Status written = write_settings(with_, json_); !written) return fail_from(written);
    write_stream();
    json_.end_object();
    return std::move(out_);
  }

 private:
  Status settle() {
    Status settled = settle_fields(chat_fields(), request_, target_.provider, target_.model, out_.lost);
    if (!settled) return settled;
    for (std::size_t i = 0; i < request_.tools.size(); ++i) {
      if (request_.tools[i].kind != chat::ToolKind::kServer) continue;
      return with_.refuse("tools[" + std::to_string(i) + "]",
                          "is a tool that its own provider runs, which is not supported");
    }
    if (Status left = leave_unknown(); !left) return left;
    // A speaker's name is written again.
    std::erase_if(out_.lost, [&](const Request::Lost& lost) {
      return with_.own && target_.quirks.unknown_fields && lost.path.starts_with("messages[") &&
             lost.path.ends_with(".name");
    });
    return settled;
  }

  // A server that knows no choice among some of the tools gets these alone.
  Status narrow_tools() {
    using enum chat::ToolChoice::Mode;
    chat::ToolChoice& choice = request_.tool_choice;
    if (with_.own || target_.quirks.openai_tools || choice.mode != kSubset) return {};
    request_.tools = chat::tools_named(request_.tools, choice.names);
    if (request_.tools.empty()) {
      return with_.refuse(request_.path(chat::Field::kToolChoice), "that allows none of the tools is not supported");
    }
    choice = {.mode = choice.subset_required ? kAny : kAuto, .names = {}};
    return {};
  }

  // What only the API itself has.
  Status leave_unknown() {
    if (target_.quirks.unknown_fields) return {};
    for (const auto& [field, name, unplaced] : chat::fields()) {
      if (!request_.has(field) || !is_unknown_field(field)) continue;
      if (!is_usual(field, request_.value(field))) {
        if (unplaced == Unplaced::kRefused) return with_.refuse(request_.path(field), "is not supported");
        with_.lose(std::string(request_.path(field)), unplaced);
      }
      request_.forget(field);
    }
    return {};
  }

  void write_format() {
    using enum chat::OutputFormat::Kind;
    const chat::OutputFormat& format = request_.format;
    if (format.kind == kUnset) return;
    json_.key("response_format").begin_object().key("type");
    json_.text(format.kind == kText ? "text" : format.kind == kJson ? "json_object" : "json_schema");
    if (format.kind == kSchema) {
      json_.key("json_schema").begin_object();
      const chat::Escaped name = format.name.empty() ? chat::Escaped{"answer"} : format.name;
      json_.key("name").text(chat::fitted(name, kNames, request_.texts));
      if (!format.description.empty()) json_.key("description").text(format.description);
      if (!format.schema.empty()) json_.key("schema").raw(format.schema);
      if (format.strict) json_.key("strict").boolean(*format.strict);
      json_.end_object();
    }
    json_.end_object();
  }

  void write_stream() {
    if (!target_.stream) return;
    json_.key("stream").boolean(true);
    if (target_.quirks.stream_options && !target_.quirks.usage_on_streams) {
      json_.key("stream_options").raw(R"({"include_usage":true})");
    }
  }

  Request& request_;
  const Target& target_;
  Outgoing out_;
  json::Writer json_;
  json::Reader inside_;
  Composing with_;
};

}  // namespace

void Composing::lose(std::string path, Unplaced unplaced) const {
  const bool is_known = std::ranges::any_of(out.lost, [&](const Request::Lost& lost) { return lost.path == path; });
  if (!is_known) out.lost.push_back({std::move(path), unplaced, {}});
}

Failure Composing::refuse(std::string_view path, std::string_view why) const {
  return unsupported(path, why, target.provider, target.model);
}

Result<Outgoing> compose(chat::Request& request, const Target& target) {
  return Composer(request, target).run();
}

}  // namespace sluice::dialect::openai
