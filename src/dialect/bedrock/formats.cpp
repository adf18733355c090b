#include "dialect/bedrock/formats.h"

#include <array>
#include <span>

#include "base/text.h"
#include "http/message.h"

namespace sluice::dialect::bedrock {

namespace {

using enum chat::PartKind;

struct Format {
  chat::PartKind kind;
  std::string_view name;
  std::string_view type;
};

// Of several rows of one format the first is what it is read as; of one type, what it is written as.
constexpr std::array<Format, 49> kFormats{{
    {kImage, "png", "image/png"},
    {kImage, "jpeg", "image/jpeg"},
    {kImage, "jpeg", "image/jpg"},
    {kImage, "gif", "image/gif"},
    {kImage, "webp", "image/webp"},
    {kDocument, "pdf", "application/pdf"},
    {kDocument, "csv", "text/csv"},
    {kDocument, "doc", "application/msword"},
    {kDocument, "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {kDocument, "xls", "application/vnd.ms-excel"},
    {kDocument, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {kDocument, "html", "text/html"},
    {kDocument, "txt", "text/plain"},
    {kDocument, "md", "text/markdown"},
    {kDocument, "md", "text/x-markdown"},
    {kDocument, "csv", "application/csv"},
    {kDocument, "txt", "application/json"},
    {kDocument, "txt", "application/xml"},
    {kAudio, "wav", "audio/wav"},
    {kAudio, "wav", "audio/x-wav"},
    {kAudio, "wav", "audio/wave"},
    {kAudio, "mp3", "audio/mp3"},
    {kAudio, "mp3", "audio/mpeg"},
    {kAudio, "mpeg", "audio/mpeg"},
    {kAudio, "mpga", "audio/mpga"},
    {kAudio, "mp4", "audio/mp4"},
    {kAudio, "m4a", "audio/m4a"},
    {kAudio, "m4a", "audio/x-m4a"},
    {kAudio, "aac", "audio/aac"},
    {kAudio, "x-aac", "audio/x-aac"},
    {kAudio, "flac", "audio/flac"},
    {kAudio, "ogg", "audio/ogg"},
    {kAudio, "opus", "audio/opus"},
    {kAudio, "pcm", "audio/pcm"},
    {kAudio, "webm", "audio/webm"},
    {kAudio, "mka", "audio/x-matroska"},
    {kAudio, "mkv", "audio/mkv"},
    {kVideo, "mp4", "video/mp4"},
    {kVideo, "mov", "video/quicktime"},
    {kVideo, "mov", "video/mov"},
    {kVideo, "webm", "video/webm"},
    {kVideo, "mkv", "video/x-matroska"},
    {kVideo, "mpeg", "video/mpeg"},
    {kVideo, "mpg", "video/mpg"},
    {kVideo, "flv", "video/x-flv"},
    {kVideo, "wmv", "video/x-ms-wmv"},
    {kVideo, "wmv", "video/wmv"},
    {kVideo, "three_gp", "video/3gpp"},
    {kVideo, "flv", "video/flv"},
}};

}  // namespace

std::string_view type_of(chat::PartKind kind, std::string_view format) {
  for (const Format& row : kFormats) {
    if (row.kind == kind && row.name == format) return row.type;
  }
  return {};
}

std::string_view format_of(chat::PartKind kind, std::string_view type, std::string_view file_name) {
  const std::string wanted = http::media_type(type);
  for (const Format& row : kFormats) {
    if (row.kind == kind && row.type == wanted) return row.name;
  }
  if (kind != kDocument) return {};
  const std::string ending = lower(file_name.substr(file_name.rfind('.') + 1));
  for (const Format& row : kFormats) {
    if (row.kind == kind && row.name == ending) return row.name;
  }
  return wanted.starts_with("text/") ? "txt" : "";
}

std::string_view formats_taken(chat::PartKind kind) {
  switch (kind) {
    case kImage:
      return "png, jpeg, gif and webp";
    case kDocument:
      return "pdf, csv, doc, docx, xls, xlsx, html, txt and md";
    case kAudio:
      return "wav, mp3, mp4, m4a, aac, flac, ogg, opus, pcm, webm and mka";
    default:
      return "mp4, mov, webm, mkv, mpeg, mpg, flv, wmv and three_gp";
  }
}

}  // namespace sluice::dialect::bedrock
