// Requests of Converse clients in the canonical form.
//
// Source: ConverseRequest and CountTokensRequest of the AWS SDK. A tool's result is a part of the user's turn it stands
// in; a cachePoint is a mark on the block before it; blocks that no other API has keep their JSON in Part::raw. Thread
// rule: one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chat/request.h"
#include "dialect/bedrock/endpoint.h"
#include "dialect/reading.h"
#include "json/cursor.h"
#include "json/escaped.h"
#include "json/fwd.h"

namespace sluice::dialect::bedrock {

// The body is JSON with json::kPadding readable bytes behind it. Faults: kInvalidRequest with param.
Result<chat::Request> read_chat(Kind kind, std::string_view body, json::Reader& reader);

// What the readers of a request's members share.
struct Asking {
  Asking(std::string_view text, json::Cursor& cursor) : body(text), in(cursor) {}

  json::Cursor& cursor() { return in.cursor(); }
  // The text from `begin` to the last token that was read.
  std::string_view since(std::size_t begin) { return body.substr(begin, cursor().end_of_last() - begin); }
  // Notes a field that is left out, once.
  void lose(std::string_view path, chat::Unplaced unplaced = chat::Unplaced::kDropped, std::string_view why = {});
  // Reads a field that is nobody's: what the table says about `row`, noted under `path`.
  void take_other(std::string_view row, std::string_view path);

  // visit(name) for each member that is not null, the cursor on its value; complains when it is no object.
  template <class Visit>
  void members(std::string_view path, Visit visit) {
    const bool is_object = json::each_member(cursor(), [&](std::string_view key) {
      if (in.is_null() || !in.ok()) return;
      visit(std::string(key));
    });
    if (!is_object && in.ok() && !cursor().broken()) in.refuse(path, "must be an object.", "invalid_type");
  }
  // The same for a union: an object that must hold one member.
  template <class Visit>
  void member_of(std::string_view path, Visit visit) {
    std::size_t count = 0;
    members(path, [&](const std::string& name) {
      if (++count == 1) visit(name);
    });
    if (in.ok() && count != 1 && !cursor().broken()) in.refuse(path, "must hold exactly one member.");
  }
  // visit(index, path) for each element; complains when it is no array.
  template <class Visit>
  void elements(std::string_view path, Visit visit) {
    const bool is_array = json::each_element(cursor(), [&](std::size_t index) {
      if (in.ok()) visit(index, at(path, index));
    });
    if (!is_array && in.ok() && !cursor().broken()) in.refuse(path, "must be an array.", "invalid_type");
  }

  std::string_view body;
  Reading in;
  chat::Request request;
};

enum class Within : std::uint8_t { kMessage, kSystem, kResult };
// The array of blocks ahead.
void read_blocks(Asking& ask, Within within, const std::string& path, std::vector<chat::Part>& parts);
// {"type": "default", "ttl": "1h"}
chat::CacheMark read_cache_point(Asking& ask, const std::string& path);

void read_tool_config(Asking& ask, const std::string& path);

}  // namespace sluice::dialect::bedrock
