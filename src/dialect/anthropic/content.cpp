// The blocks of requests: read_content() of request.h.
#include <algorithm>

#include "dialect/anthropic/request.h"

namespace sluice::dialect::anthropic {

namespace {

using chat::Media;
using chat::Part;
using chat::PartKind;
using chat::State;
using json::Escaped;

constexpr std::size_t kDeepest = 8;  // results hold documents, which hold blocks: that is all there is

// What the members of a block say, whatever its type.
struct Members {
  Escaped text, title, context, thinking, signature, data, id, name, tool_use_id, source_text;
  std::string_view input, citations;
  Media media;
  std::vector<Part> content;
  bool has_source = false;
  bool is_error = false;
  chat::CacheMark cache = chat::CacheMark::kNone;
};

class BlockReader {
 public:
  BlockReader(Ask& ask, std::string path, std::size_t depth) : ask_(ask), path_(std::move(path)), depth_(depth) {}

  std::vector<Part> read_all() {
    std::vector<Part> parts;
    if (ask_.in.is_string()) {
      Part part;
      const std::size_t begin = ask_.cursor().offset();
      part.text = ask_.text(path_);
      part.raw = ask_.since(begin);
      parts.push_back(std::move(part));
    } else if (depth_ > kDeepest) {
      ask_.in.any();
      ask_.in.refuse(path_, "is nested too deeply.");
    } else if (ask_.in.is_array() || ask_.in.is_null()) {
      ask_.each_element(path_, [&](std::size_t index) { parts.push_back(read_block(at(path_, index))); });
    } else {
      ask_.in.any();
      if (!ask_.cursor().broken()) ask_.in.refuse(path_, "must be a string or an array of blocks.", "invalid_type");
    }
    return parts;
  }

 private:
  Part read_block(const std::string& path) {
    const std::size_t begin = ask_.cursor().offset();
    const Escaped type = peek_type(ask_.cursor());
    Part part;
    if (!ask_.in.is_object()) {
      ask_.in.any();
      ask_.in.refuse(path, "must be an object.", "invalid_type");
      return part;
    }
    if (type.empty()) ask_.in.miss(path + ".type");
    if (is_known(type.raw)) {
      part = make(type.raw, read_members(path, type.raw), path);
    } else {
      part.kind = PartKind::kServerItem;
      part.name = type;
      ask_.in.any();
    }
    part.raw = ask_.since(begin);
    return part;
  }

  static bool is_known(std::string_view type) {
    return type == "text" || type == "image" || type == "document" || type == "search_result" || type == "thinking" ||
           type == "redacted_thinking" || type == "tool_use" || type == "tool_result" || type == "tool_reference";
  }

  Members read_members(const std::string& path, std::string_view type) {
    Members members;
    ask_.each_member(path, [&](std::string_view key) { read_member(std::string(key), path, type, members); });
    return members;
  }

  void read_member(const std::string& key, const std::string& path, std::string_view type, Members& into) {
    const std::string at_key = path + "." + key;
    if (key == "type") {
      ask_.in.any();
    } else if (key == "text") {
      into.text = ask_.text(at_key);
    } else if (key == "cache_control") {
      into.cache = read_cache(ask_, at_key);
    } else if (key == "source") {
      into.has_source = true;
      if (type == "search_result") {
        into.context = ask_.text(at_key);
      } else {
        read_source(at_key, into);
      }
    } else if (key == "content") {
      into.content = BlockReader(ask_, at_key, depth_ + 1).read_all();
    } else if (key == "tool_name" && type == "tool_reference") {
      into.name = ask_.text(at_key);
    } else if (key == "citations") {
      into.citations = ask_.in.any();
    } else if (!read_word(key, at_key, into)) {
      ask_.take_other("messages[].content[]." + key, at_key);
    }
  }

  // Members that are one value.
  bool read_word(std::string_view key, const std::string& path, Members& into) {
    if (key == "title") {
      into.title = ask_.text(path);
    } else if (key == "context") {
      into.context = ask_.text(path);
    } else if (key == "thinking") {
      into.thinking = ask_.text(path);
    } else if (key == "signature") {
      into.signature = ask_.text(path);
    } else if (key == "data") {
      into.data = ask_.text(path);
    } else if (key == "id") {
      into.id = ask_.text(path);
    } else if (key == "name") {
      into.name = ask_.text(path);
    } else if (key == "tool_use_id") {
      into.tool_use_id = ask_.text(path);
    } else if (key == "is_error") {
      into.is_error = ask_.in.boolean(path).value_or(false);
    } else if (key == "input") {
      into.input = ask_.in.object(path);
    } else {
      return false;
    }
    return true;
  }

  void read_source(const std::string& path, Members& into) {
    Escaped type;
    Media& media = into.media;
    ask_.each_member(path, [&](std::string_view key) {
      const std::string at_key = path + "." + std::string(key);
      if (key == "type") type = ask_.text(at_key);
      if (key == "media_type") media.type = ask_.text(at_key);
      if (key == "data" || key == "url" || key == "file_id") media.data = ask_.text(at_key);
      if (key == "content") into.content = BlockReader(ask_, at_key, depth_ + 1).read_all();
    });
    if (type.raw == "base64") {
      media.form = Media::Form::kInline;
    } else if (type.raw == "url") {
      media.form = Media::Form::kUrl;
    } else if (type.raw == "file") {
      media.form = Media::Form::kFile;
    } else if (type.raw == "text" || type.raw == "content") {
      media.form = Media::Form::kText;
    } else {
      ask_.in.refuse(path + ".type", "must be base64, url, file, text or content.");
    }
    if (type.raw != "content" && media.data.empty() && type.raw != "text") ask_.in.miss(path);
  }

  Part make(std::string_view type, Members members, const std::string& path) {
    Part part;
    part.cache = members.cache;
    if (type == "text") {
      part.text = members.text;
      part.citations = members.citations == "null" ? std::string_view() : members.citations;
    } else if (type == "tool_reference") {
      part.text = members.name;  // what it says to other APIs
    } else if (type == "thinking" || type == "redacted_thinking") {
      part.kind = PartKind::kReasoning;
      part.text = members.thinking;
      const bool shown = type == "thinking";
      part.state = {.kind = shown ? State::Kind::kSignature : State::Kind::kRedacted,
                    .data = shown ? members.signature : members.data,
                    .origin = {}};
    } else if (type == "tool_use") {
      part.kind = PartKind::kCall;
      part.id = members.id;
      part.name = members.name;
      part.arguments = members.input.empty() ? "{}" : members.input;
      if (part.id.empty()) ask_.in.miss(path + ".id");
      if (part.name.empty()) ask_.in.miss(path + ".name");
    } else if (type == "tool_result") {
      part.kind = PartKind::kResult;
      part.id = members.tool_use_id;
      part.is_error = members.is_error;
      part.content = std::move(members.content);
      if (part.id.empty()) ask_.in.miss(path + ".tool_use_id");
    } else {
      make_medium(type, std::move(members), path, part);
    }
    return part;
  }

  void make_medium(std::string_view type, Members members, const std::string& path, Part& part) {
    part.media = members.media;
    if (part.media.form == Media::Form::kUrl) part.media.place = ask_.request.texts.keep(path);
    if (!members.has_source) ask_.in.miss(path + ".source");
    if (type == "image") {
      part.kind = PartKind::kImage;
      return;
    }
    part.kind = PartKind::kDocument;
    part.citations = members.citations == "null" ? std::string_view() : members.citations;
    part.media.name = members.title;
    part.media.context = members.context;
    const bool made_of_blocks = type == "search_result" || !members.content.empty();
    if (!made_of_blocks) return;
    part.media.form = Media::Form::kText;
    part.media.type = {"text/plain"};
    const bool only_texts =
        std::ranges::all_of(members.content, [](const Part& block) { return block.kind == PartKind::kText; });
    if (only_texts) {
      part.media.data = joined(members.content);
    } else {
      part.kind = PartKind::kServerItem;  // no other API has documents with images in them
      part.name = {"document"};
    }
  }

  Escaped joined(const std::vector<Part>& texts) {
    if (texts.empty()) return {};
    if (texts.size() == 1) return texts.front().text;
    std::string all;
    for (const Part& part : texts) {
      if (!all.empty()) all += R"(\n\n)";
      all += part.text.raw;
    }
    return {ask_.request.texts.keep(std::move(all))};
  }

  Ask& ask_;
  std::string path_;
  std::size_t depth_;
};

}  // namespace

std::vector<Part> read_content(Ask& ask, const std::string& path) {
  return BlockReader(ask, path, 0).read_all();
}

}  // namespace sluice::dialect::anthropic
