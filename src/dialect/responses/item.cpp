#include "dialect/responses/item.h"

namespace sluice::dialect::responses {

namespace {

class ItemReader {
 public:
  ItemReader(std::string_view text, json::Cursor& cursor) : text_(text), cursor_(cursor) {}

  std::optional<Item> read() {
    const std::size_t begin = cursor_.offset();
    const bool is_object = json::each_member(cursor_, [&](std::string_view key) { member(std::string(key)); });
    if (!is_object) return std::nullopt;
    item_.raw = text_.substr(begin, cursor_.end_of_last() - begin);
    return std::move(item_);
  }

 private:
  void complain(std::string member, std::string_view why) {
    if (!item_.complaint && !cursor_.broken()) item_.complaint = Item::Complaint{std::move(member), why};
  }

  std::optional<json::Escaped> string(const std::string& member) {
    const json::Kind kind = cursor_.kind();
    auto text = json::take_string(cursor_);
    if (!text && kind == json::Kind::kString) complain(member, "holds a broken escape.");
    if (!text && kind != json::Kind::kString && kind != json::Kind::kNull) complain(member, "must be a string.");
    return text;
  }

  void member(const std::string& key) {
    if (key == "type") {
      item_.type = string(key).value_or(json::Escaped{});
    } else if (key == "role") {
      item_.role = string(key).value_or(json::Escaped{});
    } else if (key == "id") {
      item_.id = string(key);
    } else if (key == "call_id") {
      item_.call_id = string(key);
    } else if (key == "name") {
      item_.name = string(key);
    } else if (key == "arguments") {
      item_.arguments = string(key);
    } else if (key == "input") {
      item_.input = string(key);
    } else if (key == "encrypted_content") {
      item_.encrypted_content = string(key);
    } else if (key == "content") {
      body(key, item_.content);
    } else if (key == "output") {
      body(key, item_.output);
    } else if (key == "summary") {
      body(key, item_.summary);
    } else if (key != "status" && cursor_.kind() != json::Kind::kNull) {
      item_.unknown.push_back(key);
    }
  }

  void body(const std::string& name, Item::Body& body) {
    using enum Item::Body::Shape;
    body = {};
    switch (cursor_.kind()) {
      case json::Kind::kString:
        body.shape = kText;
        body.text = string(name).value_or(json::Escaped{});
        return;
      case json::Kind::kArray:
        body.shape = kList;
        json::each_element(cursor_, [&](std::size_t index) { part(name + "[" + std::to_string(index) + "]", body); });
        return;
      case json::Kind::kNull:
        cursor_.skip();
        return;
      default:
        cursor_.skip();
        body.shape = kOther;
        complain(name, "must be a string or a list of parts.");
    }
  }

  void part(const std::string& path, Item::Body& body) {
    Content content;
    const bool is_object = json::each_member(
        cursor_, [&](std::string_view key) { part_member(path + "." + std::string(key), key, content); });
    if (!is_object) complain(path, "must be an object.");
    body.parts.push_back(std::move(content));
  }

  void part_member(const std::string& path, std::string_view key, Content& content) {
    if (key == "type") {
      content.type = string(path).value_or(json::Escaped{});
    } else if (key == "text") {
      content.text = string(path);
    } else if (key == "refusal") {
      content.refusal = string(path);
    } else if (key == "image_url") {
      content.image_url = string(path);
    } else if (key == "file_id") {
      content.file_id = string(path);
    } else if (key == "file_data") {
      content.file_data = string(path);
    } else if (key == "file_url") {
      content.file_url = string(path);
    } else if (key == "filename") {
      content.filename = string(path);
    } else if (key == "detail") {
      content.detail = string(path);
    } else if (key == "input_audio") {
      audio(path, content);
    } else if (key == "prompt_cache_breakpoint") {
      breakpoint(path, content);
    } else if (key == "annotations") {
      content.annotations = cursor_.skip();
    } else if (key == "logprobs") {
      content.logprobs = cursor_.skip();
    } else if (cursor_.kind() != json::Kind::kNull) {
      content.unknown.emplace_back(key);
    }
  }

  void audio(const std::string& path, Content& content) {
    const bool is_object = json::each_member(cursor_, [&](std::string_view key) {
      if (key == "data") {
        content.audio_data = string(path + ".data");
      } else if (key == "format") {
        content.audio_format = string(path + ".format");
      }
    });
    if (!is_object) complain(path, "must be an object.");
  }

  // Without a term it is the short one.
  void breakpoint(const std::string& path, Content& content) {
    if (cursor_.kind() == json::Kind::kNull) return;
    content.cache = chat::CacheMark::kShort;
    const bool is_object = json::each_member(cursor_, [&](std::string_view key) {
      if (key != "ttl") return;
      const auto ttl = string(path + ".ttl");
      if (ttl && ttl->raw == "12h") content.cache = chat::CacheMark::kLong;
    });
    if (!is_object) complain(path, "must be an object.");
  }

  std::string_view text_;
  json::Cursor& cursor_;
  Item item_;
};

json::Escaped joined(const std::vector<Content>& parts, chat::Texts& texts) {
  const Content* only = nullptr;
  std::size_t count = 0;
  for (const Content& part : parts) {
    if (!part.text) continue;
    only = &part;
    ++count;
  }
  if (count == 0) return {};
  if (count == 1) return *only->text;
  std::string text;
  for (const Content& part : parts) {
    if (!part.text) continue;
    if (!text.empty()) text += "\\n\\n";
    text += part.text->raw;
  }
  return {texts.keep(std::move(text))};
}

}  // namespace

std::optional<Item> read_item(std::string_view text, json::Cursor& cursor) {
  return ItemReader(text, cursor).read();
}

json::Escaped reasoning_text(const Item& item, chat::Texts& texts) {
  const json::Escaped summary = joined(item.summary.parts, texts);
  return summary.empty() ? joined(item.content.parts, texts) : summary;
}

}  // namespace sluice::dialect::responses
