// What a client asks for: read the few facts that routing needs, and write the same bytes again with only the model
// (and where needed stream_options, the name of the token limit, or what a dialect says of it) changed.
//
// The body is never decoded and encoded: an edit replaces byte ranges and leaves all others as they came, so unknown
// fields, number spelling, key order, white space and duplicate keys survive.
//
// Thread rule: pure. Lifetime: an OutgoingBody's pieces point into the body it was made from and into itself.
#pragma once

#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/endpoint.h"
#include "json/fwd.h"

namespace sluice::dialect {

// A byte range of the body.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// What the client asked for, and where in the body it says so.
struct Asked {
  std::string model;  // unescaped; the endpoint's default when absent
  bool stream = false;
  bool usage_wanted = false;                   // stream_options.include_usage is true
  std::optional<Range> model_value;            // of the value, quotes included; nothing when absent
  std::optional<Range> stream_options;         // of the whole value
  std::optional<Range> stream_options_member;  // of key, value and the comma that goes with them
  std::optional<Range> include_usage;          // of its value inside stream_options
  std::optional<Range> max_tokens_key;         // of the key with its quotes
  std::optional<Range> max_completion_tokens_key;
  std::optional<Range> metadata;  // of its value: what the caller says about the request, by name
  std::optional<Range> user;      // of its value: whom the caller asks for
  std::size_t object_end = 0;     // JSON: offset of the closing brace
  bool object_empty = false;
  std::string kept;            // the id of what a provider keeps and the request builds on; empty: of nothing
  bool is_kept = true;         // by the provider, for such requests; false: `store` says that the answer is not
  std::string boundary;        // multipart: of the form
  std::size_t form_begin = 0;  // multipart: offset of the first delimiter
};

// JSON bodies must have json::kPadding readable bytes behind them (spare capacity). The whole body is proven to be JSON
// but for the escapes in strings that are not read here (json/cursor.h). Without a content type, a body that begins
// with '{' is taken for JSON. A model in the path wins; then `model` in the body is of no interest. Faults
// (kInvalidRequest, with param): not JSON (with byte offset and line), not an object, `model` missing or not a string,
// longer than kMaxModelBytes or with control characters, `model`, `stream` or `stream_options` given twice, `stream`
// not a boolean, `stream_options` not an object, no or broken boundary, unsupported content type. null counts as not
// given, as the API has it.
inline constexpr std::size_t kMaxModelBytes = 1024;
Result<Asked> read_asked(const Endpoint& endpoint, const PathMatch& path, std::string_view content_type,
                         std::string_view body, json::Reader& reader);

// A byte range of the body and what stands there instead; an empty text cuts it.
struct Edit {
  Range range;
  std::string text;
};

// How the upstream request differs from the client's.
struct Changes {
  std::string_view model;            // the upstream's name
  bool add_usage = false;            // ask for usage on the stream
  bool drop_stream_options = false;  // the provider rejects the field
  enum class TokenLimit { kAsIs, kMaxTokens, kMaxCompletionTokens } token_limit = TokenLimit::kAsIs;
  std::vector<Edit> edits;  // JSON: what else; in ascending order, clear of each other and of what the above changes
};

struct OutgoingBody {
  std::vector<std::string_view> pieces;  // in order; their concatenation is the body
  std::forward_list<std::string> owned;  // what was inserted; elements never move
  std::size_t size() const;
};

// An absent model is added. The token limit is renamed only while its new name is not in use; `drop_stream_options`
// wins over `add_usage`.
OutgoingBody write_asked(const Asked& asked, std::string_view body, const Changes& changes);

}  // namespace sluice::dialect
