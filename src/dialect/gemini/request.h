// Requests of Gemini clients, read into the canonical form.
//
// Source: GenerateContentRequest of the API's reference; proto3's JSON mapping: names in camelCase or snake_case,
// numbers also as strings. Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "chat/embed.h"
#include "chat/request.h"
#include "dialect/fields.h"
#include "dialect/gemini/endpoint.h"
#include "dialect/gemini/fields.h"
#include "dialect/reading.h"
#include "json/fwd.h"

namespace sluice::dialect::gemini {

Result<chat::Request> read_chat(std::string_view body, json::Reader& reader);
Result<chat::EmbedRequest> read_embed(Kind kind, std::string_view body, json::Reader& reader);

// The request's JSON is broken.
Failure broken(const json::Broken& why);

// What the readers of a request's members share.
struct Ask {
  Ask(std::string_view text, json::Cursor& cursor) : body(text), in(cursor) {}

  json::Cursor& cursor() { return in.cursor(); }
  // Calls visit(name) with the name in camelCase for each member of the object ahead, which must be one.
  template <class Visit>
  void each_member(std::string_view path, Visit visit) {
    if (in.is_null()) {
      in.any();
      return;
    }
    const bool object = json::each_member(cursor(), [&](std::string_view key) { visit(camel(key)); });
    if (!object && !cursor().broken()) in.refuse(path, "must be an object.", "invalid_type");
  }
  // The same for the elements of the list ahead. One that is not in brackets is a list of one, as it is for the API.
  template <class Visit>
  void each_element(std::string_view path, Visit visit) {
    if (in.is_null()) {
      in.any();
      return;
    }
    if (in.is_object() || in.is_string()) {
      const std::size_t before = cursor().offset();
      visit(std::size_t{0});
      if (cursor().offset() == before && !cursor().broken()) in.any();
      return;
    }
    const bool array = json::each_element(cursor(), visit);
    if (!array && !cursor().broken()) in.refuse(path, "must be an array.", "invalid_type");
  }
  // A number, as proto3 writes them: also within quotes. Empty for null and after complaining.
  std::string_view number(std::string_view path);
  // What `row` says of the member ahead; an unknown one is noted as dropped.
  void take_other(std::string_view row);

  std::string_view body;
  Reading in;
  chat::Request request;
  std::size_t calls = 0;  // those without an id
};

void read_contents(Ask& ask);
void read_system(Ask& ask);
void read_tools(Ask& ask);
void read_tool_config(Ask& ask);
void read_generation_config(Ask& ask);

}  // namespace sluice::dialect::gemini
