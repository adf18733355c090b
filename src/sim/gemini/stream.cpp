#include "sim/gemini/stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "sim/dom.h"
#include "sim/encode.h"
#include "sim/gemini/thought.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

constexpr std::size_t kFragment = 8;  // bytes of a string among partial arguments

// The partialArgs of a call, one event each: strings in pieces, all else whole. Not `whole` when an empty object or
// list is among the arguments: no path can say it.
struct Partials {
  std::vector<std::string> pieces;
  bool whole = true;
};

void add_partials(const bj::value& value, const std::string& path, Partials& out);

void add_string(std::string_view text, const std::string& path, Partials& out) {
  do {
    auto length = std::max<std::size_t>(whole_characters(text, std::min(kFragment, text.size())), text.empty() ? 0 : 1);
    bj::object piece{{"jsonPath", path}, {"stringValue", text.substr(0, length)}};
    text.remove_prefix(length);
    if (!text.empty()) piece["willContinue"] = true;
    out.pieces.push_back(bj::serialize(piece));
  } while (!text.empty());
}

void add_members(const bj::object& object, const std::string& path, Partials& out) {
  for (const auto& [key, value] : object) {
    bool plain = std::ranges::all_of(key, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    std::string inner = plain && !key.empty() ? path + "." + std::string(key) : path + "['" + std::string(key) + "']";
    if (key.find_first_of("'\\") != std::string_view::npos) out.whole = false;
    add_partials(value, inner, out);
  }
}

void add_partials(const bj::value& value, const std::string& path, Partials& out) {
  bj::object piece{{"jsonPath", path}};
  if (const auto* object = value.if_object()) {
    if (object->empty()) out.whole = false;
    return add_members(*object, path, out);
  }
  if (const auto* list = value.if_array()) {
    if (list->empty()) out.whole = false;
    for (std::size_t i = 0; i < list->size(); ++i) add_partials((*list)[i], fmt::format("{}[{}]", path, i), out);
    return;
  }
  if (const auto* text = value.if_string()) return add_string(*text, path, out);
  if (value.is_bool()) {
    piece["boolValue"] = value;
  } else if (value.is_null()) {
    piece["nullValue"] = "NULL_VALUE";
  } else {
    piece["numberValue"] = value;
  }
  out.pieces.push_back(bj::serialize(piece));
}

class Planner {
 public:
  Planner(const GeminiReply& reply, const Script& script, Framing framing)
      : reply_(reply), script_(script), framing_(framing), stream_(std::make_unique<PlannedStream>()) {
    if (framing_ == Framing::kArray) stream_->add(Stream::Ahead::kOpening, "[");
    read_usage();
  }

  void thoughts() {
    std::size_t begin = 0;
    for (std::size_t end : cuts(reply_.thoughts, std::nullopt)) {
      add(thought_part(reply_.thoughts.substr(begin, end - begin)), 0);
      begin = end;
    }
  }

  void text() {
    if (!reply_.says_text) return;
    std::size_t begin = 0;
    for (std::size_t end : cuts(reply_.text, script_.events)) {
      std::string piece = reply_.text.substr(begin, end - begin);
      begin = end;
      said_ += piece + script_.nonce;
      add(text_part(piece + script_.nonce, ""), piece.size());
    }
  }

  void calls(bool partial_arguments) {
    std::string all;
    for (const ToldCall& call : reply_.calls) {
      if (script_.tool_style == ToolStyle::kTogether || script_.tool_style == ToolStyle::kWithFinish) {
        all += (all.empty() ? "" : ",") + call_part(call);
      } else if (!partial_arguments || script_.tool_style == ToolStyle::kWhole || !in_pieces(call)) {
        add(call_part(call), call.arguments.size());
      }
    }
    if (all.empty()) return;
    if (script_.tool_style == ToolStyle::kWithFinish) {
      last_parts_ = all;
    } else {
      add(all, 0);
    }
  }

  std::unique_ptr<Stream> finished() {
    if (last_parts_.empty()) {
      last_parts_ = text_part("", reply_.signs_text ? sign_thought(Signed::kEmptyText, said_, reply_.reasoning) : "");
    }
    stream_->add(Stream::Ahead::kClosing, framed(response_of(reply_, last_parts_, reply_.usage, true), true));
    if (framing_ == Framing::kArray && !script_.no_done) stream_->add(Stream::Ahead::kClosing, "]");
    return std::move(stream_);
  }

 private:
  // What is counted grows from event to event; what a script gives comes with the last alone.
  void read_usage() {
    if (script_.usage_report != UsageReport::kCounted || reply_.usage.empty()) return;
    auto usage = bj::parse(reply_.usage);
    auto count = [&](std::string_view name) {
      const auto* found = number_in(usage.get_object(), name);
      return found ? found->to_number<std::size_t>() : 0;
    };
    prompt_ = count("promptTokenCount");
    spoken_ = count("candidatesTokenCount");
    thoughts_ = count("thoughtsTokenCount");
    counted_ = true;
  }

  std::string usage_so_far() const {
    if (!counted_) return "";
    auto spoken = std::min(spoken_, tokens(said_bytes_) * reply_.candidates);
    return gemini_usage({.prompt = prompt_, .completion = spoken + thoughts_, .reasoning = thoughts_});
  }

  // The comma behind an element comes with it: so an error that follows is an element as well.
  std::string framed(std::string response, bool last) const {
    if (framing_ == Framing::kEvents) return "data: " + response + "\r\n\r\n";
    return response + (last ? "\n" : "\n,\r\n");
  }

  void add(std::string_view parts, std::size_t bytes) {
    said_bytes_ += bytes;
    stream_->add(Stream::Ahead::kContent, framed(response_of(reply_, parts, usage_so_far(), false), false));
  }

  // The call's name and id, its arguments piece by piece, and an empty call that ends it. False: it cannot be said so.
  bool in_pieces(const ToldCall& call) {
    Partials partials;
    auto arguments = parsed(call.arguments).value_or(nullptr);
    if (arguments != bj::object()) add_partials(arguments, "$", partials);
    if (!partials.whole) return false;
    bj::object begin{{"name", call.name}};
    if (!call.id.empty()) begin["id"] = call.id;
    begin["willContinue"] = true;
    bj::object part{{"functionCall", std::move(begin)}};
    if (!call.thought_signature.empty()) part["thoughtSignature"] = call.thought_signature;
    add(bj::serialize(part), 0);
    for (const std::string& piece : partials.pieces) {
      add(fmt::format(R"({{"functionCall":{{"partialArgs":[{}],"willContinue":true}}}})", piece), kFragment);
    }
    add(R"({"functionCall":{}})", 0);
    return true;
  }

  const GeminiReply& reply_;
  const Script& script_;
  Framing framing_;
  std::unique_ptr<PlannedStream> stream_;
  std::string said_;
  std::size_t said_bytes_ = 0;
  std::string last_parts_;
  bool counted_ = false;
  std::size_t prompt_ = 0;
  std::size_t spoken_ = 0;
  std::size_t thoughts_ = 0;
};

}  // namespace

std::unique_ptr<Stream> gemini_stream(const GeminiReply& reply, const Script& script, Framing framing,
                                      bool partial_arguments) {
  Planner planner(reply, script, framing);
  planner.thoughts();
  planner.text();
  planner.calls(partial_arguments);
  return planner.finished();
}

std::string framed_error(std::string_view error, Framing framing) {
  return framing == Framing::kEvents ? fmt::format("data: {}\r\n\r\n", error) : fmt::format("{}\n]", error);
}

}  // namespace sluice::sim
