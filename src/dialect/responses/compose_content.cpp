#include "dialect/responses/compose_content.h"

#include <algorithm>
#include <array>

#include "dialect/cited_document.h"
#include "dialect/faults.h"
#include "dialect/file_name.h"
#include "dialect/responses/media.h"
#include "dialect/text_document.h"

namespace sluice::dialect::responses {

namespace {

using chat::Field;
using chat::Media;
using chat::Part;
using chat::PartKind;

class PartWriter {
 public:
  PartWriter(const Composing& with, json::Writer& json) : with_(with), json_(json) {}

  Status write(const Part& part) {
    if (part.cache != chat::CacheMark::kNone && !writes_cache_mark(with_, part)) {
      note_lost(with_.out, "prompt_cache_breakpoint", chat::Unplaced::kSilent);
    }
    if (wants_citations(part)) note_lost(with_.out, "document.citations");
    switch (part.kind) {
      case PartKind::kImage:
        return write_image(part);
      case PartKind::kDocument:
        return write_document(part);
      case PartKind::kAudio:
        return write_audio(part);
      case PartKind::kVideo:
        return refuse("holds a video, which is not supported");
      default:
        write_text(part.text, part);
        return {};
    }
  }

 private:
  Failure refuse(std::string_view why) const {
    return unsupported(with_.request.path(Field::kMessages), why, with_.target.provider, with_.target.model);
  }

  void begin(std::string_view type) {
    json_.begin_object();
    json_.key("type").text(type);
  }
  void end(const Part& part) {
    if (writes_cache_mark(with_, part)) {
      const bool is_long = part.cache == chat::CacheMark::kLong;
      json_.key("prompt_cache_breakpoint")
          .raw(is_long ? R"({"mode":"explicit","ttl":"12h"})" : R"({"mode":"explicit","ttl":"30m"})");
    }
    json_.end_object();
  }

  void write_text(json::Escaped text, const Part& part) {
    begin("input_text");
    json_.key("text").text(text);
    end(part);
  }

  // A text that is copied inside of quotes.
  void write_quoted(std::string_view key, std::string text) { json_.key(key).text(json::Escaped{text}); }

  // Only ids of OpenAI's own form can be files that this provider has.
  bool has_file(const Media& media) const { return with_.own || media.data.raw.starts_with("file-"); }

  Status write_image(const Part& part) {
    const Media& media = part.media;
    if (media.form == Media::Form::kText) return refuse("holds an image as text, which is not supported");
    if (media.form == Media::Form::kFile && !has_file(media))
      return refuse("names a file of another provider, which is not supported");
    begin("input_image");
    if (media.form == Media::Form::kInline) {
      write_quoted("image_url", data_url(media, "image/png"));
    } else {
      json_.key(media.form == Media::Form::kUrl ? "image_url" : "file_id").text(media.data);
    }
    constexpr std::array<std::string_view, 4> kDetails{"low", "high", "auto", "original"};
    const bool known = std::ranges::find(kDetails, media.detail.raw) != kDetails.end();
    if (!known && !media.detail.empty()) note_lost(with_.out, "image.detail");
    json_.key("detail").text(known ? media.detail.raw : "auto");
    end(part);
    return {};
  }

  Status write_document(const Part& part) {
    const Media& media = part.media;
    if (media.form == Media::Form::kText) {
      write_text({headed_text(media, media.data.raw)}, part);
      return {};
    }
    if (!media.context.empty()) note_lost(with_.out, "document.context");
    if (media.form == Media::Form::kFile && !has_file(media))
      return refuse("names a file of another provider, which is not supported");
    begin("input_file");
    if (media.form == Media::Form::kInline) {
      const bool stays = with_.own && !media.name.empty();
      write_quoted("filename", stays ? std::string(media.name.raw) : file_name(media));
      write_quoted("file_data", data_url(media, "application/pdf"));
    } else {
      if (!media.name.empty()) note_lost(with_.out, "document.title");
      json_.key(media.form == Media::Form::kUrl ? "file_url" : "file_id").text(media.data);
    }
    end(part);
    return {};
  }

  Status write_audio(const Part& part) {
    if (part.media.form != Media::Form::kInline)
      return refuse("holds audio that is not inline, which is not supported");
    begin("input_audio");
    json_.key("input_audio").begin_object();
    json_.key("data").text(part.media.data);
    json_.key("format").text(json::Escaped{audio_format(part.media.type.raw)});
    json_.end_object();
    end(part);
    return {};
  }

  const Composing& with_;
  json::Writer& json_;
};

}  // namespace

bool is_empty_text(const Part& part) {
  return (part.kind == PartKind::kText || part.kind == PartKind::kRefusal) && part.text.empty();
}

bool writes_cache_mark(const Composing& with, const Part& part) {
  return part.cache != chat::CacheMark::kNone && (with.own || with.request.has(Field::kCacheKey));
}

void note_lost(Outgoing& out, std::string path, chat::Unplaced unplaced) {
  if (std::ranges::find(out.lost, path, &chat::Request::Lost::path) != out.lost.end()) return;
  out.lost.push_back({std::move(path), unplaced, {}});
}

Status write_parts(const Composing& with, std::span<const Part> parts, json::Writer& json) {
  PartWriter writer(with, json);
  json.begin_array();
  for (const Part& part : parts) {
    if (is_empty_text(part)) continue;
    if (Status status = writer.write(part); !status) return status;
  }
  json.end_array();
  return {};
}

Status write_answer_parts(const Composing& with, std::span<const Part> parts, json::Writer& json) {
  json.begin_array();
  for (const Part& part : parts) {
    if (is_empty_text(part)) continue;
    const bool refusal = part.kind == PartKind::kRefusal;
    if (part.kind != PartKind::kText && !refusal) {
      return unsupported(with.request.path(Field::kMessages),
                         "holds an image, audio or file that the model made, which is not supported",
                         with.target.provider, with.target.model);
    }
    json.begin_object();
    json.key("type").raw(refusal ? R"("refusal")" : R"("output_text")");
    json.key(refusal ? "refusal" : "text").text(part.text);
    if (!refusal) json.key("annotations").begin_array().end_array();
    if (!part.citations.empty()) note_lost(with.out, "message.citations", chat::Unplaced::kSilent);
    json.end_object();
  }
  json.end_array();
  return {};
}

}  // namespace sluice::dialect::responses
