// write_media() of write.h: images, audio, video and documents.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialect/cited_document.h"
#include "dialect/gemini/write.h"
#include "dialect/image_type.h"
#include "dialect/text_document.h"
#include "json/writer.h"

namespace sluice::dialect::gemini {

namespace {

using chat::Escaped;
using chat::Field;
using chat::Media;
using chat::Part;
using chat::State;

std::string_view type_of_address(std::string_view address) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kTypes{{{".png", "image/png"},
                                                                                 {".jpg", "image/jpeg"},
                                                                                 {".jpeg", "image/jpeg"},
                                                                                 {".webp", "image/webp"},
                                                                                 {".gif", "image/gif"},
                                                                                 {".pdf", "application/pdf"},
                                                                                 {".mp4", "video/mp4"}}};
  const std::string path = lower(address.substr(0, address.find('?')));
  const auto found = std::ranges::find_if(kTypes, [&](const auto& type) { return path.ends_with(type.first); });
  return found == kTypes.end() ? std::string_view() : found->second;
}

class MediaWriter {
 public:
  MediaWriter(Sending& sending, json::Writer& json) : sending_(sending), json_(json) {}

  void write(const Part& part, const State& state) {
    if (sending_.own && !part.raw.empty()) {
      json_.raw(part.raw);
      return;
    }
    const Media& media = part.media;
    note_media_losses(part);
    json_.begin_object();
    switch (media.form) {
      case Media::Form::kInline:
        json_.key("inlineData").begin_object();
        json_.key("mimeType").text(type_of(part)).key("data").text(media.data);
        write_display_name(media);
        json_.end_object();
        break;
      case Media::Form::kUrl:
      case Media::Form::kFile:
        write_file(media);
        break;
      case Media::Form::kText:
        write_document_text(media);
        break;
    }
    write_signature(state, json_);
    json_.end_object();
  }

 private:
  // The bytes of an image know it better than its client.
  Escaped type_of(const Part& part) const {
    const bool is_image = part.kind == chat::PartKind::kImage && !sending_.own;
    const std::string_view told = is_image ? image_type(part.media) : std::string_view();
    return told.empty() ? part.media.type : Escaped{told};
  }

  void write_display_name(const Media& media) {
    if (sending_.own && !media.name.empty()) json_.key("displayName").text(media.name);
  }

  void write_file(const Media& media) {
    const std::string address = json::plain(media.data);
    const bool of_google =
        address.starts_with("gs://") || address.starts_with("https://generativelanguage.googleapis.com/");
    if (media.form == Media::Form::kFile && !sending_.own && !of_google) {
      sending_.refuse(messages(), "with a file that another provider keeps is not supported");
    }
    json_.key("fileData").begin_object();
    const std::string_view known = type_of_address(address);
    if (!media.type.empty()) {
      json_.key("mimeType").text(media.type);
    } else if (!known.empty() && !sending_.own) {
      json_.key("mimeType").text(known);
    }
    json_.key("fileUri").text(media.data);
    write_display_name(media);
    json_.end_object();
  }

  void write_document_text(const Media& media) {
    const std::string text = headed_text(media, media.data.raw);
    json_.key("text").text(Escaped{text});
  }

  void note_media_losses(const Part& part) {
    const Media& media = part.media;
    const std::string_view detail = media.detail.raw;
    if (!detail.empty() && detail != "auto") sending_.lose("image.detail");
    if (wants_citations(part)) sending_.lose("document.citations");
    if (media.form == Media::Form::kText) return;
    if (!media.name.empty() && !sending_.own) sending_.lose("document.title");
    if (!media.context.empty()) sending_.lose("document.context");
  }

  std::string messages() const { return sending_.path(Field::kMessages); }

  Sending& sending_;
  json::Writer& json_;
};

}  // namespace

bool is_media(chat::PartKind kind) {
  return kind >= chat::PartKind::kImage && kind <= chat::PartKind::kDocument;
}

bool takes_url(const Media& media, std::string_view model, Platform platform) {
  const std::string address = json::plain(media.data);
  if (media.type.empty() && type_of_address(address).empty()) return false;
  if (platform == Platform::kVertex) return true;
  const std::string_view name = bare_model(model);
  const bool is_old = name.starts_with("gemini-1") || name.starts_with("gemini-2.0");
  return address.starts_with("https://") && !is_old;
}

void write_signature(const State& state, json::Writer& json) {
  if (state.kind == State::Kind::kThought && !state.data.empty()) json.key("thoughtSignature").text(state.data);
}

void write_media(Sending& sending, const Part& part, const State& state, json::Writer& json) {
  MediaWriter(sending, json).write(part, state);
}

}  // namespace sluice::dialect::gemini
