// write_media() of write.h: images, audio, video and documents.
#include <algorithm>

#include "base/text.h"
#include "dialect/bedrock/formats.h"
#include "dialect/bedrock/write.h"
#include "dialect/cited_document.h"
#include "dialect/image_type.h"

namespace sluice::dialect::bedrock {

namespace {

using chat::Escaped;
using chat::Media;
using chat::Part;
using chat::PartKind;
using Form = chat::Media::Form;

constexpr std::size_t kLongestName = 200;

bool is_name_char(char c) {
  const char small = to_lower(c);
  return (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("-()[]").find(c) != std::string_view::npos;
}

// Letters, digits, hyphens, brackets and single spaces. A name is text that the model reads: all else goes.
std::string allowed_name(std::string_view wanted) {
  std::string name;
  for (char c : wanted) {
    if (name.size() == kLongestName) break;
    if (is_name_char(c)) {
      name += c;
    } else if (!name.empty() && name.back() != ' ') {
      name += ' ';
    }
  }
  while (name.ends_with(' ')) name.pop_back();
  return name.empty() ? "document" : name;
}

std::string_view key_of(PartKind kind) {
  switch (kind) {
    case PartKind::kImage:
      return "image";
    case PartKind::kAudio:
      return "audio";
    case PartKind::kVideo:
      return "video";
    default:
      return "document";
  }
}

// The end of an S3 address names the format where the client did not; an image's bytes know it better.
std::string_view format_of_part(const Sending& sending, const Part& part) {
  const bool is_image = part.kind == PartKind::kImage && part.media.form == Form::kInline && !sending.own;
  if (const auto type = is_image ? image_type(part.media) : std::string_view(); !type.empty()) {
    return format_of(part.kind, type);
  }
  if (part.media.form == Form::kText && part.media.type.empty()) return "txt";
  const bool is_address = part.media.form == Form::kUrl || part.media.form == Form::kFile;
  const std::string name = json::plain(is_address ? part.media.data : part.media.name);
  const std::string type = json::plain(part.media.type);
  if (auto format = format_of(part.kind, type, name); !format.empty()) return format;
  if (part.kind == PartKind::kDocument || !type.empty()) return {};
  const std::string ending = lower(std::string_view(name).substr(name.rfind('.') + 1));
  const std::string_view guessed = part.kind == PartKind::kAudio   ? "audio/"
                                   : part.kind == PartKind::kVideo ? "video/"
                                                                   : "image/";
  return format_of(part.kind, std::string(guessed) + ending);
}

// Whether the API can be given the medium, and in which format.
std::string_view checked_format(Sending& sending, const Part& part) {
  const std::string messages = sending.path(chat::Field::kMessages);
  const std::string what(key_of(part.kind));
  const bool s3 = is_s3(part.media);
  if (part.media.form == Form::kFile && !s3) {
    sending.refuse(messages, "with a file that another provider keeps is not supported");
  } else if (part.media.form == Form::kUrl && !s3) {
    sending.refuse(messages, "holds an address: " + what + "s by URL are not taken (send the bytes)");
  } else if (const auto format = format_of_part(sending, part); !format.empty()) {
    return format;
  } else {
    const std::string type = printable(json::plain(part.media.type), 60);
    sending.refuse(messages, "with " + what + "s of type '" + type + "' is not supported (only " +
                                 std::string(formats_taken(part.kind)) + " are)");
  }
  return {};
}

void write_source(const Media& media, json::Writer& json) {
  json.key("source").begin_object();
  switch (media.form) {
    case Form::kInline:
      json.key("bytes").text(media.data);
      break;
    case Form::kUrl:
    case Form::kFile:
      json.key("s3Location").begin_object().key("uri").text(media.data).end_object();
      break;
    case Form::kText:
      json.key("text").text(media.data);
      break;
  }
  json.end_object();
}

}  // namespace

std::string DocumentNames::name(Escaped wanted) {
  const std::string base = allowed_name(json::plain(wanted));
  std::string name = base;
  for (std::size_t count = 2; std::ranges::find(used_, name) != used_.end(); ++count) {
    name = base + " (" + std::to_string(count) + ")";
  }
  used_.push_back(name);
  return name;
}

bool is_s3(const Media& media) {
  return media.data.raw.starts_with("s3:");
}

void write_media(Sending& sending, DocumentNames& names, const Part& part, json::Writer& json) {
  if (sending.own && !part.raw.empty()) {
    json.raw(part.raw);
    return;
  }
  const std::string_view format = checked_format(sending, part);
  if (format.empty()) return;
  if (!part.media.detail.empty()) sending.lose("image.detail");
  json.begin_object().key(key_of(part.kind)).begin_object();
  json.key("format").text(format);
  if (part.kind == PartKind::kDocument) json.key("name").text(names.name(part.media.name));
  write_source(part.media, json);
  if (part.kind == PartKind::kDocument) {
    if (!part.media.context.empty()) json.key("context").text(part.media.context);
    if (wants_citations(part)) json.key("citations").begin_object().key("enabled").boolean(true).end_object();
  }
  json.end_object().end_object();
}

}  // namespace sluice::dialect::bedrock
