// Requests of Messages API clients, read into the canonical form.
//
// Each part keeps its block as it was written (Part::raw; of a content that is one string, that string with its
// quotes), and the request the whole body under kMessages, so that a provider of the same API can be given it again.
//
// Source: the API's reference. Thread rule: pure. Lifetime: views point into the body and into the request's texts.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "chat/request.h"
#include "dialect/anthropic/endpoint.h"
#include "dialect/reading.h"
#include "json/fwd.h"

namespace sluice::dialect::anthropic {

Result<chat::Request> read_chat(Kind kind, std::string_view body, json::Reader& reader);

// What the readers of a request's members share.
struct Ask {
  Ask(std::string_view text, json::Cursor& cursor) : body(text), in(cursor) {}

  json::Cursor& cursor() { return in.cursor(); }
  // Calls visit(key) for each member of the object ahead, which must be one; null is none.
  template <class Visit>
  void each_member(std::string_view path, Visit visit) {
    if (in.is_null()) {
      in.any();
    } else if (!json::each_member(cursor(), visit) && !cursor().broken()) {
      in.refuse(path, "must be an object.", "invalid_type");
    }
  }
  template <class Visit>
  void each_element(std::string_view path, Visit visit) {
    if (in.is_null()) {
      in.any();
    } else if (!json::each_element(cursor(), visit) && !cursor().broken()) {
      in.refuse(path, "must be an array.", "invalid_type");
    }
  }
  json::Escaped text(std::string_view path) { return in.string(path).value_or(json::Escaped{}); }
  // What the table says of the member ahead, of the row `row`, where the client has it at `path`; an unknown one is
  // noted as dropped.
  void take_other(std::string_view row, std::string_view path);
  // The value of the last consumed token's begin, up to where the walk is now.
  std::string_view since(std::size_t begin) { return body.substr(begin, cursor().end_of_last() - begin); }

  std::string_view body;
  Reading in;
  chat::Request request;
};

// "type" of the object ahead, which is not consumed; empty: none.
json::Escaped peek_type(json::Cursor cursor);

chat::CacheMark read_cache(Ask& ask, std::string_view path);

// Consumes a string or an array of blocks.
std::vector<chat::Part> read_content(Ask& ask, const std::string& path);

void read_tools(Ask& ask);
void read_tool_choice(Ask& ask);
void read_thinking(Ask& ask);
void read_output_config(Ask& ask);
void read_format(Ask& ask, std::string_view path);

}  // namespace sluice::dialect::anthropic
