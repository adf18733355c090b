#include "dialect/responses/media.h"

#include <utility>

#include "dialect/file_name.h"

namespace sluice::dialect::responses {

namespace {

using chat::Media;
using json::Escaped;

// Some encoders write '/' with a backslash: taken off, so that types compare.
Escaped without_escapes(Escaped text, chat::Texts& texts) {
  if (text.raw.find('\\') == std::string_view::npos) return text;
  return texts.escaped(json::plain(text));
}

// "data:image/png;base64,…"; nothing for all else.
std::optional<Media> from_data_url(Escaped url, chat::Texts& texts) {
  if (!url.raw.starts_with("data:")) return std::nullopt;
  url = without_escapes(url, texts);
  const auto comma = url.raw.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const std::string_view head = url.raw.substr(5, comma - 5);
  if (!head.ends_with(";base64")) return std::nullopt;
  Media media{.form = Media::Form::kInline};
  media.type = {head.substr(0, head.find(';'))};
  media.data = {url.raw.substr(comma + 1)};
  return media;
}

}  // namespace

std::optional<Media> image_of(const Content& content, chat::Texts& texts) {
  Media media;
  if (content.image_url && !content.image_url->empty()) {
    if (auto inside = from_data_url(*content.image_url, texts)) {
      media = *inside;
    } else {
      media.form = Media::Form::kUrl;
      media.data = *content.image_url;
    }
  } else if (content.file_id && !content.file_id->empty()) {
    media.form = Media::Form::kFile;
    media.data = *content.file_id;
  } else {
    return std::nullopt;
  }
  media.detail = content.detail.value_or(Escaped{});
  return media;
}

std::optional<Media> file_of(const Content& content, chat::Texts& texts) {
  Media media;
  const Escaped name = content.filename.value_or(Escaped{});
  if (content.file_data && !content.file_data->empty()) {
    if (auto inside = from_data_url(*content.file_data, texts)) {
      media = *inside;
    } else {
      media.form = Media::Form::kInline;
      const std::string_view type = type_of_file(name.raw);
      media.type = {type.empty() ? "application/pdf" : type};
      media.data = without_escapes(*content.file_data, texts);
    }
  } else if (content.file_url && !content.file_url->empty()) {
    media.form = Media::Form::kUrl;
    media.data = *content.file_url;
  } else if (content.file_id && !content.file_id->empty()) {
    media.form = Media::Form::kFile;
    media.data = *content.file_id;
  } else {
    return std::nullopt;
  }
  media.name = name;
  return media;
}

Media audio_of(const Content& content, chat::Texts& texts) {
  Media media{.form = Media::Form::kInline};
  media.data = without_escapes(content.audio_data.value_or(Escaped{}), texts);
  const std::string_view format = content.audio_format.value_or(Escaped{"wav"}).raw;
  if (format == "mp3") {
    media.type = {"audio/mpeg"};
  } else {
    media.type = {texts.keep("audio/" + std::string(format))};
  }
  return media;
}

std::string data_url(const Media& media, std::string_view default_type) {
  std::string url = "data:";
  url += media.type.empty() ? default_type : media.type.raw;
  url += ";base64,";
  url += media.data.raw;
  return url;
}

std::string_view audio_format(std::string_view type) {
  if (type == "audio/mpeg" || type == "audio/mp3") return "mp3";
  if (type == "audio/wav" || type == "audio/x-wav" || type == "audio/wave" || type.empty()) return "wav";
  return type.starts_with("audio/") ? type.substr(6) : type;
}

}  // namespace sluice::dialect::responses
