// An item of a conversation as the API writes it: of a request's `input`, or of an answer's `output`.
//
// Thread rule: plain values. Lifetime: views point into the text that was read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/request.h"
#include "json/escaped.h"

namespace sluice::dialect::responses {

// A part of a message's content, of a tool's output, or of a reasoning item's summary or content.
struct Content {
  json::Escaped type;
  std::optional<json::Escaped> text, refusal, image_url, file_id, file_data, file_url, filename, detail;
  std::optional<json::Escaped> audio_data, audio_format;
  std::string_view annotations, logprobs;  // JSON as written
  chat::CacheMark cache = chat::CacheMark::kNone;
  std::vector<std::string> unknown;  // names of members that are not read
};

struct Item {
  // A member that is a text or a list of parts.
  struct Body {
    enum class Shape { kAbsent, kText, kList, kOther };
    Shape shape = Shape::kAbsent;
    json::Escaped text;
    std::vector<Content> parts;
  };
  // The first thing that is not as the API has it: "content[0].text", "must be a string.". Items of built-in tools use
  // the same names for other things, so that it counts for the known types only.
  struct Complaint {
    std::string member;
    std::string_view why;
  };

  std::string_view raw;
  json::Escaped type, role;
  std::optional<json::Escaped> id, call_id, name, arguments, input, encrypted_content;
  Body content, output, summary;
  std::optional<Complaint> complaint;
  std::vector<std::string> unknown;
};

// Consumes the value ahead, an object of `text`. Members of any type are taken; nothing when it is no object.
std::optional<Item> read_item(std::string_view text, json::Cursor& cursor);

// What the reasoning says: its summary, else its text; several parts are joined by a blank line.
json::Escaped reasoning_text(const Item& item, chat::Texts& texts);

}  // namespace sluice::dialect::responses
