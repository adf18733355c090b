#include "dialect/openai/content.h"

#include "base/text.h"
#include "dialect/fields.h"

namespace sluice::dialect::openai {

namespace {

using chat::CacheMark;
using chat::Media;
using chat::Part;
using chat::PartKind;
using json::Escaped;

// A data: URL's media type and base64.
struct DataUrl {
  std::string_view type;
  std::string_view base64;
};

std::optional<DataUrl> split_data_url(std::string_view url) {
  constexpr std::string_view kScheme = "data:";
  if (!iequals(url.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  const std::string_view rest = url.substr(kScheme.size());
  const auto comma = rest.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const std::string_view head = rest.substr(0, comma);
  if (!head.ends_with(";base64")) return std::nullopt;
  return DataUrl{head.substr(0, head.find(';')), rest.substr(comma + 1)};
}

// Reads a part member by member; its type may come last.
class PartReader {
 public:
  PartReader(Reading& read, const std::string& path, chat::Request& request)
      : read_(read), path_(path), request_(request) {}

  std::optional<Part> run() {
    const bool is_object = json::each_member(read_.cursor(), [&](std::string_view key) { member(key); });
    if (!is_object) read_.refuse(path_, "must be an object.", "invalid_type");
    if (!read_.ok()) return std::nullopt;
    if (!type_) read_.miss(inner("type"));
    if (type_) build();
    if (!read_.ok()) return std::nullopt;
    if (part_.media.form == Media::Form::kUrl) part_.media.place = request_.texts.keep(path_);
    return std::move(part_);
  }

 private:
  std::string inner(std::string_view name) const { return path_ + "." + std::string(name); }

  void member(std::string_view key) {
    if (key == "type") {
      type_ = read_.string(inner(key));
    } else if (key == "text") {
      text_ = read_.string(inner(key));
    } else if (key == "refusal") {
      refusal_ = read_.string(inner(key));
    } else if (key == "image_url" && read_.is_string()) {
      url_ = read_.string(inner(key));  // some clients leave the object out
    } else if (key == "image_url" || key == "input_audio" || key == "file") {
      object(key);
    } else if (key == "prompt_cache_breakpoint" || key == "cache_control") {
      part_.cache = mark();
    } else {
      take_unknown(inner(key), read_.cursor(), request_);
    }
  }

  void object(std::string_view key) {
    const bool is_object = json::each_member(read_.cursor(), [&](std::string_view name) {
      const std::string path = inner(key) + "." + std::string(name);
      if (std::optional<Escaped>* where = place(key, name)) {
        *where = read_.string(path);
      } else {
        take_unknown(path, read_.cursor(), request_);
      }
    });
    if (!is_object) read_.refuse(inner(key), "must be an object.", "invalid_type");
  }

  std::optional<Escaped>* place(std::string_view key, std::string_view name) {
    if (key == "image_url") return name == "url" ? &url_ : name == "detail" ? &detail_ : nullptr;
    if (key == "input_audio") return name == "data" ? &data_ : name == "format" ? &format_ : nullptr;
    return name == "file_data" ? &data_ : name == "file_id" ? &file_id_ : name == "filename" ? &filename_ : nullptr;
  }

  // {"mode": "explicit", "ttl": "12h"}, and Anthropic's {"type": "ephemeral", "ttl": "1h"}.
  CacheMark mark() {
    auto found = CacheMark::kShort;
    const bool is_object = json::each_member(read_.cursor(), [&](std::string_view key) {
      if (key != "ttl") return;
      const auto ttl = json::take_string(read_.cursor()).value_or(Escaped{});
      if (ttl.raw == "12h" || ttl.raw == "1h") found = CacheMark::kLong;
    });
    return is_object ? found : CacheMark::kNone;
  }

  void build() {
    const std::string_view type = type_->raw;
    if (type == "text") return build_text(PartKind::kText, text_);
    if (type == "refusal") return build_text(PartKind::kRefusal, refusal_);
    if (type == "image_url") return build_image();
    if (type == "input_audio") return build_audio();
    if (type == "file") return build_file();
    read_.refuse(inner("type"), "must be text, refusal, image_url, input_audio or file.");
  }

  void build_text(PartKind kind, const std::optional<Escaped>& text) {
    if (!text) return read_.miss(inner(type_->raw));
    part_.kind = kind;
    part_.text = *text;
  }

  void build_image() {
    if (!url_) return read_.miss(inner("image_url.url"));
    part_.kind = PartKind::kImage;
    part_.media = media_of(*url_, request_.texts);
    part_.media.detail = detail_.value_or(Escaped{});
  }

  void build_audio() {
    if (!data_) return read_.miss(inner("input_audio.data"));
    if (!format_) return read_.miss(inner("input_audio.format"));
    part_.kind = PartKind::kAudio;
    part_.media.type = {request_.texts.keep("audio/" + std::string(format_->raw))};
    part_.media.data = *data_;
  }

  void build_file() {
    if (!data_ && !file_id_) return read_.miss(inner("file.file_data"));
    part_.kind = PartKind::kDocument;
    if (data_) {
      part_.media = media_of(*data_, request_.texts);
      const bool is_address = part_.media.data.raw.starts_with("http");
      if (part_.media.form == Media::Form::kUrl && !is_address) {  // base64 without the head of a data: URL
        part_.media.form = Media::Form::kInline;
        part_.media.type = {"application/pdf"};
      }
    } else {
      part_.media.form = Media::Form::kFile;
      part_.media.data = *file_id_;
    }
    part_.media.name = filename_.value_or(Escaped{});
  }

  Reading& read_;
  const std::string& path_;
  chat::Request& request_;
  Part part_;
  std::optional<Escaped> type_, text_, refusal_, url_, detail_, data_, format_, file_id_, filename_;
};

}  // namespace

std::optional<Part> read_part(Reading& read, const std::string& path, chat::Request& request) {
  return PartReader(read, path, request).run();
}

chat::State read_thought_signature(json::Cursor& cursor) {
  chat::State state;
  json::each_member(cursor, [&](std::string_view key) {
    if (key != "google") return;
    json::each_member(cursor, [&](std::string_view inner) {
      if (inner != "thought_signature") return;
      const Escaped data = json::take_string(cursor).value_or(Escaped{});
      if (!data.empty()) state = {.kind = chat::State::Kind::kThought, .data = data};
    });
  });
  return state;
}

Media media_of(Escaped url, chat::Texts& texts) {
  std::string_view plain = url.raw;
  const bool is_escaped = plain.find('\\') != std::string_view::npos;
  if (is_escaped) plain = texts.keep(json::plain(url));
  const auto data = split_data_url(plain);
  Media media;
  if (!data) {
    media.form = Media::Form::kUrl;
    media.data = url;
  } else if (is_escaped) {
    media.type = texts.escaped(data->type);
    media.data = texts.escaped(data->base64);
  } else {
    media.type = {data->type};
    media.data = {data->base64};
  }
  return media;
}

}  // namespace sluice::dialect::openai
