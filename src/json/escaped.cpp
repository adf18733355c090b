#include "json/escaped.h"

#include "base/text.h"
#include "json/text.h"

namespace sluice::json {

std::string plain(Escaped text) {
  if (text.raw.find('\\') == std::string_view::npos) return std::string(text.raw);
  return unescape_leniently(text.raw);
}

void append_escaped(std::string& out, std::string_view plain) {
  const std::size_t quote = out.size();
  append_json_string(out, plain);
  out.erase(quote, 1);
  out.pop_back();
}

std::string escape(std::string_view plain) {
  std::string out;
  append_escaped(out, plain);
  return out;
}

void append_quoted(std::string& out, Escaped text) {
  out.push_back('"');
  out += text.raw;
  out.push_back('"');
}

std::optional<Escaped> take_string(Cursor& cursor) {
  if (cursor.kind() != Kind::kString) {
    cursor.skip();
    return std::nullopt;
  }
  const std::string_view raw = cursor.take_text();
  if (!well_escaped(raw)) return std::nullopt;
  return Escaped{raw};
}

}  // namespace sluice::json
