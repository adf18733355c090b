#include "dialect/text_document.h"

#include "base/base64.h"
#include "http/message.h"

namespace sluice::dialect {

namespace {

using chat::Media;
using chat::Part;

bool is_text_type(std::string_view type) {
  return type.starts_with("text/") || type == "application/json" || type == "application/xml" ||
         type == "application/csv";
}

void decode_texts(std::vector<Part>& parts, chat::Texts& texts) {
  for (Part& part : parts) {
    decode_texts(part.content, texts);
    if (part.kind != chat::PartKind::kDocument) continue;
    if (auto text = decoded_text(part.media)) {
      part.media.form = Media::Form::kText;
      part.media.data = {texts.keep(std::move(*text))};
    }
  }
}

}  // namespace

std::string headed_text(const Media& document, std::string_view text) {
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

bool is_pdf(const Media& document) {
  constexpr std::string_view kBegin = "JVBERi";  // "%PDF" in base64
  const std::string type = http::media_type(json::plain(document.type));
  const bool is_unsaid = type.empty() || type == "application/octet-stream";
  return type == "application/pdf" || (is_unsaid && document.data.raw.starts_with(kBegin));
}

std::optional<std::string> decoded_text(const Media& document) {
  if (document.form != Media::Form::kInline) return std::nullopt;
  if (!is_text_type(http::media_type(json::plain(document.type)))) return std::nullopt;
  const auto bytes = base64_decode(json::plain(document.data));
  if (!bytes) return std::nullopt;
  return json::escape(*bytes);
}

void decode_texts(chat::Request& request) {
  for (chat::Turn& turn : request.turns) decode_texts(turn.parts, request.texts);
}

}  // namespace sluice::dialect
