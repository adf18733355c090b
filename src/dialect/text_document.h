// Documents that are texts, for APIs that have texts only.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "chat/request.h"

namespace sluice::dialect {

// Escaped: title and context of a document as lines before its text.
inline std::string headed_text(const chat::Media& document, std::string_view text) {
  std::string out;
  for (const json::Escaped line : {document.name, document.context}) {
    if (line.empty()) continue;
    out += line.raw;
    out += "\\n";
  }
  if (!out.empty()) out += "\\n";
  out += text;
  return out;
}

}  // namespace sluice::dialect
