#include "dialect/openai/compose_content.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialect/cited_document.h"
#include "dialect/file_name.h"
#include "dialect/text_document.h"

namespace sluice::dialect::openai {

namespace {

using chat::CacheMark;
using chat::Media;
using chat::Part;
using chat::PartKind;
using json::Escaped;

std::string data_url(const Media& media, std::string_view type) {
  std::string url = "data:";
  url += media.type.empty() ? type : media.type.raw;
  url += ";base64,";
  url += media.data.raw;
  return url;
}

// The API's word for an audio type; empty: it has none.
std::string_view audio_format(std::string_view type) {
  const std::string word = lower(type.substr(0, type.find(';')));
  if (word == "audio/wav" || word == "audio/x-wav" || word == "audio/wave" || word == "audio/vnd.wave") return "wav";
  if (word == "audio/mp3" || word == "audio/mpeg") return "mp3";
  return {};
}

class PartWriter {
 public:
  PartWriter(const Composing& with, const Part& part, json::Writer& json) : with_(with), part_(part), json_(json) {}

  Status run() {
    json_.begin_object();
    if (Status written = write(); !written) return written;
    // Other APIs' marks are left out: servers of this dialect cache by themselves.
    if (with_.own && part_.cache != CacheMark::kNone) {
      json_.key("prompt_cache_breakpoint").begin_object().key("mode").text("explicit");
      if (part_.cache == CacheMark::kLong) json_.key("ttl").text("12h");
      json_.end_object();
    }
    json_.end_object();
    return {};
  }

 private:
  Status write() {
    if (wants_citations(part_)) with_.lose("document.citations");
    switch (part_.kind) {
      case PartKind::kImage:
        return write_image();
      case PartKind::kAudio:
        return write_audio();
      case PartKind::kDocument:
        return part_.media.form == Media::Form::kText ? write_text_document() : write_file();
      case PartKind::kVideo:
        return with_.refuse("messages", "has a video, which is not supported");
      case PartKind::kReasoning:
        json_.key("type").text("thinking").key("thinking").begin_array();
        json_.begin_object().key("type").text("text").key("text").text(part_.text).end_object().end_array();
        return {};
      case PartKind::kRefusal:
        json_.key("type").text("refusal").key("refusal").text(part_.text);
        return {};
      default:
        json_.key("type").text("text").key("text").text(part_.text);
        return {};
    }
  }

  Status write_image() {
    constexpr std::array<std::string_view, 4> kDetails{"auto", "low", "high", "original"};
    const Media& media = part_.media;
    json_.key("type").text("image_url").key("image_url").begin_object();
    if (media.form == Media::Form::kInline) {
      json_.key("url").text(Escaped{data_url(media, "image/png")});
    } else if (media.form == Media::Form::kUrl) {
      json_.key("url").text(media.data);
    } else {
      return with_.refuse("messages", "has an image that its provider keeps, which is not supported");
    }
    if (std::ranges::find(kDetails, media.detail.raw) != kDetails.end()) {
      json_.key("detail").text(media.detail);
    } else if (!media.detail.empty()) {
      with_.lose("image.detail");
    }
    json_.end_object();
    return {};
  }

  Status write_audio() {
    const std::string_view format = audio_format(part_.media.type.raw);
    if (part_.media.form != Media::Form::kInline)
      return with_.refuse("messages", "has audio that is not inline, which is not supported");
    if (format.empty() && !with_.own)
      return with_.refuse("messages", "has audio that is no wav or mp3, which is not supported");
    json_.key("type").text("input_audio").key("input_audio").begin_object().key("data").text(part_.media.data);
    const std::string_view type = part_.media.type.raw;
    json_.key("format").text(Escaped{format.empty() ? type.substr(type.find('/') + 1) : format});
    json_.end_object();
    return {};
  }

  Status write_file() {
    Media media = part_.media;
    if (media.form == Media::Form::kInline && !with_.own) {
      if (!media.type.empty() && !is_pdf(media))
        return with_.refuse("messages", "has a document that is no PDF and no text, which is not supported");
      media.type = {"application/pdf"};
    }
    const bool is_address = media.form == Media::Form::kUrl;
    if (!with_.target.quirks.unknown_fields && (is_address || media.form == Media::Form::kInline)) {
      write_document_url(media);
      return {};
    }
    json_.key("type").text("file").key("file").begin_object();
    if (media.form == Media::Form::kInline) {
      json_.key("file_data").text(Escaped{data_url(media, "application/pdf")});
      const bool stays = with_.own && !media.name.empty();
      const std::string name = stays ? std::string(media.name.raw) : file_name(media);
      json_.key("filename").text(Escaped{name});
    } else if (media.form == Media::Form::kFile && with_.own) {
      json_.key("file_id").text(media.data);
      if (!media.name.empty()) json_.key("filename").text(media.name);
    } else if (media.form == Media::Form::kUrl && with_.own) {
      json_.key("file_data").text(media.data);
      if (!media.name.empty()) json_.key("filename").text(media.name);
    } else {
      return with_.refuse("messages", media.form == Media::Form::kFile
                                          ? "has a file that its provider keeps, which is not supported"
                                          : "has a document behind an address, which is not supported");
    }
    json_.end_object();
    note_file_losses();
    return {};
  }

  // Mistral's part for files.
  void write_document_url(const Media& media) {
    const bool is_address = media.form == Media::Form::kUrl;
    const std::string inside = is_address ? std::string() : data_url(media, "application/pdf");
    json_.key("type").text("document_url");
    json_.key("document_url").text(is_address ? media.data : Escaped{inside});
    if (!media.name.empty()) json_.key("document_name").text(media.name);
    note_file_losses();
  }

  void note_file_losses() {
    if (!part_.media.context.empty()) with_.lose("document.context");
  }

  // A document that is plain text, with its title and context as lines before it.
  Status write_text_document() {
    const std::string text = headed_text(part_.media, part_.media.data.raw);
    json_.key("type").text("text").key("text").text(Escaped{text});
    with_.lose("document");
    return {};
  }

  const Composing& with_;
  const Part& part_;
  json::Writer& json_;
};

}  // namespace

bool is_text(const Part& part) {
  return part.kind == PartKind::kText || part.kind == PartKind::kRefusal ||
         (part.kind == PartKind::kDocument && part.media.form == Media::Form::kText);
}

Status write_content(const Composing& with, const std::vector<const Part*>& parts, json::Writer& json) {
  if (parts.empty()) {
    json.text("");
    return {};
  }
  const Part& first = *parts.front();
  const bool is_marked = with.own && first.cache != CacheMark::kNone;
  if (parts.size() == 1 && first.kind == PartKind::kText && !is_marked) {
    json.text(first.text);
    return {};
  }
  json.begin_array();
  for (const Part* part : parts) {
    if (Status written = write_part(with, *part, json); !written) return written;
  }
  json.end_array();
  return {};
}

Status write_part(const Composing& with, const Part& part, json::Writer& json) {
  return PartWriter(with, part, json).run();
}

}  // namespace sluice::dialect::openai
